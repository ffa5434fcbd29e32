"""What a figure rests on, said in its corner, and which of its panels are empty."""

from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.collections import Collection, PathCollection
from matplotlib.figure import Figure

from pielab.figures.panels import say


def note(tables: dict[str, pd.DataFrame], split: str) -> str:
    """Return how many examples of a split and how many seeds a figure rests on, draws left out.

    Parameters
    ----------
    tables : dict
        Of them pies.csv of the test split, and for the training split influence_bins.csv.
    """
    pies = tables["pies"]
    examples = pies.groupby("dataset", sort=False)["examples"].first()
    if split == "train":
        bins = tables["influence_bins"].drop_duplicates(["dataset", "bin"])
        examples = bins.groupby("dataset", sort=False)["examples"].sum()
    seeds = pies.groupby("model", sort=False)["replicates"].agg(["min", "max"]).astype(int)
    of_models = pd.Series(
        [f"{low}" if low == high else f"{low} to {high}" for low, high in seeds.to_numpy()],
        index=seeds.index,
        dtype=object,
    )
    of_datasets = examples.map("{:,}".format)
    words = "training" if split == "train" else "test"
    differ_by = (
        replicates_of(pies)
        if seeds["max"].max() > 1
        else replicates_of(pies).replace("s ", " ")[:-1]
    )
    return f"n: {_listed(of_datasets)} {words} examples, {_listed(of_models)} {differ_by}"


def replicates_of(pies: pd.DataFrame) -> str:
    """Return what replicates are: seeds, reruns, or draws for a single model."""
    kinds = dict.fromkeys(
        kind.partition(" ")[0] for kind in sorted(pies["differ_by"], reverse=True)
    )
    return " or ".join(f"{kind}s" for kind in kinds)


def _listed(numbers: pd.Series) -> str:
    """Return the numbers with their names, or the one that all have."""
    if numbers.nunique() == 1:
        return numbers.iloc[0]
    return ", ".join(f"{number} ({name})" for name, number in numbers.items())


def say_what_is_empty(figure: Figure, words: str) -> None:
    """Write into each panel without any data why it has none."""
    for panel in figure.axes:
        if panel.get_visible() and panel.axison and not panel.texts and not _has_data(panel):
            say(panel, words)


def _has_data(panel: Axes) -> bool:
    """Return whether a panel has a point, a bar or a field; levels right across are none."""
    lines = [line for line in panel.lines if line.get_transform() == panel.transData]
    if any(np.isfinite(line.get_xydata()).all(axis=1).any() for line in lines):
        return True
    if any(bar.get_height() for container in panel.containers for bar in container):
        return True
    return any(_is_drawn(artist) for artist in panel.collections)


def _is_drawn(collection: Collection) -> bool:
    if isinstance(collection, PathCollection):
        return bool(_is_known(collection.get_offsets()).all(axis=1).any())
    field = collection.get_array()
    return field is not None and bool(_is_known(field).any())


def _is_known(values: Any) -> np.ndarray:
    return np.isfinite(np.ma.filled(np.ma.asarray(values, dtype=float), np.nan))
