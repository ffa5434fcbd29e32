"""Subsets of the seeds, and their halves: which models vote together.

Derived in docs/explanation/statistics.md#noise-floor.
"""

import math
from collections.abc import Sequence
from itertools import combinations

import numpy as np

MOST_SPLITS = 300  # that are all taken


def half_size(n_replicates: int) -> int:
    """Return the largest odd number that goes twice into the seeds: even groups would tie."""
    half = n_replicates // 2
    return half - (half % 2 == 0)


def all_splits(n_replicates: int) -> np.ndarray | None:
    """Return all splits of the seeds, 0 / 1 (half, split, seed), or None if there are too many."""
    half = half_size(n_replicates)
    if math.comb(n_replicates, half) * math.comb(n_replicates - half, half) // 2 > MOST_SPLITS:
        return None
    pairs = [
        (first, second)
        for first in combinations(range(n_replicates), half)
        for second in combinations(sorted(set(range(n_replicates)) - set(first)), half)
        if first < second
    ]
    sets = np.zeros((2, len(pairs), n_replicates))
    for row, pair in enumerate(pairs):
        for group, chosen in enumerate(pair):
            sets[group, row, list(chosen)] = 1
    return sets


def draw_subsets(sizes: Sequence[int], n_replicates: int, rng: np.random.Generator) -> np.ndarray:
    """Return random subsets of the seeds, and their halves: 0 / 1 (3, subset, seed).

    The first and the second half, of half_size models each, and the whole.
    """
    sets = np.zeros((3, len(sizes), n_replicates))
    orders = np.array([rng.permutation(n_replicates) for _ in sizes])
    for size in set(sizes):
        rows, half = np.flatnonzero(np.equal(sizes, size)), half_size(size)
        order = orders[rows, :size]
        for group, chosen in enumerate((order[:, :half], order[:, half : 2 * half], order)):
            sets[group, rows[:, None], chosen] = 1
    return sets
