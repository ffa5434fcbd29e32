"""Measure the noise floor: the PIEs that models which differ only by their seeds would have.

Counts of PIEs are numbers of examples. A cell has as many models on both sides, two or more. Where
draws of calibration texts make several of each seed, a seed here is all of them, a replicate.

Derived in docs/explanation/statistics.md#noise-floor.
"""

import math
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from pielab.pies import votes
from pielab.pies.cell import Cell
from pielab.stats.intervals import Interval, mean_interval
from pielab.stats.subsets import all_splits, draw_subsets, half_size

EXACT = 4096  # a permutation test of so many sign flips or fewer takes them all
DRAWN, MOST_DRAWN = 50, 500  # splits of many seeds
LARGEST_ERROR = 0.01  # of the excess over drawn splits, as a fraction of the examples


class NoiseFloor(NamedTuple):
    """PIEs between groups of `half_seeds` models, means over splits of the seeds."""

    half_seeds: int
    floor: float  # baseline against other baseline
    noise_floor_compressed: float  # compressed against other compressed
    half_pies: float  # baseline against compressed of other seeds
    excess: Interval  # half_pies - floor


class PermutationTest(NamedTuple):
    """The number of PIEs, and the numbers when a seed's two models swap groups."""

    pies: int
    p: float
    null: np.ndarray
    exact: bool


class SeedPoint(NamedTuple):
    """What a study of fewer seeds would have found: means and standard deviations over draws."""

    seeds: int
    pies: float
    pies_sd: float
    excess: float
    excess_sd: float
    overlap: float  # Jaccard, with the PIEs of all seeds
    overlap_sd: float


def noise_floor(cell: Cell, rng: np.random.Generator, confidence: float = 0.95) -> NoiseFloor:
    """Return how many PIEs seeds alone make, and how many pruning adds to them.

    A split cuts the seeds into two disjoint groups of `half_size` models; all splits are taken
    where there are few, else as many random ones as bring the error of the mean excess below 1 %
    of the examples. Groups that are compared have no seed in common, so that without an effect of
    pruning the expected excess is zero. Its interval is over seeds and examples, as in
    intervals.two_way_variances; with fewer than four seeds it is NaN.
    """
    return _mean_over_splits(cell, _halves(cell, rng), confidence)


