"""What compression costs and gives: size against flips and score, and whose flips they are."""

import numpy as np
import pandas as pd

from pielab.vocabulary import KEYS

TAKEN = (
    "level_text",
    "differ_by",
    "seeds",
    "replicates",
    "collapsed",
    "examples",
    "pies",
    "score_baseline",
    "score_compressed",
    "negative_flips",
    "negative_flip_floor",
    "negative_flip_excess",
    "negative_flip_excess_low",
    "negative_flip_excess_high",
    "excess",
    "excess_low",
    "excess_high",
)


def frontier(cells: list[dict], flips: list[np.ndarray], pies: pd.DataFrame) -> pd.DataFrame:
    """Return one row a cell: its size, its cost, and how many negative flips are its own.

    Parameters
    ----------
    cells : list of dict
        KEYS, `bytes`, `dense_bytes` and `level_reached` (NaN for models that were trained
        elsewhere).
    flips : list of bool (examples,)
        The negative flips of each cell in the test split.
    pies : DataFrame
        pies.csv.

    Returns
    -------
    DataFrame
        With `size_share`, a fraction of the dense size; `score_change`, compressed minus baseline;
        `own_negative_flips`, those of no other method of the pair at any level;
        `shared_negative_flips`, those that all methods of the pair have at some level
        (NaN of one method).
    """
    tested = pies.loc[pies["split"] == "test", [*KEYS, *TAKEN]]
    sized = pd.DataFrame(cells, columns=[*KEYS, "bytes", "dense_bytes", "level_reached"])
    table = sized.astype({"level": float}).merge(
        tested, on=list(KEYS), how="left", validate="one_to_one"
    )
    table["size_share"] = table["bytes"] / table["dense_bytes"]
    table["score_change"] = table["score_compressed"] - table["score_baseline"]
    whose = [_whose(index, cells, flips) for index in range(len(cells))]
    return table.join(pd.DataFrame(whose, columns=["own_negative_flips", "shared_negative_flips"]))


def _whose(index: int, cells: list[dict], flips: list[np.ndarray]) -> tuple[float, float]:
    """Return how many negative flips only a cell's method has, and how many all methods have."""
    by_method: dict[str, np.ndarray] = {}
    for cell, flipped in zip(cells, flips, strict=True):
        if all(cell[name] == cells[index][name] for name in ("dataset", "model")):
            method = cell["method"]
            by_method[method] = flipped | by_method.get(method, np.zeros_like(flipped))
    others = [flipped for method, flipped in by_method.items() if method != cells[index]["method"]]
    if not others:
        return np.nan, np.nan
    mine = flips[index]
    return int((mine & ~np.any(others, axis=0)).sum()), int((mine & np.all(others, axis=0)).sum())
