"""What compression costs and gives: size against flips and score, and whose flips they are."""

import numpy as np
import pandas as pd

from pielab.vocabulary import KEYS

QUOTED = (
    *("level_text", "members", "seeds", "units", "collapsed", "examples", "pies", "score_baseline"),
    *("score_compressed", "bad_flips", "bad_floor", "bad_excess", "bad_excess_low"),
    *("bad_excess_high", "excess", "excess_low", "excess_high"),
)


def frontier(cells: list[dict], flips: list[np.ndarray], pies: pd.DataFrame) -> pd.DataFrame:
    """Return one row a cell: its size, what it costs, and how many of its bad flips are its own.

    Parameters
    ----------
    cells : list of dict
        KEYS, `bytes`, `dense_bytes` and `level_reached` (NaN for models that were trained
        elsewhere).
    flips : list of bool (examples,)
        The bad flips of each cell in the test split.
    pies : DataFrame
        pies.csv.

    Returns
    -------
    DataFrame
        With `size_share`, a fraction of the dense size; `score_change`, compressed minus baseline;
        `own_bad_flips`, those of no other method of the pair at any level; `shared_bad_flips`,
        those that all methods of the pair have at some level (NaN of one method).
    """
    tested = pies.loc[pies["split"] == "test", [*KEYS, *QUOTED]]
    sized = pd.DataFrame(cells, columns=[*KEYS, "bytes", "dense_bytes", "level_reached"])
    table = sized.astype({"level": float}).merge(
        tested, on=list(KEYS), how="left", validate="one_to_one"
    )
    table["size_share"] = table["bytes"] / table["dense_bytes"]
    table["score_change"] = table["score_compressed"] - table["score_baseline"]
    whose = [_whose(index, cells, flips) for index in range(len(cells))]
    return table.join(pd.DataFrame(whose, columns=["own_bad_flips", "shared_bad_flips"]))


def _whose(index: int, cells: list[dict], flips: list[np.ndarray]) -> tuple[float, float]:
    """Return how many bad flips of a cell no other method has, and how many all methods have."""
    by_method: dict[str, np.ndarray] = {}
    for cell, own in zip(cells, flips, strict=True):
        if all(cell[name] == cells[index][name] for name in ("dataset", "model")):
            method = cell["method"]
            by_method[method] = own | by_method.get(method, np.zeros_like(own))
    others = [own for method, own in by_method.items() if method != cells[index]["method"]]
    if not others:
        return np.nan, np.nan
    mine = flips[index]
    return int((mine & ~np.any(others, axis=0)).sum()), int((mine & np.all(others, axis=0)).sum())
