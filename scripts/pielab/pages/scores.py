"""Show the scores of each method and level."""

from collections.abc import Collection
from typing import Any

import numpy as np
import pandas as pd

from pielab.stats.distributions import student_tail
from pielab.vocabulary import MODELS


def display_rows(table: pd.DataFrame, collapsed: Collection[tuple]) -> list[dict]:
    """Return effectiveness_table for reading: for each dataset and model its methods' cells.

    `levels` are those over 0 as they are said; a row has a `method` and, for what is not compressed
    and each level, `words` (mean and standard deviation in percent, nothing where there is no cell)
    and `best`: the mean surely lies above those of all other methods.

    Parameters
    ----------
    table : DataFrame
        effectiveness.csv with `level`, from cells.with_levels.
    collapsed : collection of tuple
        dataset, model, method and level of what has collapsed, which is never the best.
    """
    shown = []
    for (dataset, model), of_pair in table.groupby(["dataset", "model"], sort=False):
        compressed = of_pair[of_pair["is_compressed"]].sort_values("level", kind="stable")
        levels = list(dict.fromkeys(compressed["level_text"]))
        rows = []
        for method, cells in of_pair.groupby("method", sort=False):
            by_level = {
                cell.level_text if cell.is_compressed else 0: cell for cell in cells.itertuples()
            }
            of_method = [_shown(by_level.get(level), of_pair, collapsed) for level in (0, *levels)]
            rows.append({"method": method, "cells": of_method})
        shown.append({"pair": f"{dataset}, {model}", "levels": levels, "rows": rows})
    return shown


def _shown(cell: Any, of_pair: pd.DataFrame, collapsed: Collection[tuple]) -> dict:
    if cell is None:
        return {"words": "", "best": False}
    works = tuple(getattr(cell, name) for name in MODELS) not in collapsed
    others = of_pair[
        (of_pair["level_text"] == cell.level_text) & (of_pair["method"] != cell.method)
    ]
    is_best = bool(cell.is_compressed and works and len(others) and _leads(cell, others))
    return {"words": _words(cell.mean, cell.std), "best": is_best}


def _leads(cell: Any, others: pd.DataFrame) -> bool:
    """Return whether a mean lies above all others, by Welch's test at 5 %, two-sided, each."""
    mean, std, seeds = (others[name].to_numpy(dtype=float) for name in ("mean", "std", "seeds"))
    variance, theirs = np.float64(cell.std**2 / cell.seeds), std**2 / seeds
    with np.errstate(divide="ignore", invalid="ignore"):
        statistic = (cell.mean - mean) / np.sqrt(variance + theirs)
        freedom = (variance + theirs) ** 2 / (
            variance**2 / (np.float64(cell.seeds) - 1) + theirs**2 / (seeds - 1)
        )
    freedom = np.where(np.isnan(freedom), 1.0, freedom)  # nothing varies
    return bool((2 * student_tail(statistic, freedom) <= 0.05).all())


def _words(mean: float, std: float) -> str:
    spread = "" if np.isnan(std) else f" ({100 * std:.1f})"
    return f"{100 * mean:.1f}{spread}"
