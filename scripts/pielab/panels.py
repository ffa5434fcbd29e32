"""Panels by dataset and model, with one legend below them all."""

from collections.abc import Iterable, Sequence

import numpy as np
import pandas as pd
from matplotlib import pyplot as plt
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from pielab.plots import PANEL


def pairs_of(table: pd.DataFrame) -> list[tuple[str, str]]:
    """Return the datasets and models of a table, in its order."""
    pairs = table[["dataset", "model"]].drop_duplicates()
    return list(pairs.itertuples(index=False, name=None))


def of_pair(table: pd.DataFrame, pair: tuple[str, str]) -> pd.DataFrame:
    """Return the pruned cells of a dataset and model."""
    dataset, model = pair
    return table[
        (table["dataset"] == dataset) & (table["model"] == model) & (table["sparsity"] > 0)
    ]


def grid(rows: int, columns: int, width: float, height: float, **options) -> tuple:
    """Return a figure and its axes (rows, columns), in panels of so many inches."""
    size = (width * columns + 0.3, height * rows + 0.5)
    figure, axes = plt.subplots(
        *(rows, columns), **dict(figsize=size, squeeze=False, layout="constrained") | options
    )
    for one in axes.flat:
        one.set_axisbelow(True)
    return figure, axes


def panels(
    table: pd.DataFrame, width: float = 3.3, height: float | Sequence[float] = PANEL[1]
) -> tuple:
    """Return a figure, and its titled panels by dataset and model, two in a row.

    Of a height for each pair the greater of a row counts.
    """
    pairs = pairs_of(table)
    each = np.broadcast_to(height, len(pairs))
    heights = [each[start : start + 2].max() for start in range(0, len(pairs), 2)]
    shape = (len(heights), min(2, len(pairs)))
    figure, axes = grid(*shape, width, np.mean(heights), height_ratios=heights)
    for one in axes.flat[len(pairs) :]:
        one.set_visible(False)
    used = dict(zip(pairs, axes.flat, strict=False))
    for pair, one in used.items():
        one.set_title(", ".join(pair))
    return figure, used


def labelled(axes: Iterable[Axes]) -> dict[str, Artist]:
    """Return what the axes have drawn by its label, each once."""
    found = {}
    for one in axes:
        handles, labels = one.get_legend_handles_labels()
        found |= dict(zip(labels, handles, strict=True))
    return found


def legend(figure: Figure, handles: dict[str, Artist], title: str | None = None) -> None:
    """Put one legend below all panels, in as many columns as fit."""
    width = 0.7 + 0.065 * max(map(len, handles))  # inches, at 8 points
    fitting = max(1, min(len(handles), int(figure.get_figwidth() / width)))
    place = dict(loc="outside lower center", ncols=fitting, frameon=False)
    figure.legend(handles.values(), handles, title=title, **place)
