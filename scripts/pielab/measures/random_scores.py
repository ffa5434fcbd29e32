"""Score models on random examples, as many as the PIEs: what scores on PIEs have to be held against.

Derived in docs/explanation/statistics.md#scores-on-pies.
"""

import numpy as np

from pielab.measures import Measure
from pielab.pies.cell import Cell
from pielab.pies.scores import f1_scores
from pielab.vocabulary import SIDES

DRAWS = 100  # of random examples


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
        if cell.multi_label:
            means = _mean_f1(side.decisions, cell.truth, drawn)
        else:  # accuracy asks only how many models are right about each example
            right_share = (side.decisions & cell.truth).any(axis=2).mean(axis=0)
            means = np.array([right_share[rows].mean() for rows in drawn])
        values += [float(np.mean(means)), *map(float, np.quantile(means, (0.025, 0.975)))]
    return dict(zip(columns, values, strict=True))


def _mean_f1(decisions: np.ndarray, truth: np.ndarray, drawn: list[np.ndarray]) -> np.ndarray:
    """Return models' mean macro-F1 on examples of each draw, float64 (draws,).

    Examples are counted by products of matrices: a draw may be nearly all of them.
    """
    chosen = np.zeros((len(drawn), len(truth)), np.float32)
    for row, rows in zip(chosen, drawn, strict=True):
        row[rows] = 1
    labelled = chosen @ truth
    scores = [
        f1_scores(chosen @ (model & truth), chosen @ model + labelled).mean(axis=1)
        for model in decisions
    ]
    return np.stack(scores, axis=1).mean(axis=1)


MEASURES = [
    Measure(
        "pies",
        lambda known: random_scores(known.cell, int(known.pie.sum()), known.rng),
        """
        score_baseline_on_random | score | models of the baseline on random examples, as many as the PIEs, mean over models and 100 draws; macro-F1 falls on few examples by itself: only what lies below this is due to the PIEs
        score_baseline_on_random_low | score | lower end of the range of 95 % of these draws
        score_baseline_on_random_high | score | upper end of that range
        score_compressed_on_random | score | compressed models on these random examples
        score_compressed_on_random_low | score | lower end of the range of 95 % of the draws
        score_compressed_on_random_high | score | upper end of that range
        """,
    ),
]
