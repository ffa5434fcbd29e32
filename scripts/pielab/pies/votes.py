"""Count votes of many groups of models at once, and find the PIEs between the groups.

Predictions are class ids, int (seeds, examples), or decisions on several labels, bool (seeds,
examples, labels), whose (label, example) pairs are items of two classes, off and on.
"""

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

from pielab.vocabulary import TIES


def majority(votes: np.ndarray, seeds: int, ties: str, multi_label: bool) -> tuple:
    """Return the decision of the majority and where it is tied.

    Parameters
    ----------
    votes : int (examples, classes)
        Models that decide for each class.
    ties : str
        Which of the classes with the most votes wins: `lowest` index, `highest`, or none
        (`exclude`). With several labels each class is a vote of its own between off and on, so
        that `lowest` wants strictly more than half of the models for on, `highest` at least half.

    Returns
    -------
    decision : bool (examples, classes)
        Of one label, no class where ties are excluded.
    tied : bool (examples, classes) of several labels, else (examples, 1)
    """
    if ties not in TIES:
        raise ValueError(f"ties: {ties!r}; expected one of {', '.join(TIES)}")
    if multi_label:
        tied = 2 * votes == seeds
        on = 2 * votes >= seeds if ties == "highest" else 2 * votes > seeds
        return on, tied
    most = votes == votes.max(axis=1, keepdims=True)
    tied = most.sum(axis=1, keepdims=True) > 1
    last = votes.shape[1] - 1
    index = last - most[:, ::-1].argmax(axis=1) if ties == "highest" else most.argmax(axis=1)
    decision = index[:, None] == np.arange(votes.shape[1])
    return decision & ~tied if ties == "exclude" else decision, tied


BLOCK = 2**19  # votes of a class that are counted at once: what fits a core's cache


class Cell(NamedTuple):
    """Predictions of dense and pruned models of the same seeds, on examples where any differ."""

    sides: np.ndarray  # (side, seed, label, example): dense, pruned; one `label` if ids
    active: np.ndarray  # bool (examples,): the examples that are kept; the others are no PIEs
    classes: int
    ties: str


def cell(dense: np.ndarray, pruned: np.ndarray, ties: str) -> Cell:
    """Check a cell's predictions and drop the examples on which all its models agree."""
    if ties not in TIES:
        raise ValueError(f"ties: {ties!r}; expected one of {', '.join(TIES)}")
    multi_label = dense.dtype == bool
    fit = dense.dtype == pruned.dtype and dense.shape == pruned.shape and len(dense) >= 2
    if not fit or dense.ndim != 2 + multi_label:
        raise ValueError(
            f"predictions: dense {dense.dtype} {dense.shape}, pruned {pruned.dtype} {pruned.shape};"
            " expected both int (seeds, examples) or bool (seeds, examples, classes), seeds >= 2"
        )
    if not multi_label and min(dense.min(initial=0), pruned.min(initial=0)) < 0:
        raise ValueError("predictions: a negative class id; expected 0 or more")
    active = (dense != dense[0]).any(axis=0) | (pruned != dense[0]).any(axis=0)
    active = active.any(axis=1) if multi_label else active
    sides = np.stack([dense[:, active], pruned[:, active]])
    sides = np.moveaxis(sides, 3, 2) if multi_label else sides[:, :, None]
    classes = 2 if multi_label else max(2, int(sides.max(initial=0)) + 1)
    return Cell(sides, active, classes, ties)


def blocks(cell: Cell, rows: int) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Yield examples' indices and their one-hot predictions, int8 (side, class, seed, item).

    Parameters
    ----------
    rows : int
        Groups of models whose votes will be counted.
    """
    columns = np.flatnonzero(cell.active)
    step = max(1, BLOCK // (rows * cell.sides.shape[2]))
    for start in range(0, len(columns), step):
        part = cell.sides[..., start : start + step]
        items = part.reshape(*part.shape[:2], 1, -1).swapaxes(1, 2)
        one_hot = items == np.arange(cell.classes)[:, None, None]
        yield columns[start : start + step], one_hot.view(np.int8)


def count(groups: np.ndarray, one_hot: np.ndarray) -> np.ndarray:
    """Return the votes in each group of models, int8 or int16 (..., class, group, item).

    Parameters
    ----------
    groups : 0 / 1 (..., group, seed)
    one_hot : int8 (..., class, seed, item)
    """
    kind = np.int8 if one_hot.shape[-2] < 128 else np.int16
    return (groups.astype(np.float32) @ one_hot.astype(np.float32)).astype(kind)


def modal(votes: np.ndarray, ties: str) -> np.ndarray:
    """Return modal labels (..., group, item) of votes (..., class, group, item); -1 if excluded."""
    classes = np.moveaxis(votes, -3, 0)
    beats = np.greater_equal if ties == "highest" else np.greater
    label = beats(classes[1], classes[0]).astype(np.int16 if len(classes) > 127 else np.int8)
    best = classes[0]
    for index in range(2, len(classes)):
        best = np.maximum(best, classes[index - 1])
        np.copyto(label, index, where=beats(classes[index], best))
    if ties == "exclude":
        label[(classes == classes.max(axis=0)).sum(axis=0) > 1] = -1
    return label


def differ(one: np.ndarray, other: np.ndarray, cell: Cell) -> np.ndarray:
    """Return where modal labels (..., group, item) make PIEs, bool (..., group, example)."""
    changed = one != other
    if cell.ties == "exclude":
        changed &= (one >= 0) & (other >= 0)
    labels = cell.sides.shape[2]
    if labels == 1:
        return changed
    return changed.reshape(*changed.shape[:-1], labels, -1).any(axis=-2)


def vote_margin(votes: np.ndarray, seeds: int, multi_label: bool) -> np.ndarray:
    """Return by how many votes each example's modal label leads, int (examples,).

    Of several labels, on minus off votes, of the class where they are closest.

    Parameters
    ----------
    votes : int (examples, classes)
    """
    if multi_label:
        return np.abs(2 * votes - seeds).min(axis=1)
    second, first = np.partition(votes, -2, axis=1)[:, -2:].T
    return first - second
