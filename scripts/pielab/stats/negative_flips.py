"""Count negative flips beyond the noise floor: texts that the majority newly gets wrong.

As noise_floor does for PIEs, and with halves as large: halves that are compared have no replicate,
a seed or else a draw, in common. With one dense model only draws differ, and its floor is zero.

Derived in docs/explanation/statistics.md#losses.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from pielab.pies import votes
from pielab.pies.cell import Cell
from pielab.stats.intervals import Interval, mean_interval
from pielab.stats.subsets import all_splits, draw_subsets, half_size
from pielab.vocabulary import FEWEST_FOR_INTERVAL

SPLITS = 500  # of replicates that have too many to take all
LEFT_OUT = 100  # splits of large halves that each replicate leaves in turn


class NegativeFlips(NamedTuple):
    """Negative flips between groups of `half` replicates, means over splits, and their excess."""

    half: int
    floor: float  # right by one half of the baseline, wrong by the other
    flips: float  # right by a half of the baseline, wrong by the compressed other half
    excess: Interval


class ByExample(NamedTuple):
    """Shares of the splits in which examples are negative flips, also without each replicate."""

    half: int
    shares: np.ndarray  # (2, examples): flips, and their floor
    left_out: np.ndarray  # (replicates, examples): the excess; one row where it is unknown


def negative_flips(cell: Cell, rng: np.random.Generator) -> NegativeFlips:
    """Return the negative flips between halves, their noise floor, and the difference.

    A jackknife takes each replicate out of its half, or, where halves are single replicates, leaves
    out the splits that it is in.
    """
    half, shares, left_out = by_example(cell, rng)
    found = mean_interval(shares[0] - shares[1], left_out, clusters=cell.clusters)
    flips, floor = shares.sum(axis=1).tolist()
    return NegativeFlips(half, floor, flips, Interval(*(shares.shape[1] * end for end in found)))


def by_example(cell: Cell, rng: np.random.Generator) -> ByExample:
    """Return what negative_flips adds up; with few replicates nothing is left out."""
    replicates = cell.n_replicates
    half, known = half_size(replicates), replicates >= FEWEST_FOR_INTERVAL
    halves = all_splits(replicates)
    if halves is None:
        halves = draw_subsets([replicates] * SPLITS, replicates, rng)[:2]
    ballots, truth = _of_open_examples(cell)
    shares = np.zeros((2, ballots.n_examples))
    left_out = np.zeros((replicates if known else 1, ballots.n_examples))
    without = halves.sum(axis=0).T == 0  # (replicate, split)
    is_one_vote = cell.per_replicate == 1 and not cell.multi_label
    without_each = _without_each_vote if is_one_vote else _without_each
    for chunk in votes.chunks(ballots, halves.shape[1]):
        counts = [votes.count(counted, chunk.votes) for counted in halves]
        right_items = chunk.of_items(truth)
        both = [_judge(counted, cell.ties, right_items, chunk) for counted in counts]
        flips, floor = _twice(*both)
        shares[:, chunk.columns] = flips.mean(axis=0) / 2, floor.mean(axis=0) / 2
        if known and half == 1:  # a half of one replicate cannot lose it
            excess = flips - floor
            left_out[:, chunk.columns] = [excess[rows].mean(axis=0) / 2 for rows in without]
        elif known:
            left_out[:, chunk.columns] = without_each(counts, halves, right_items, chunk)
    return ByExample(half, shares, left_out)


def _of_open_examples(cell: Cell) -> tuple[votes.Ballots, np.ndarray]:
    """Return the ballots, and what is right for each item, int (item,).

    Examples are left out if all models get a label wrong: no half is right about them.
    """
    truth = cell.truth.T if cell.multi_label else cell.labels[None]  # (labels, examples)
    ballots, wrong = cell.ballots, cell.baseline.choices[0] != truth
    wrong[ballots.labels, ballots.items] = False  # contested
    ballots = ballots.among(~wrong.any(axis=0))
    return ballots, truth[ballots.labels, ballots.items].astype(ballots.sides.dtype)


def _judge(
    counts: np.ndarray, ties: str, truth: np.ndarray, chunk: votes.Chunk
) -> tuple[np.ndarray, np.ndarray]:
    """Return whether a half's models are right, and whether they are wrong, of each side.

    Parameters
    ----------
    counts : int (side, choice, split, item)
    truth : int (item,)

    Returns
    -------
    two of bool (side, split, example)
        Where a tie is excluded, neither.
    """
    modal = votes.modal(counts, ties)  # (side, split, item)
    missed = modal != truth
    right = ~chunk.any_item(missed)
    return right, chunk.any_item(missed & (modal >= 0)) if ties == "exclude" else ~right


def _twice(
    first: Sequence[np.ndarray], second: Sequence[np.ndarray]
) -> tuple[np.ndarray, np.ndarray]:
    """Return twice the flips and twice their floor, int8 (split, example), of judged halves."""
    (right, wrong), (other_right, other_wrong) = first, second
    flips = (right[0] & other_wrong[1]).view(np.int8) + (other_right[0] & wrong[1])
    floor = (right[0] & other_wrong[0]).view(np.int8) + (other_right[0] & wrong[0])
    return flips, floor


def _without_each(
    counts: list[np.ndarray], halves: np.ndarray, truth: np.ndarray, chunk: votes.Chunk
) -> np.ndarray:
    """Return the excess where each replicate leaves its half, (replicates, examples).

    A half that loses a replicate may be tied: the mean over both tie rules favours no class.
    """
    halves = halves[:, :LEFT_OUT]
    total = np.zeros((halves.shape[2], len(chunk.columns)))
    for ties in ("lowest", "highest"):
        both = [_judge(counted[:, :, :LEFT_OUT], ties, truth, chunk) for counted in counts]
        full = np.subtract(*_twice(*both))
        total += full.sum(axis=0)
        for half, replicate in np.ndindex(2, len(total)):
            rows = np.flatnonzero(halves[half, :, replicate])
            rest = counts[half][:, :, rows] - chunk.votes[:, :, replicate, None]
            other = [judged[:, rows] for judged in both[1 - half]]
            changed = np.subtract(*_twice(_judge(rest, ties, truth, chunk), other))
            total[replicate] += (changed - full[rows]).sum(axis=0)
    return total / (4 * halves.shape[1])


def _without_each_vote(
    counts: list[np.ndarray], halves: np.ndarray, truth: np.ndarray, chunk: votes.Chunk
) -> np.ndarray:
    """Return the same where replicates have one vote: a choice tells what its half is without it.

    So halves are judged once a choice and not once a replicate.
    """
    halves = halves[:, :LEFT_OUT].astype(np.float32)
    counts = [counted[:, :, :LEFT_OUT] for counted in counts]
    total, by_choice = np.zeros((halves.shape[2], truth.shape[-1])), chunk.by_choice()
    for ties in ("lowest", "highest"):
        both = [_judge(counted, ties, truth, chunk) for counted in counts]
        full = np.subtract(*_twice(*both)).astype(np.float32)
        total += full.sum(axis=0)
        for half, has_replicate in enumerate(halves.swapaxes(1, 2)):  # (replicate, split)
            total -= has_replicate @ full
            other_right, other_wrong = (judged.view(np.int8) for judged in both[1 - half])
            for chosen, vote in by_choice:
                judged = _judge(counts[half] - vote, ties, truth, chunk)
                right, wrong = (part.view(np.int8) for part in judged)
                # Flips less their floor, the part of the baseline's vote and the compressed one's
                baseline_part = (
                    right[0] * (other_wrong[1] - other_wrong[0]) - other_right[0] * wrong[0]
                )
                for side, part in enumerate((baseline_part, other_right[0] * wrong[1])):
                    total += chosen[side] * (has_replicate @ part.astype(np.float32))
    return total / (4 * halves.shape[1])
