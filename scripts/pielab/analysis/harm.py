"""Measure what compression takes away in each of the ways that the gate judges.

Derived in docs/explanation/statistics.md#losses.
"""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from pielab.pies.cell import Cell, Predictions
from pielab.stats.agreement import calibration_parts
from pielab.stats.clusters import clusters_among
from pielab.stats.harm import Harm, measure
from pielab.stats.intervals import left_out_means, score_parts
from pielab.stats.mcnemar import mcnemar
from pielab.stats.negative_flips import by_example
from pielab.vocabulary import FEWEST_FOR_INTERVAL


def harm_table(
    cell: Cell, names: Sequence[str], rng: np.random.Generator, scores_known: bool = True
) -> pd.DataFrame:
    """Return one row a loss of a cell: negative flips, score, each class's recall, and calibration.

    Parameters
    ----------
    names : sequence of str
        Of the classes.
    scores_known : bool
        False if external models said labels only, of which there is no calibration.

    Returns
    -------
    DataFrame
        `rule`; `where`, the class, or empty; the fields of harm.Harm; `differ_by`, what the models
        of a side differ by; and of one model on each side `p`, McNemar's for its flips.
    """
    found = [("negative_flips", "", negative_flip_harm(cell, rng)), ("score", "", score_harm(cell))]
    found += [("worst_class", name, harm) for name, harm in class_harms(cell, names)]
    found += [("calibration", "", calibration_harm(cell))] if scores_known else []
    rows = [{"rule": rule, "where": where, **harm._asdict()} for rule, where, harm in found]
    return pd.DataFrame(rows).assign(differ_by=cell.differ_by, p=flip_p(cell))


def negative_flip_harm(cell: Cell, rng: np.random.Generator) -> Harm:
    """Return the share of examples that are negative flips, beyond the noise floor.

    The floor is known from two replicates on, and its variance from four. With one model on each
    side chance makes as many positive flips as negative ones, so that the share is that of negative
    flips less that of positive ones.
    """
    if cell.n_replicates < 2:
        right, still_right = cell.are_right
        return _measure(cell, right * 1.0 - still_right)
    _, (flips, floor), left_out = by_example(cell, rng)
    if cell.n_replicates < FEWEST_FOR_INTERVAL or len(left_out) < FEWEST_FOR_INTERVAL:
        loss = float((flips - floor).mean())
        return Harm(loss, np.nan, np.nan, len(flips), cell.n_replicates)
    return measure(flips - floor, left_out, cell.clusters)


def flip_p(cell: Cell) -> float:
    """Return the exact p-value for as many positive as negative flips of two models.

    NaN with several models on each side, and of examples in clusters.
    """
    if cell.n_replicates > 1 or cell.clusters is not None:
        return np.nan
    right, still_right = cell.are_right
    return mcnemar(int((still_right & ~right).sum()), int((right & ~still_right).sum()))


def score_harm(cell: Cell) -> Harm:
    """Return the loss of accuracy, or of macro-F1 as linearised (intervals.score_parts)."""
    parts = [
        np.stack([score_parts(model, cell.truth, cell.multi_label) for model in side.decisions])
        for side in cell.sides
    ]
    return _measure(cell, cell.replicate_means(parts[0] - parts[1]))


def class_harms(cell: Cell, names: Sequence[str]) -> list[tuple[str, Harm]]:
    """Return the loss of recall of each class that has an example, with its name."""
    return [
        (name, _measure(cell, _lost_recall(cell, of_class), of_class[0]))
        for index, name in enumerate(names)
        if (of_class := (np.flatnonzero(cell.truth[:, index]), index))[0].size
    ]


def calibration_harm(cell: Cell) -> Harm:
    """Return the calibration error that compression adds, corrected for what chance adds to it."""
    baseline, compressed = (
        np.stack([calibration_parts(logits, cell.labels) for logits in side.logits])
        for side in cell.sides
    )
    return _measure(cell, cell.replicate_means(compressed - baseline))


def _found(side: Predictions, of_class: tuple[np.ndarray, int]) -> np.ndarray:
    """Return whether each model decides for a class on its examples, float (models, examples)."""
    rows, index = of_class
    return side.decisions[:, rows, index] * 1.0


def _lost_recall(cell: Cell, of_class: tuple[np.ndarray, int]) -> np.ndarray:
    """Return each replicate's loss of recall of a class, by its examples."""
    return cell.replicate_means(_found(cell.baseline, of_class) - _found(cell.compressed, of_class))


def _measure(cell: Cell, losses: np.ndarray, rows: np.ndarray | None = None) -> Harm:
    """Return the harm of losses by replicate and example, float (replicates, examples).

    `rows`: which of the cell's examples they are of, if not of all.
    """
    clusters = cell.clusters if rows is None else clusters_among(cell.clusters, rows)
    return measure(losses.mean(axis=0), left_out_means(losses), clusters)