def excess_by_example(cell: Cell, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Return each example's share of the excess, (examples,), and without each seed.

    The second, (seeds, examples), has one row where it is unknown, with fewer than four seeds.
    """
    shares, left_out = _by_example(cell, _halves(cell, rng))
    return shares[2] - shares[0], left_out


def _halves(cell: Cell, rng: np.random.Generator) -> np.ndarray:
    """Return the splits of a cell's seeds, 0 / 1 (half, split, seed), see noise_floor."""
    n_replicates = cell.ballots.sides.shape[1] // cell.per_replicate
    halves = all_splits(n_replicates)
    if halves is None:
        # A few first, to tell how many bring the error of their mean below LARGEST_ERROR
        halves = draw_subsets([n_replicates] * DRAWN, n_replicates, rng)[:2]
        error = _excess_by_split(cell, halves).std(ddof=1) / DRAWN**0.5
        more = math.ceil(DRAWN * (error / (LARGEST_ERROR * len(cell.ids))) ** 2)
        if more > DRAWN:
            halves = draw_subsets([n_replicates] * min(more, MOST_DRAWN), n_replicates, rng)[:2]
    return halves


def _excess_by_split(cell: Cell, halves: np.ndarray) -> np.ndarray:
    """Return the excess of each split, in examples, (splits,)."""
    total = np.zeros(halves.shape[1])
    for chunk in votes.chunks(cell.ballots, halves.shape[1]):
        first, second = (votes.modal(votes.count(half, chunk.votes), cell.ties) for half in halves)
        total += _twice_excess(first, second, chunk).sum(axis=1) / 2
    return total


def _mean_over_splits(cell: Cell, halves: np.ndarray, confidence: float) -> NoiseFloor:
    """Return the noise floor over given splits, 0 / 1 (half, split, seed)."""
    shares, left_out = _by_example(cell, halves)
    n_examples = shares.shape[1]
    excess = mean_interval(shares[2] - shares[0], left_out, confidence, cell.clusters)
    floor, noise_floor_compressed, half_pies = map(float, shares.sum(axis=1))
    in_examples = Interval(*(n_examples * end for end in excess))
    return NoiseFloor(
        half_size(cell.n_replicates), floor, noise_floor_compressed, half_pies, in_examples
    )


def _by_example(cell: Cell, halves: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return shares of splits in which examples are PIEs, (3, examples), and left out excesses.

    The shares are of the floors of baseline and compressed models, and of PIEs between both.
    """
    n_replicates, n_examples = cell.n_replicates, cell.ballots.n_examples
    shares = np.zeros((3, n_examples))
    left_out = np.zeros((n_replicates if n_replicates >= 4 else 1, n_examples), dtype=np.float32)
    # Three ways to the same jackknife: the general one, one for halves that cannot lose their only
    # seed, and a faster one where a seed has one vote
    leave_out = _excess_left_out
    if halves[0, 0].sum() == 1:
        leave_out = _excess_of_other_splits
    elif cell.per_replicate == 1 and not cell.multi_label:
        leave_out = _excess_without_votes
    for chunk in votes.chunks(cell.ballots, halves.shape[1]):
        counts = votes.count(
            halves[:, None, None], chunk.votes
        )  # (half, side, choice, split, item)
        first, second = (votes.modal(half, cell.ties) for half in counts)  # (side, split, item)
        # Sides of the first and of the second half. Crossed both ways, so that it does not matter
        # which half came first
        pairs = [(0, 0), (1, 1), (0, 1), (1, 0)]
        means = [
            votes.pies_between(first[side], second[other], chunk).mean(axis=0)
            for side, other in pairs
        ]
        shares[:, chunk.columns] = means[0], means[1], (means[2] + means[3]) / 2
        if n_replicates >= 4:
            left_out[:, chunk.columns] = leave_out(counts, halves, chunk)
    return shares, left_out


def _excess_of_other_splits(
    counts: np.ndarray, halves: np.ndarray, chunk: votes.Chunk
) -> np.ndarray:
    """Return each example's excess over the splits without each seed, (seeds, examples).

    For halves of one model, which cannot lose it.
    """
    first, second = (votes.modal(half, chunk.ties) for half in counts)
    twice = _twice_excess(first, second, chunk)
    without = halves.sum(axis=0).T == 0  # (seed, split)
    return np.stack([twice[rows].mean(axis=0) / 2 for rows in without])


def _excess_left_out(counts: np.ndarray, halves: np.ndarray, chunk: votes.Chunk) -> np.ndarray:
    """Return each example's excess without each seed, (seeds, examples).

    A half that loses a model may be tied: the mean over both tie rules favours no class.
    """
    n_splits, n_replicates = halves.shape[1:]
    totals = np.zeros((n_replicates, len(chunk.columns)))
    for ties in ("lowest", "highest"):
        modals = [votes.modal(half, ties) for half in counts]
        full = _twice_excess(modals[0], modals[1], chunk)
        totals += full.sum(axis=0)
        for half, seed in np.ndindex(2, n_replicates):
            rows = np.flatnonzero(halves[half, :, seed])
            rest = counts[half][:, :, rows] - chunk.votes[:, :, seed, None]
            twice = _twice_excess(votes.modal(rest, ties), modals[1 - half][:, rows], chunk)
            # Of the splits that the seed is in, the change; all others stay as they are
            totals[seed] += (twice - full[rows]).sum(axis=0, dtype=np.int32)
    return totals / (4 * n_splits)


def _excess_without_votes(counts: np.ndarray, halves: np.ndarray, chunk: votes.Chunk) -> np.ndarray:
    """Return the same where a seed has one vote: what its half is without it, its choice tells.

    So halves are counted once a choice and not once a seed.
    """
    n_splits, n_replicates = halves.shape[1:]
    totals, by_choice = np.zeros((n_replicates, counts.shape[-1])), chunk.by_choice()
    for ties in ("lowest", "highest"):
        modals = [votes.modal(half, ties) for half in counts]
        full = _twice_excess(modals[0], modals[1], chunk).astype(np.float32)
        totals += full.sum(axis=0)
        for half, has_seed in enumerate(halves.swapaxes(1, 2).astype(np.float32)):  # (seed, split)
            totals -= has_seed @ full
            other = modals[1 - half]
            for chosen, vote in by_choice:
                # The half without any one seed that chose this
                baseline, compressed = votes.modal(counts[half] - vote, ties)
                floor = (baseline != other[0]).view(np.int8)
                own = (baseline != other[1]).view(np.int8) - 2 * floor
                for side, part in enumerate((own, compressed != other[0])):
                    totals += chosen[side] * (has_seed @ part.astype(np.float32))
    return totals / (4 * n_splits)


def _twice_excess(first: np.ndarray, second: np.ndarray, chunk: votes.Chunk) -> np.ndarray:
    """Return twice the excess, int8 (split, example), of modal choices (side, split, item)."""
    pairs = (first[0], second[1]), (first[1], second[0]), (first[0], second[0])
    crossed, uncrossed, floor = (votes.pies_between(*pair, chunk).view(np.int8) for pair in pairs)
    return crossed + uncrossed - 2 * floor


def pies_without_each(cell: Cell) -> np.ndarray:
    """Return whether each example is a PIE if a seed is left out, float32 (seeds, examples).

    Leaving out one of an odd number makes ties: a half is a PIE by one of the two tie rules.
    """
    n_replicates = cell.n_replicates
    left_out = np.zeros((n_replicates, cell.ballots.n_examples), dtype=np.float32)
    for chunk in votes.chunks(cell.ballots, n_replicates):
        counts = votes.count(1 - np.eye(n_replicates), chunk.votes)
        for ties in ("lowest", "highest"):
            baseline, compressed = votes.modal(counts, ties)
            left_out[:, chunk.columns] += votes.pies_between(baseline, compressed, chunk) / 2
    return left_out


def permutation_test(
    cell: Cell, rng: np.random.Generator, permutations: int = 2000
) -> PermutationTest:
    """Test whether there are more PIEs than if both sides were alike; one-sided.

    A permutation swaps the sides of some of the seeds. All are taken where there are at most
    4,096; else `permutations` of them at random, and p is (1 + those with as
    many PIEs or more) / (1 + permutations) (Phipson and Smyth 2010). Derived in
    docs/explanation/statistics.md#permutation-test.
    """
    n_replicates = cell.n_replicates
    exact = 2**n_replicates <= EXACT
    if exact:  # swapping the other seeds instead gives the same PIEs: the last one never swaps
        swaps = np.arange(2 ** (n_replicates - 1))[:, None] >> np.arange(n_replicates) & 1
    else:
        swaps = np.vstack(
            [np.zeros(n_replicates), rng.integers(0, 2, (permutations, n_replicates))]
        )
    pies = np.zeros(len(swaps), dtype=np.int64)
    for chunk in votes.chunks(cell.ballots, len(swaps)):
        baseline_votes, compressed_votes = votes.count(np.ones((1, n_replicates)), chunk.votes)
        moved = votes.count(swaps, chunk.votes[1] - chunk.votes[0])  # (choice, permutation, item)
        baseline = votes.modal(baseline_votes + moved, cell.ties)
        compressed = votes.modal(compressed_votes - moved, cell.ties)
        pies += np.count_nonzero(votes.pies_between(baseline, compressed, chunk), axis=1)
    # The first row swaps nothing, so that it is what was seen, and p is never 0
    p = float((pies >= pies[0]).mean())
    return PermutationTest(int(pies[0]), p, pies if exact else pies[1:], exact)


def seed_curve(
    cell: Cell, sizes: Sequence[int], rng: np.random.Generator, draws: int = 20
) -> list[SeedPoint]:
    """Return what random subsets of the seeds would have found, by their size.

    The excess is that of a subset's halves. Large subsets share most of their seeds, so that
    their standard deviations understate how much new seeds would change.

    Raises
    ------
    ValueError
        If a size is below 2 or above the number of seeds.
    """
    n_replicates = cell.n_replicates
    if not all(2 <= size <= n_replicates for size in sizes):
        raise ValueError(f"sizes: {list(sizes)}; expected 2 to {n_replicates}, the number of seeds")
    groups = draw_subsets([*np.repeat(sizes, draws), n_replicates], n_replicates, rng)
    n_pies, n_shared, excess = np.zeros((3, len(groups[0])))
    for chunk in votes.chunks(cell.ballots, len(groups[0])):
        first, second, whole = (
            votes.modal(votes.count(group, chunk.votes), cell.ties) for group in groups
        )
        excess += _twice_excess(first, second, chunk).sum(axis=1) / 2
        pies = votes.pies_between(whole[0], whole[1], chunk)
        n_pies += np.count_nonzero(pies, axis=1)
        n_shared += np.count_nonzero(pies & pies[-1], axis=1)  # the last group has all seeds
    union = n_pies + n_pies[-1] - n_shared
    overlap = np.divide(n_shared, union, out=np.ones(len(union)), where=union > 0)
    points = []
    for index, size in enumerate(sizes):
        of_size = slice(index * draws, (index + 1) * draws)
        columns = (n_pies[of_size], excess[of_size], overlap[of_size])
        means = [float(f(column)) for column in columns for f in (np.mean, np.std)]
        points.append(SeedPoint(int(size), *means))
    return points
