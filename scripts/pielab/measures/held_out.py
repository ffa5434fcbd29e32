"""Measure how well few seeds foresee the PIEs of seeds that they have not seen.

Derived in docs/explanation/statistics.md#few-seeds.
"""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from pielab.measures import Measure, cell_margins
from pielab.pies import votes
from pielab.pies.cell import Cell, Predictions
from pielab.stats.expected_pies import example_probability, scored_sides

DRAWS = 10  # of the seeds that are asked
JUDGES = 9  # the fewest others whose majorities say what is true
SAMPLE = 2_000  # examples
MOST = 10  # seeds that count as few
NAMES = ("precision_votes", "precision_probability", "brier_votes", "brier_probability")


def average_precision(is_pie: np.ndarray, score: np.ndarray) -> float:
    """Return the mean of precision over the PIEs, as recall grows, or NaN without PIEs.

    Among equal scores all count at once, as in scikit-learn.

    Parameters
    ----------
    is_pie : bool (examples,)
    score : float (examples,)
        Higher for what is more likely a PIE.
    """
    if not is_pie.any():
        return np.nan
    order = np.argsort(-score, kind="stable")
    found = is_pie[order].cumsum()
    last = np.flatnonzero(np.r_[np.diff(score[order]) != 0, True])  # of each group of equals
    precision, gained = found[last] / (last + 1), np.diff(found[last], prepend=0)
    return float(precision @ gained / is_pie.sum())


def held_out(cell: Cell, sizes: Sequence[int], rng: np.random.Generator) -> pd.DataFrame:
    """Return how well so many seeds foresee the PIEs of the others, one row a size.

    Means over random draws. The truth is the PIE set by the votes of an odd number of others, so
    that they do not tie, on a sample of the examples. Unknown, NaN, are sizes above MOST, or with
    fewer than JUDGES others. Where draws of calibration texts make several models of each seed, a
    seed here is all of them: a cell's replicate.

    Returns
    -------
    DataFrame
        `seeds`; average precision (the higher the better) and Brier score (the lower) of the PIE
        set by votes, and of the PIE probability: `precision_votes`, `precision_probability`,
        `brier_votes`, `brier_probability`.
    """
    examples, n_replicates = len(cell.ids), cell.n_replicates
    known_sizes = [size for size in sizes if 2 <= size <= MOST and n_replicates - size >= JUDGES]
    table = pd.DataFrame({"seeds": sizes}).astype({"seeds": int})
    if not known_sizes:
        return table.assign(**dict.fromkeys(NAMES, np.nan))
    sample = _part(
        cell, np.arange(n_replicates), np.linspace(0, examples - 1, min(examples, SAMPLE))
    )
    sides, rows = scored_sides(*cell_margins(sample), cell.multi_label), []
    for size in known_sizes:
        scores = [_judge(sample, sides, size, rng) for _ in range(DRAWS)]
        known = np.ma.masked_invalid(scores).mean(axis=0).filled(np.nan)
        rows.append({"seeds": size} | dict(zip(NAMES, known, strict=True)))
    return table.merge(pd.DataFrame(rows), on="seeds", how="left")


def _judge(
    cell: Cell, sides: tuple[np.ndarray, np.ndarray], size: int, rng: np.random.Generator
) -> tuple[float, ...]:
    """Return the scores of NAMES of one draw of seeds."""
    order = rng.permutation(cell.n_replicates)
    asked, others = order[:size], order[size:]
    judges = others[: len(others) - (len(others) % 2 == 0)]
    seen, voted = (_pies(cell, seeds) for seeds in (judges, asked))
    baseline, compressed = (side[asked] for side in sides)
    probability = example_probability(
        baseline, compressed, multi_label=cell.multi_label, scored=True
    )
    forecasts = voted * 1.0, probability
    precision = (average_precision(seen, forecast) for forecast in forecasts)
    return *precision, *(float(((seen - forecast) ** 2).mean()) for forecast in forecasts)


def _part(cell: Cell, replicates: np.ndarray, rows: np.ndarray) -> Cell:
    """Return the cell of some replicates, with all their models, and some examples."""
    rows, models = rows.astype(int), _models_of(cell, replicates)
    chosen = np.ix_(models, rows)
    baseline, compressed = (
        Predictions(
            side.logits[chosen],
            side.decisions[chosen],
            side.multi_label,
            None if side.thresholds is None else side.thresholds[models],
        )
        for side in cell.sides
    )
    labels, ids = cell.labels[rows], cell.ids[rows]
    return Cell(baseline, compressed, labels, ids, cell.ties, cell.per_replicate)


def _models_of(cell: Cell, replicates: np.ndarray) -> np.ndarray:
    """Return the rows of all models of some replicates."""
    return (replicates[:, None] * cell.per_replicate + np.arange(cell.per_replicate)).ravel()


def _pies(cell: Cell, replicates: np.ndarray) -> np.ndarray:
    """Return which examples are PIEs by the votes of some replicates, bool (examples,)."""
    models = _models_of(cell, replicates)
    choices = (votes.majority(side.votes_of(models), cell.ties)[0] for side in cell.sides)
    return np.asarray(votes.differ(*choices).any(axis=0))


MEASURES = [
    Measure(
        "seeds",
        lambda known: held_out(
            known.cell, known.tables["seeds"]["seeds"], np.random.default_rng(0)
        ).drop(columns="seeds"),
        """
        precision_votes | fraction | average precision of the PIE set of so many seeds, judged by the PIEs of the other seeds; mean over 10 draws, on the test split; empty above 10 seeds, or if fewer than 9 are left to judge
        precision_probability | fraction | the same of pie_probability | needs scores
        brier_votes | fraction | Brier score of the PIE set of so many seeds, judged by the PIEs of the other seeds: mean squared error; the lower the better
        brier_probability | fraction | the same of pie_probability | needs scores
        """,
        fewest=2,
        test_only=True,
    ),
]
