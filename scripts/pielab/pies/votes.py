"""The majority vote, its ties and margin; votes of many groups of models at once.

A label is what is voted on: the class of an example, or with several labels each class, off or on.

Derived in docs/explanation/statistics.md#notation.
"""

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

CHUNK = 2**19  # votes of a class that are counted at once: what fits a core's cache


def majority(votes: np.ndarray, ties: str) -> tuple[np.ndarray, np.ndarray]:
    """Return the modal choice of each label and where it is tied.

    Parameters
    ----------
    votes : int (choices, labels, examples)
    ties : str
        Which of the choices with the most votes wins: `lowest` index, `highest`, or none
        (`exclude`). With several labels each class is a vote of its own between off and on, so
        that `lowest` wants strictly more than half of the models for on, `highest` at least half.

    Returns
    -------
    choice : int (labels, examples)
        -1 where a tie is excluded.
    tied : bool (labels, examples)
    """
    choice = modal(votes.reshape(len(votes), 1, -1), ties)[0].reshape(votes.shape[1:])
    return choice, (votes == votes.max(axis=0)).sum(axis=0) > 1


def vote_margin(votes: np.ndarray) -> np.ndarray:
    """Return by how many votes each example's modal choice leads, int (examples,).

    With several labels, that of the label where it is smallest.

    Parameters
    ----------
    votes : int (choices, labels, examples)
    """
    second, first = np.partition(votes, -2, axis=0)[-2:]
    return (first - second).min(axis=0)


class Ballots(NamedTuple):
    """The choices of two groups of models of the same seeds, on examples where any two differ."""

    sides: np.ndarray  # int16 (side, model, label, example)
    contested: np.ndarray  # bool (examples,): those that are kept; the others are no PIEs
    n_choices: int
    ties: str
    per_replicate: int = 1  # models side by side that only vote together: of one seed


def contested(sides: np.ndarray, n_choices: int, ties: str, per_replicate: int = 1) -> Ballots:
    """Return the ballots without the examples on which all models agree.

    Parameters
    ----------
    sides : int (side, model, label, example)
    """
    differs = (sides != sides[0, 0]).any(axis=(0, 1, 2))
    return Ballots(sides[..., differs], differs, n_choices, ties, per_replicate)


def chunks(ballots: Ballots, n_groups: int) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Yield examples' indices and votes, int8 or int16 (side, choice, replicate, item).

    A replicate is a model, whose votes are one-hot, or some that vote together. An item is a label
    of an example. A chunk is so large that the votes of `n_groups` groups of models on it fit a
    core's cache.
    """
    columns = np.flatnonzero(ballots.contested)
    step = max(1, CHUNK // (n_groups * ballots.sides.shape[2]))
    for start in range(0, len(columns), step):
        part = ballots.sides[..., start : start + step]
        items = part.reshape(*part.shape[:2], 1, -1).swapaxes(1, 2)
        one_hot = items == np.arange(ballots.n_choices)[:, None, None]
        voted = one_hot.view(np.int8)
        if ballots.per_replicate > 1:
            shape = (*voted.shape[:2], -1, ballots.per_replicate, voted.shape[3])
            voted = voted.reshape(shape).sum(axis=3, dtype=np.int16)
        yield columns[start : start + step], voted


def count(groups: np.ndarray, one_hot: np.ndarray) -> np.ndarray:
    """Return the votes in each group of models, int8 or int16 (..., choice, group, item).

    Parameters
    ----------
    groups : 0 / 1 (..., group, seed)
    one_hot : int8 or int16 (..., choice, seed, item)
        Votes of single models or, int16, of replicates.
    """
    dtype = np.int8 if one_hot.shape[-2] < 128 and one_hot.dtype == np.int8 else np.int16
    return (groups.astype(np.float32) @ one_hot.astype(np.float32)).astype(dtype)


def modal(votes: np.ndarray, ties: str) -> np.ndarray:
    """Return modal choices (..., group, item) of votes (..., choice, group, item); see majority."""
    by_choice = np.moveaxis(votes, -3, 0)
    beats = np.greater_equal if ties == "highest" else np.greater
    dtype = np.int16 if len(by_choice) > 127 else np.int8
    won = beats(by_choice[1], by_choice[0])
    choice, most, number = won.astype(dtype), by_choice[0], np.empty(won.shape, dtype)
    for index in range(2, len(by_choice)):
        most = np.maximum(most, by_choice[index - 1])
        beats(by_choice[index], most, out=won)
        # A choice that wins has a higher number than all before: copying where it does is slower
        np.multiply(won.view(np.int8), dtype(index), out=number)
        np.maximum(choice, number, out=choice)
    if ties == "exclude":
        choice[(by_choice == by_choice.max(axis=0)).sum(axis=0) > 1] = -1
    return choice


def differ(first: np.ndarray, second: np.ndarray) -> np.ndarray:
    """Return where two groups' modal choices differ; an excluded tie differs from nothing."""
    changed: np.ndarray = np.not_equal(first, second)
    changed[(first < 0) | (second < 0)] = False
    return changed


def pies_between(first: np.ndarray, second: np.ndarray, ballots: Ballots) -> np.ndarray:
    """Return where modal choices (..., group, item) make PIEs, bool (..., group, example)."""
    changed = differ(first, second) if ballots.ties == "exclude" else first != second
    n_labels = ballots.sides.shape[2]
    if n_labels == 1:
        return changed
    return np.asarray(changed.reshape(*changed.shape[:-1], n_labels, -1).any(axis=-2))
