"""Count bad flips beyond luck: texts that compression makes the majority of models get wrong.

As noise does for PIEs: halves of the models that are compared have no unit, a seed or else a draw,
in common. Of one dense model all of luck is the draws', and its floor is zero.
"""

from typing import NamedTuple

import numpy as np

from pielab.pies import votes
from pielab.pies.cell import Cell
from pielab.stats.intervals import Interval, mean_interval
from pielab.stats.subsets import draw_subsets, half_size

SPLITS = 500
FEWEST = 4  # units below which there is no interval


class BadFlips(NamedTuple):
    """Bad flips between groups of `half` units, means over random splits, and their excess."""

    half: int
    floor: float  # right by one half of the baseline, wrong by the other
    flips: float  # right by a half of the baseline, wrong by the compressed other half
    excess: Interval


class ByExample(NamedTuple):
    """Shares of the splits in which examples are bad flips, and what comes out without a unit."""

    half: int
    shares: np.ndarray  # (2, examples): flips, and their floor
    left_out: np.ndarray  # (units, examples): the excess; one row where it is unknown


def bad_flips(cell: Cell, rng: np.random.Generator) -> BadFlips:
    """Return how many bad flips there are between halves, how many by luck, and their difference.

    A jackknife leaves out a unit by leaving out the splits that it is in, so that some of the
    units are in neither half.
    """
    half, shares, left_out = by_example(cell, rng)
    found = mean_interval(shares[0] - shares[1], left_out)
    flips, floor = shares.sum(axis=1).tolist()
    return BadFlips(half, floor, flips, Interval(*(shares.shape[1] * end for end in found)))


def by_example(cell: Cell, rng: np.random.Generator) -> ByExample:
    """Return what bad_flips adds up; of fewer than FEWEST units nothing is left out."""
    units, n_examples = cell.n_units, len(cell.ballots.contested)
    half = half_size(units)
    if 2 * half == units and units > 2:
        half = half_size(units - 1)
    drawn = draw_subsets([2 * half + 1] * SPLITS, units, rng)[:2]  # as large as asked, and odd
    halves, times = _distinct(drawn)
    without = halves.sum(axis=0).T == 0  # (unit, split)
    known = units >= FEWEST and bool(without.any(axis=1).all())
    shares = np.zeros((2, n_examples))
    left_out = np.zeros((units if known else 1, n_examples))
    for columns, one_hot in votes.blocks(cell.ballots, halves.shape[1]):
        crossed, own = map(np.float64, _twice_by_split(cell, columns, one_hot, halves))
        shares[:, columns] = times @ crossed / (2 * SPLITS), times @ own / (2 * SPLITS)
        if known:
            splits = without * times
            left_out[:, columns] = splits @ (crossed - own) / (2 * splits.sum(axis=1)[:, None])
    return ByExample(half, shares, left_out)


def _distinct(halves: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return each split once, whichever half comes first, and how often it was drawn.

    A few units make few splits: of five units 500 draws have ten.
    """
    first, second = halves
    swapped = [tuple(one) > tuple(other) for one, other in zip(first, second, strict=True)]
    halves = np.where(np.array(swapped)[:, None], halves[::-1], halves)
    kept, times = np.unique(halves, axis=1, return_counts=True)
    return kept, times.astype(np.float64)


def _twice_by_split(
    cell: Cell, columns: np.ndarray, one_hot: np.ndarray, halves: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Return twice the flips and twice their floor, int8 (split, example)."""
    ties, right, wrong = cell.ballots.ties, [], []
    truth = cell.truth[columns].T.astype(np.int16) if cell.multi_label else cell.labels[columns]
    for half in halves:
        modal = votes.modal(votes.count(half, one_hot), ties)  # (side, split, item)
        modal = modal.reshape(*modal.shape[:2], -1, len(columns))  # (side, split, label, example)
        right.append((modal == truth).all(axis=2))
        wrong.append(((modal != truth) & (modal >= 0)).any(axis=2))
    flips = (right[0][0] & wrong[1][1]) * np.int8(1) + (right[1][0] & wrong[0][1])
    floor = (right[0][0] & wrong[1][0]) * np.int8(1) + (right[1][0] & wrong[0][0])
    return flips, floor


def bad_flip_row(cell: Cell, rng: np.random.Generator) -> dict[str, float]:
    """Return the columns of a cell's bad flips, for the table of cells; NaN of one unit."""
    names = ("bad_floor", "bad_excess", "bad_excess_low", "bad_excess_high")
    if cell.n_units < 2:
        return dict.fromkeys(names, np.nan)
    found = bad_flips(cell, rng)
    return dict(zip(names, (found.floor, *found.excess), strict=True))
