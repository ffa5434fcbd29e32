"""Test whether the models of a cell have collapsed: whether they answer (nearly) one class.

The PIEs of a collapsed cell say to which class it fell, not which examples compression harms.
"""

import numpy as np

from pielab.measures import Measure
from pielab.pies.cell import Cell, Predictions
from pielab.stats.clusters import design_effect
from pielab.stats.distributions import normal_quantile
from pielab.stats.intervals import Interval, left_out_means, mean_interval, score_parts
from pielab.vocabulary import SIDES


def collapse_row(cell: Cell) -> dict:
    """Return how near each side is to a constant answer, for the table of cells.

    Returns
    -------
    dict
        `collapsed`: whether the score of dense or of pruned models cannot be told from that of a
        constant answer (95 % interval over seeds and examples), never where one answer is right for
        all examples; `constant_score`, the best that a constant answer reaches; and for both sides
        `top_answer_*`, the share of a model's most frequent answer, mean over models;
        `constant_models_*`, how many have one answer only; `above_constant_*` with `_low` and
        `_high`, the mean score minus the constant's.
    """
    constant = score_parts(best_constant(cell), cell.truth, cell.multi_label)  # (examples,)
    row: dict = {"collapsed": False, "constant_score": float(constant.mean())}
    for name, side in zip(SIDES, cell.sides, strict=True):
        shares = top_answer_shares(side)
        above = above_constant(side, cell.truth, constant, cell.per_replicate, cell.clusters)
        # Where one answer is right for all, as of generated ones, many of it are no sign
        row["collapsed"] |= row["constant_score"] < 1 and not above.low > 0
        row |= {
            f"top_answer_{name}": float(shares.mean()),
            f"constant_models_{name}": int((shares == 1).sum()),
            **above.columns(f"above_constant_{name}"),
        }
    return row


def best_constant(cell: Cell) -> np.ndarray:
    """Return the decisions of the constant answer with the best score, bool (examples, classes).

    The most frequent class; with several labels all classes, since each one that is on adds its F1.
    """
    if cell.multi_label:
        return np.ones_like(cell.truth)
    answer = np.zeros_like(cell.truth)
    answer[:, cell.truth.sum(axis=0).argmax()] = True
    return answer


def top_answer_shares(predictions: Predictions) -> np.ndarray:
    """Return the share of each model's most frequent answer, float64 (seeds,).

    With several labels an answer is a set of labels.
    """
    if not predictions.multi_label:
        return predictions.decisions.sum(axis=1).max(axis=1) / predictions.decisions.shape[1]
    return np.array(
        [
            np.unique(model, axis=0, return_counts=True)[1].max() / len(model)
            for model in np.packbits(predictions.decisions, axis=2)
        ]
    )


def above_constant(
    predictions: Predictions,
    truth: np.ndarray,
    constant: np.ndarray,
    per_replicate: int,
    clusters: np.ndarray | None,
) -> Interval:
    """Return the mean score minus that of a constant answer, with its 95 % interval.

    Over seeds and examples; with one seed over examples alone.

    Parameters
    ----------
    truth : bool (examples, classes)
    constant : float (examples,)
        From intervals.score_parts, of the constant answer.
    per_replicate : int
        Models side by side that are of one seed.
    clusters : int (examples,), optional
        As intervals.mean_interval takes them.
    """
    parts = np.stack(
        [score_parts(model, truth, predictions.multi_label) for model in predictions.decisions]
    )
    gains = parts - constant  # (models, examples)
    gains = gains.reshape(-1, per_replicate, gains.shape[1]).mean(axis=1)  # (seeds, examples)
    if len(gains) == 1:
        size = gains.shape[1] / design_effect(gains[0], clusters)
        error = float(normal_quantile(0.975) * gains[0].std() / size**0.5)
        mean = float(gains.mean())
        return Interval(mean, mean - error, mean + error)
    return mean_interval(gains.mean(axis=0), left_out_means(gains), clusters=clusters)


MEASURES = [
    Measure(
        "pies",
        lambda known: collapse_row(known.cell),
        """
        collapsed | yes/no | whether the score of either side cannot be told from that of a constant answer, on the test split (in pies and agreement on the row's): its PIEs say to which class models fell, not which examples compression harms
        constant_score | score | best score that a constant answer reaches: the most frequent class, or with several labels all of them
        top_answer_baseline | fraction | share of a model's most frequent answer, mean over the models of the baseline; with several labels an answer is a set of labels
        constant_models_baseline | models | models of the baseline that give one answer to all examples
        above_constant_baseline | difference | mean score of the models of the baseline minus that of the constant answer
        above_constant_baseline_low | difference | lower end of its 95 % interval, over seeds and examples; collapsed if it is not above 0
        above_constant_baseline_high | difference | upper end of that interval
        top_answer_compressed | fraction | share of a model's most frequent answer, mean over the compressed models
        constant_models_compressed | models | compressed models that give one answer to all examples
        above_constant_compressed | difference | mean score of the compressed models minus that of the constant answer
        above_constant_compressed_low | difference | lower end of its 95 % interval, over seeds and examples; collapsed if it is not above 0
        above_constant_compressed_high | difference | upper end of that interval
        """,
    ),
]
