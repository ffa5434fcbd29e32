"""Score models on all examples and on PIEs, and sum a cell up in a row."""

import numpy as np
import pandas as pd

from pielab.pies.cell import Cell
from pielab.vocabulary import FLIPS, SIDES

DRAWS = 100  # of random examples


def model_scores(decisions: np.ndarray, truth: np.ndarray, multi_label: bool) -> np.ndarray:
    """Return each model's accuracy, or macro-F1 of several labels, float64 (seeds,).

    A class with neither label nor decision has an F1 of 0, as in scikit-learn. Without examples
    the scores are NaN.

    Parameters
    ----------
    decisions : bool (seeds, examples, classes)
    truth : bool (examples, classes)
    """
    if decisions.shape[1] == 0:
        return np.full(len(decisions), np.nan)
    if not multi_label:
        return (decisions & truth).any(axis=2).mean(axis=1)
    hits = (decisions & truth).sum(axis=1)  # (seeds, classes)
    total = decisions.sum(axis=1) + truth.sum(axis=0)
    return np.divide(2 * hits, total, out=np.zeros(hits.shape), where=total > 0).mean(axis=1)


def score_table(cell: Cell, pies: pd.DataFrame) -> pd.DataFrame:
    """Return one row a model, a (side, seed, draw): `score` on all examples and `score_on_pies`.

    The rows of a baseline's models that stand in the cell once a draw are alike.
    """
    pie = pies["pie"].to_numpy(dtype=bool)
    sides = []
    for name, side in zip(SIDES, cell.sides, strict=True):
        on_pies = model_scores(side.decisions[:, pie], cell.truth[pie], cell.multi_label)
        table = {
            "side": name,
            "seed": np.arange(side.n_seeds) // cell.draws,
            "draw": np.arange(side.n_seeds) % cell.draws,
            "score": model_scores(side.decisions, cell.truth, cell.multi_label),
            "score_on_pies": on_pies,
        }
        sides.append(pd.DataFrame(table))
    return pd.concat(sides, ignore_index=True)


def random_scores(cell: Cell, n_examples: int, rng: np.random.Generator) -> dict[str, float]:
    """Return what the scores are on random examples, as many as the PIEs, for the table of cells.

    Macro-F1 falls on few examples by itself, since classes that are absent count 0: only what lies
    below these is due to the PIEs. Means over models and draws, with the range of 95 % of the
    draws; NaN without examples.
    """
    columns = [f"score_{name}_on_random{end}" for name in SIDES for end in ("", "_low", "_high")]
    if n_examples == 0:
        return dict.fromkeys(columns, np.nan)
    drawn = [rng.choice(len(cell.ids), n_examples, replace=False) for _ in range(DRAWS)]
    values: list[float] = []
    for side in cell.sides:
        decisions, truth = side.decisions, cell.truth
        if not cell.multi_label:  # whether a model is right is all that accuracy asks
            decisions = (decisions & truth).any(axis=2, keepdims=True)
            truth = np.ones((len(truth), 1), dtype=bool)
        means = [
            model_scores(decisions[:, rows], truth[rows], cell.multi_label).mean() for rows in drawn
        ]
        values += [float(np.mean(means)), *map(float, np.quantile(means, (0.025, 0.975)))]
    return dict(zip(columns, values, strict=True))


def summarise(pies: pd.DataFrame, table: pd.DataFrame) -> dict:
    """Return a cell's row from its PIE set and its score_table of the same split."""
    means = table.groupby("side")[["score", "score_on_pies"]].mean()
    flips = pies["flip"].value_counts()
    return {
        "seeds": int((table["side"] == "compressed").sum()),
        "examples": len(pies),
        "pies": int(pies["pie"].sum()),
        "pie_share": float(pies["pie"].mean()),
        "ties": int((pies["baseline_tie"] | pies["compressed_tie"]).sum()),
        "score_baseline": means.loc["baseline", "score"],
        "score_compressed": means.loc["compressed", "score"],
        "score_baseline_on_pies": means.loc["baseline", "score_on_pies"],
        "score_compressed_on_pies": means.loc["compressed", "score_on_pies"],
        **{column: int(flips.get(flip, 0)) for flip, column in FLIPS.items()},
    }
