"""The majority vote, its ties and margin; votes of many groups of models at once.

A label is what is voted on: the class of an example, or with several labels each class, off or on.

Derived in docs/explanation/statistics.md#notation.
"""

from collections.abc import Iterator, Sequence
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
    """Choices of baseline and compressed models with the same seeds, where any two models differ.

    An item is a label of an example. The first items of all examples come before all second ones,
    and examples with the most items first, so that the items of a place are those of the first
    examples: arrays of several labels need no room for those that all models agree on.
    """

    sides: np.ndarray  # int (side, model, item)
    labels: np.ndarray  # int (item,): which label of its example each item is
    examples: np.ndarray  # int (contested examples,): their places; the others are no PIEs
    sizes: np.ndarray  # int (places,): how many of these have so many items
    n_examples: int
    n_choices: int
    ties: str
    per_replicate: int = 1  # models side by side that only vote together: of one seed

    @property
    def items(self) -> np.ndarray:
        """Return the place of each item's example, int (item,)."""
        return np.concatenate([self.examples[:size] for size in self.sizes])

    def among(self, kept: np.ndarray) -> "Ballots":
        """Return the ballots of some examples alone, bool (examples,)."""
        items = kept[self.items]
        places = np.repeat(np.arange(len(self.sizes)), self.sizes)
        sizes = np.bincount(places[items], minlength=len(self.sizes))
        examples = self.examples[kept[self.examples]]
        return self._replace(
            sides=self.sides[..., items], labels=self.labels[items], examples=examples, sizes=sizes
        )


class Chunk(NamedTuple):
    """The votes on some examples."""

    columns: np.ndarray  # int (examples,): their places
    votes: np.ndarray  # int8 or int16 (side, choice, replicate, item), see votes_for
    parts: list[slice]  # of the ballots' items, one for each place
    ties: str

    def of_items(self, values: np.ndarray) -> np.ndarray:
        """Return the chunk's part of values of the ballots' items, (..., item)."""
        return np.concatenate([values[..., part] for part in self.parts], axis=-1)

    def any_item(self, flags: np.ndarray) -> np.ndarray:
        """Return whether any item of an example is flagged, bool (..., example) of (..., item)."""
        sizes = [part.stop - part.start for part in self.parts]
        if len(sizes) == 1:
            return flags
        full = sizes.count(sizes[0])  # places that all examples have
        start = full * sizes[0]
        shape = (*flags.shape[:-1], full, sizes[0])
        found = np.asarray(flags[..., :start].reshape(shape).any(axis=-2))
        for size in sizes[full:]:
            found[..., :size] |= flags[..., start : start + size]
            start += size
        return found

    def by_choice(self) -> list[tuple[np.ndarray, np.ndarray]]:
        """Return of each choice who makes it, bool (side, replicate, item), and what it adds."""
        chosen = [self.votes[:, 0] < 0, self.votes[:, 0] > 0]
        if self.votes.shape[1] > 1:
            chosen = list(self.votes.swapaxes(0, 1) > 0)
        return list(zip(chosen, votes_for(len(chosen))[:, :, None, None], strict=True))


def contested(
    choices: Sequence[np.ndarray], n_choices: int, ties: str, per_replicate: int = 1
) -> Ballots:
    """Return the ballots without the items on which all models agree.

    Parameters
    ----------
    choices : two of int (model, label, example)
    """
    differs = np.zeros(choices[0].shape[1:], dtype=bool)
    for model in (model for side in choices for model in side):
        differs |= model != choices[0][0]
    number = differs.sum(axis=0)
    examples = np.argsort(-number, kind="stable")[: np.count_nonzero(number)]
    sizes = np.count_nonzero(number[examples] > np.arange(number.max(initial=1))[:, None], axis=1)
    order = np.argsort(~differs[:, examples], axis=0, kind="stable")  # contested labels first
    labels = np.concatenate([row[:size] for row, size in zip(order, sizes, strict=False)])
    where = np.concatenate([examples[:size] for size in sizes])
    sides = np.stack([side[:, labels, where] for side in choices])
    return Ballots(sides, labels, examples, sizes, len(number), n_choices, ties, per_replicate)


def votes_for(n_choices: int) -> np.ndarray:
    """Return what a vote for each choice adds to the votes, int8 (choices, rows).

    With two choices, only the votes for the second minus those for the first count.
    """
    return np.array([[-1], [1]], np.int8) if n_choices == 2 else np.eye(n_choices, dtype=np.int8)


def chunks(ballots: Ballots, n_groups: int) -> Iterator[Chunk]:
    """Yield the votes of replicates: single models, or some that vote together.

    A chunk is so large that the votes of `n_groups` groups of models on it fit a core's cache.
    """
    starts = np.cumsum(ballots.sizes) - ballots.sizes
    number, first = len(ballots.examples), 0
    while first < number:
        here = int(np.count_nonzero(ballots.sizes > first))  # items of the example with the most
        # Each place is a step of its own, so that examples of many items come in larger chunks
        last = first + max(1, CHUNK * min(here, 4) // (n_groups * here))
        ends = np.minimum(ballots.sizes[:here], last)
        parts = [
            slice(start + first, start + end)
            for start, end in zip(starts.tolist(), ends.tolist(), strict=False)
        ]
        chunk = Chunk(ballots.examples[first:last], ballots.sides[:0], parts, ballots.ties)
        chosen = chunk.of_items(ballots.sides)[:, None]
        if ballots.n_choices == 2:
            voted = 2 * chosen.astype(np.int8) - 1
        else:
            voted = (chosen == np.arange(ballots.n_choices)[:, None, None]).view(np.int8)
        if ballots.per_replicate > 1:
            shape = (*voted.shape[:2], -1, ballots.per_replicate, voted.shape[3])
            voted = voted.reshape(shape).sum(axis=3, dtype=np.int16)
        yield chunk._replace(votes=voted)
        first = last


def count(groups: np.ndarray, voted: np.ndarray) -> np.ndarray:
    """Return the votes in each group of models, int8 or int16 (..., choice, group, item).

    Parameters
    ----------
    groups : 0 / 1 (..., group, seed)
    voted : int8 or int16 (..., choice, seed, item)
        Votes of single models or, int16, of replicates; or by how many these differ.
    """
    dtype = np.int8 if voted.shape[-2] < 64 and voted.dtype == np.int8 else np.int16
    return (groups.astype(np.float32) @ voted.astype(np.float32)).astype(dtype)


def modal(votes: np.ndarray, ties: str) -> np.ndarray:
    """Return modal choices (..., group, item) of votes (..., choice, group, item); see majority."""
    by_choice = np.moveaxis(votes, -3, 0)
    beats = np.greater_equal if ties == "highest" else np.greater
    if len(by_choice) == 1:  # of two, see votes_for
        choice = beats(by_choice[0], 0).view(np.int8)
        if ties == "exclude":
            choice[by_choice[0] == 0] = -1
        return choice
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


def pies_between(first: np.ndarray, second: np.ndarray, chunk: Chunk) -> np.ndarray:
    """Return where modal choices (..., group, item) make PIEs, bool (..., group, example)."""
    return chunk.any_item(differ(first, second) if chunk.ties == "exclude" else first != second)
