"""What happens to each text of a cell, by all models and without each replicate.

Arrays are float64 (1 + replicates, texts): the first row is of all models, the others leave out
one replicate each. With one replicate there is only the first row. Leaving out one of an odd number
makes ties: a half is a PIE by one of the two tie rules.

Derived in docs/explanation/statistics.md#causes.
"""

from typing import NamedTuple

import numpy as np

from pielab.causes import doubt
from pielab.measures import cell_margins
from pielab.pies import votes
from pielab.pies.cell import Cell, Predictions
from pielab.stats.shift import standardise


class Texts(NamedTuple):
    """Outcomes of a cell's texts, and what its baseline knows of them."""

    pie: np.ndarray
    negative: np.ndarray
    shift: np.ndarray  # standardised log odds of the label, NaN where scores are not known
    vote_margin: np.ndarray  # 0 to 1: share of the baseline's models
    logit_margin: np.ndarray  # log odds
    label_doubt: np.ndarray  # 0 to 1
    margin_noise: np.ndarray  # (texts,): variance of logit_margin over replicates
    doubted: np.ndarray  # (texts,), 0 to 1: of the baseline's models, those that doubt the label
    doubt_spread: np.ndarray  # (texts,), standard deviation of the label's probability over models


def of_cell(cell: Cell, scores_known: bool = True) -> Texts:
    """Return the outcomes of a cell, and its baseline's margins and doubts.

    Parameters
    ----------
    scores_known : bool
        False if external models told labels only.
    """
    pie, negative = _flips(cell)
    margin = votes.vote_margin
    counts = _counts_without(cell, cell.baseline)
    vote_margin = np.stack([margin(votes_of) / votes_of.sum(axis=0).max() for votes_of in counts])
    unknown = np.full_like(pie, np.nan)
    if not scores_known:
        nothing = np.full(pie.shape[1], np.nan)
        return Texts(pie, negative, unknown, vote_margin, unknown, unknown, *(nothing,) * 3)
    sides = cell_margins(cell)
    moved = np.subtract(*standardise(*sides)[::-1])
    logit_margin, noise = _logit_margin(sides[0], cell.multi_label)
    chances = [doubt.probabilities(logits, cell.multi_label) for logits in cell.baseline.logits]
    of_models = np.stack([doubt.of_label(of_model, cell.labels) for of_model in chances])
    doubted = np.mean([doubt.is_doubted(of_model, cell.labels) for of_model in chances], axis=0)
    return Texts(
        pie,
        negative,
        _leave_out(_towards_label(moved, cell)),
        vote_margin,
        logit_margin,
        _leave_out(cell.replicate_means(of_models)),
        noise,
        doubted,
        of_models.std(axis=0),
    )


def _leave_out(by_replicate: np.ndarray) -> np.ndarray:
    """Return the mean of (replicates, texts), and without each, (1 + replicates, texts)."""
    mean = by_replicate.mean(axis=0, dtype=np.float64)
    if len(by_replicate) < 2:
        return mean[None]
    without = (by_replicate.sum(axis=0, dtype=np.float64) - by_replicate) / (len(by_replicate) - 1)
    return np.vstack([mean[None], without])


def _logit_margin(margins: np.ndarray, multi_label: bool) -> tuple[np.ndarray, np.ndarray]:
    """Return how far the mean log odds are from a tie, and the variance that replicates make of it.

    With several classes, the log odds of the likeliest; with several labels, of the closest.
    """
    replicates = len(margins)
    mean = margins.mean(axis=0, dtype=np.float64)
    if multi_label:
        chosen = np.abs(mean).argmin(axis=1)
    else:
        chosen = np.abs(mean).argmax(axis=1) if mean.shape[1] == 1 else mean.argmax(axis=1)
    rows = np.arange(mean.shape[0])
    of_class = margins[:, rows, chosen].astype(np.float64)
    if multi_label or mean.shape[1] == 1:
        of_class = of_class * np.sign(mean[rows, chosen])
    noise = (
        of_class.var(axis=0, ddof=1) / replicates if replicates > 1 else np.full(len(rows), np.nan)
    )
    return _leave_out(of_class), noise


def _towards_label(moved: np.ndarray, cell: Cell) -> np.ndarray:
    """Return how far each replicate's log odds of the label move, (replicates, texts)."""
    if cell.multi_label:
        return np.where(cell.truth, moved, -moved).mean(axis=2)
    if moved.shape[2] == 1:
        return np.where(cell.labels == 1, moved[:, :, 0], -moved[:, :, 0])
    return moved[:, np.arange(len(cell.labels)), cell.labels]


def _flips(cell: Cell) -> tuple[np.ndarray, np.ndarray]:
    """Return PIEs and negative flips, (1 + replicates, texts) each."""
    counts = [_counts_without(cell, side) for side in cell.sides]
    pies, negatives = [], []
    for row, (before, after) in enumerate(zip(*counts, strict=True)):
        rules = (cell.ties,) if row == 0 else ("lowest", "highest")
        found = [_flip(before, after, rule, cell) for rule in rules]
        pies.append(np.mean([pie for pie, _ in found], axis=0))
        negatives.append(np.mean([negative for _, negative in found], axis=0))
    return np.stack(pies), np.stack(negatives)


def _flip(
    before: np.ndarray, after: np.ndarray, ties: str, cell: Cell
) -> tuple[np.ndarray, np.ndarray]:
    choices = [votes.majority(side, ties)[0] for side in (before, after)]
    pie = np.asarray(votes.differ(choices[0], choices[1]).any(axis=0))
    if cell.multi_label:
        right = ((choices[0].T == 1) == cell.truth).all(axis=1)
    else:
        right = choices[0][0] == cell.labels
    return pie, pie & right


def _counts_without(cell: Cell, side: Predictions) -> list[np.ndarray]:
    """Return all models' votes, and without each replicate, int (choices, labels, texts) each."""
    if cell.n_replicates < 2:
        return [side.votes]
    choices, found = side.choices, [side.votes]
    for start in range(0, side.n_models, cell.per_replicate):
        of_replicate = choices[start : start + cell.per_replicate]
        cast = np.stack([(of_replicate == choice).sum(axis=0) for choice in range(side.n_choices)])
        found.append(side.votes - cast)
    return found
