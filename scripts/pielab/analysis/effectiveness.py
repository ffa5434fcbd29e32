"""Summarise the scores of all cells and hold them against the published ones."""

from collections.abc import Mapping

import numpy as np
import pandas as pd

from pielab.vocabulary import MODELS

PRESENCE = {"both": "both", "left_only": "absent from the paper", "right_only": "absent here"}


def effectiveness_table(scores: pd.DataFrame, units: Mapping[str, str]) -> pd.DataFrame:
    """Return one row a cell: `seeds`, `mean` and `std` (ddof 1, NaN with one seed) of the score.

    `best` marks the highest mean among the compressing methods at the same level, all equals;
    levels of different units are not the same.

    Parameters
    ----------
    scores : DataFrame
        scores.csv: dataset, model, method, level, seed, score.
    units : mapping
        The unit of the levels, such as percent or bits, for each method that compresses.
    """
    groups = scores.groupby(list(MODELS), sort=False)["score"]
    table = groups.agg(seeds="size", mean="mean", std="std").reset_index()
    level = ["dataset", "model", "level", table["method"].map(units).fillna("")]
    highest = table.groupby(level)["mean"].transform("max")
    return table.assign(best=(table["mean"] == highest) & table["method"].isin(units))


def compare_with_paper(
    ours: pd.DataFrame, published: pd.DataFrame, published_as: Mapping[str, str]
) -> pd.DataFrame:
    """Return one row a cell of the study or the paper, matched by dataset, model and method.

    Parameters
    ----------
    ours : DataFrame
        From effectiveness_table.
    published : DataFrame
        dataset, model, method, sparsity (percent), mean, std, all of them for pruning.
    published_as : mapping
        The paper's name of our datasets that are the paper's; of others a name says nothing.

    Returns
    -------
    DataFrame
        The cell, `mean` and `std` of ours, `paper_mean`, `paper_std`, `difference` (ours -
        published), `difference_in_std` (the same in published standard deviations, NaN if that
        is zero), and `found`: both, absent from the paper, or absent here.
    """
    theirs = published.rename(
        columns={
            **{"mean": "paper_mean", "std": "paper_std"},
            **{"dataset": "published_as", "sparsity": "level"},
        }
    )
    theirs = theirs.assign(level=theirs["level"].astype(float))
    scores = ours[[*MODELS, "mean", "std"]].assign(
        level=ours["level"].astype(float),
        published_as=ours["dataset"].map(published_as).astype(object),
    )
    keys = ["published_as", *MODELS[1:]]
    table = scores.merge(theirs, on=keys, how="outer", indicator="found")
    table["dataset"] = table["dataset"].fillna(table.pop("published_as"))
    table["difference"] = table["mean"] - table["paper_mean"]
    table["difference_in_std"] = table["difference"] / table["paper_std"].replace(0, np.nan)
    presence = table.pop("found").astype(str).map(PRESENCE)
    return table.assign(found=presence).sort_values(["found", *MODELS], ignore_index=True)
