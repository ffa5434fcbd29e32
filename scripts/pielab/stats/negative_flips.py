"""Count negative flips beyond the noise floor: texts that the majority newly gets wrong.

As noise_floor does for PIEs, and with halves as large: halves that are compared have no replicate,
a seed or else a draw, in common. With one dense model only draws differ, and its floor is zero.

Derived in docs/explanation/statistics.md#losses.
"""

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
    replicates, n_examples = cell.n_replicates, len(cell.ballots.contested)
    half, known = half_size(replicates), replicates >= FEWEST_FOR_INTERVAL
    halves = all_splits(replicates)
    if halves is None:
        halves = draw_subsets([replicates] * SPLITS, replicates, rng)[:2]
    shares = np.zeros((2, n_examples))
    left_out = np.zeros((replicates if known else 1, n_examples))
    without = halves.sum(axis=0).T == 0  # (replicate, split)
    for columns, one_hot in votes.chunks(cell.ballots, halves.shape[1]):
        truth = cell.truth[columns].T.astype(np.int16) if cell.multi_label else cell.labels[columns]
        counts = [votes.count(counted, one_hot) for counted in halves]
        flips, floor = _twice(*(_judge(counted, cell.ballots.ties, truth) for counted in counts))
        shares[:, columns] = flips.mean(axis=0) / 2, floor.mean(axis=0) / 2
        if known and half == 1:  # a half of one replicate cannot lose it
            excess = flips - floor
            left_out[:, columns] = [excess[rows].mean(axis=0) / 2 for rows in without]
        elif known:
            is_one_vote = cell.ballots.per_replicate == 1 and not cell.multi_label
            without_each = _without_each_vote if is_one_vote else _without_each
            left_out[:, columns] = without_each(counts, one_hot, halves, truth)
    return ByExample(half, shares, left_out)


def _judge(counts: np.ndarray, ties: str, truth: np.ndarray) -> np.ndarray:
    """Return whether a half's models are right, and whether they are wrong, of each side.

    Parameters
    ----------
    counts : int (side, choice, split, item)
    truth : int (examples,), or with several labels (labels, examples)

    Returns
    -------
    bool (2, side, split, example)
        Where a tie is excluded, neither.
    """
    modal = votes.modal(counts, ties)  # (side, split, item)
    if truth.ndim == 1 and ties != "exclude":  # one label, which is right or wrong
        right = modal == truth
        return np.stack([right, ~right])
    modal = modal.reshape(*modal.shape[:2], -1, truth.shape[-1])  # (side, split, label, example)
    right = (modal == truth).all(axis=2)
    return np.stack([right, ((modal != truth) & (modal >= 0)).any(axis=2)])


def _twice(first: np.ndarray, second: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return twice the flips and twice their floor, int8 (split, example), of judged halves."""
    (right, wrong), (other_right, other_wrong) = first, second
    flips = (right[0] & other_wrong[1]).view(np.int8) + (other_right[0] & wrong[1])
    floor = (right[0] & other_wrong[0]).view(np.int8) + (other_right[0] & wrong[0])
    return flips, floor


def _without_each(
    counts: list[np.ndarray], one_hot: np.ndarray, halves: np.ndarray, truth: np.ndarray
) -> np.ndarray:
    """Return the excess where each replicate leaves its half, (replicates, examples).

    A half that loses a replicate may be tied: the mean over both tie rules favours no class.
    """
    halves = halves[:, :LEFT_OUT]
    total = np.zeros((halves.shape[2], truth.shape[-1]))
    for ties in ("lowest", "highest"):
        both = [_judge(counted[:, :, :LEFT_OUT], ties, truth) for counted in counts]
        full = np.subtract(*_twice(*both))
        total += full.sum(axis=0)
        for half, replicate in np.ndindex(2, len(total)):
            rows = np.flatnonzero(halves[half, :, replicate])
            if not len(rows):
                continue
            rest = counts[half][:, :, rows] - one_hot[:, :, replicate, None]
            judged = _judge(rest, ties, truth), both[1 - half][:, :, rows]
            total[replicate] += (np.subtract(*_twice(*judged)) - full[rows]).sum(axis=0)
    return total / (4 * halves.shape[1])


def _without_each_vote(
    counts: list[np.ndarray], one_hot: np.ndarray, halves: np.ndarray, truth: np.ndarray
) -> np.ndarray:
    """Return the same where replicates have one vote: a choice tells what its half is without it.

    So halves are judged once a choice and not once a replicate.
    """
    halves = halves[:, :LEFT_OUT].astype(np.float32)
    counts = [baseline_part[:, :, :LEFT_OUT] for baseline_part in counts]
    total = np.zeros((halves.shape[2], truth.shape[-1]))
    for ties in ("lowest", "highest"):
        both = [_judge(baseline_part, ties, truth) for baseline_part in counts]
        full = np.subtract(*_twice(*both)).astype(np.float32)
        total += full.sum(axis=0)
        for half, has_replicate in enumerate(halves.swapaxes(1, 2)):  # (replicate, split)
            total -= has_replicate @ full
            other_right, other_wrong = (judged.view(np.int8) for judged in both[1 - half])
            for choice in range(one_hot.shape[1]):
                rest = counts[half].copy()
                rest[:, choice] -= 1
                right, wrong = (judged.view(np.int8) for judged in _judge(rest, ties, truth))
                # Flips less their floor, the part of the baseline's vote and the compressed one's
                baseline_part = (
                    right[0] * (other_wrong[1] - other_wrong[0]) - other_right[0] * wrong[0]
                )
                for side, part in enumerate((baseline_part, other_right[0] * wrong[1])):
                    total += one_hot[side, choice] * (has_replicate @ part.astype(np.float32))
    return total / (4 * halves.shape[1])
