"""Score models on all examples and on PIEs, and sum a cell up in a row."""

import numpy as np
import pandas as pd

from pielab.vocabulary import FLIPS


def model_scores(decisions: np.ndarray, labels: np.ndarray) -> np.ndarray:
    """Return each model's accuracy, or macro-F1 of several labels, float64 (seeds,).

    A class with neither label nor decision has an F1 of 0, as in scikit-learn. Without examples
    the scores are NaN.
    """
    if decisions.shape[1] == 0:
        return np.full(len(decisions), np.nan)
    if labels.ndim == 1:
        right = np.take_along_axis(decisions, labels[None, :, None], axis=2)
        return right[:, :, 0].mean(axis=1)
    truth = labels.astype(bool)
    hits = (decisions & truth).sum(axis=1)  # (seeds, classes)
    total = decisions.sum(axis=1) + truth.sum(axis=0)
    return np.divide(2 * hits, total, out=np.zeros(hits.shape), where=total > 0).mean(axis=1)


def score_table(
    dense: np.ndarray, pruned: np.ndarray, labels: np.ndarray, pie: np.ndarray
) -> pd.DataFrame:
    """Return one row a (side, seed): `score` on all examples and `score_on_pies`."""
    pie = np.asarray(pie, dtype=bool)
    return pd.concat(
        [
            pd.DataFrame(
                {
                    "side": side,
                    "seed": np.arange(len(decisions)),
                    "score": model_scores(decisions, labels),
                    "score_on_pies": model_scores(decisions[:, pie], labels[pie]),
                }
            )
            for side, decisions in (("dense", dense), ("pruned", pruned))
        ],
        ignore_index=True,
    )


def summarise(found: pd.DataFrame, table: pd.DataFrame) -> dict:
    """Return a cell's row from its PIE set and its score_table of the same split."""
    means = table.groupby("side")[["score", "score_on_pies"]].mean()
    flips = found["flip"].value_counts()
    return {
        "seeds": int((table["side"] == "pruned").sum()),
        "examples": len(found),
        "pies": int(found["pie"].sum()),
        "pie_share": float(found["pie"].mean()),
        "ties": int((found["baseline_tie"] | found["compressed_tie"]).sum()),
        "score_baseline": means.loc["dense", "score"],
        "score_compressed": means.loc["pruned", "score"],
        "score_baseline_on_pies": means.loc["dense", "score_on_pies"],
        "score_compressed_on_pies": means.loc["pruned", "score_on_pies"],
        **{column: int(flips.get(flip, 0)) for flip, column in FLIPS.items()},
    }


def scores_per_seed(cell: dict, table: pd.DataFrame) -> pd.DataFrame:
    """Return the scores of a cell and of its dense models, one row a seed, for scores.csv."""
    sides = []
    for side, rows in table.groupby("side"):
        names = cell if side == "pruned" else cell | {"method": "dense", "sparsity": 0}
        sides.append(rows[["seed", "score"]].assign(**names)[[*names, "seed", "score"]])
    return pd.concat(sides, ignore_index=True)
