"""Test whether a group of examples is hurt more than the rest, where harm is discrete and skewed.

Harm is mostly zero and takes few values, so that Student's distribution promises too much of small
groups. A permutation of which examples are in the group is exact where group and rest have one
distribution; where the group merely varies more, as many flips either way, it takes that for harm
(of 1,000 examples, 30 of which turn in 30 % of the cases and the others in 1 %, p <= 0.002 in 9 %
of the runs), though the statistic is Student's (Janssen 1997), and Welch's test does not. So p is
the larger of the two.

Derived in docs/explanation/statistics.md#slices.
"""

from typing import NamedTuple

import numpy as np

from pielab.stats.distributions import student_quantile, student_tail

MOST = 19_999  # permutations
ENOUGH = 20  # permutations that reach the statistic, after which no more are drawn
CHUNK = 1000


class Moments(NamedTuple):
    """The number of examples of groups, and sums and sums of squares of their harm, (...,)."""

    number: np.ndarray
    total: np.ndarray
    squares: np.ndarray

    @property
    def mean(self) -> np.ndarray:
        """Return the mean harm."""
        return self.total / self.number

    @property
    def spread(self) -> np.ndarray:
        """Return the sum of squares around the mean."""
        return np.maximum(self.squares - self.total * self.mean, 0)

    def worth(self, design: np.ndarray | float) -> "Moments":
        """Return those of as many examples of their own as these are worth, by design effects."""
        return Moments(*(part / design for part in self))


class Excess(NamedTuple):
    """The mean harm of groups minus that of their rest, and what is known of it."""

    estimate: np.ndarray
    centre: np.ndarray  # of the interval
    error: np.ndarray  # standard error
    freedom: np.ndarray  # degrees of freedom

    @property
    def statistic(self) -> np.ndarray:
        """Return Student's t; 0 where nothing varies."""
        known = self.error > 0
        return np.divide(self.centre, self.error, out=np.zeros_like(self.centre), where=known)

    @property
    def p(self) -> np.ndarray:
        """Return the one-sided p-value of Student's distribution."""
        return student_tail(self.statistic, self.freedom)

    def ends(self, confidence: float = 0.95) -> tuple[np.ndarray, np.ndarray]:
        """Return the ends of the two-sided interval."""
        reach = student_quantile((1 + confidence) / 2, self.freedom) * self.error
        return self.centre - reach, self.centre + reach


def moments(harm: np.ndarray) -> Moments:
    """Return those of one group, of the harm of its examples, float (examples,)."""
    return Moments(np.array(len(harm)), harm.sum(), (harm**2).sum())


def flip_size(harm: np.ndarray) -> float:
    """Return the squared harm of an example that is hurt at all, as a mean over harm; 1 of flips.

    Where nothing is hurt it is 1 too, since more examples might be.

    Parameters
    ----------
    harm : float (examples,)
    """
    squares = (harm**2).sum()
    return float((harm**4).sum() / squares) if squares > 0 else 1.0


def excess(inside: Moments, whole: Moments, flip: float) -> Excess:
    """Return the excess of groups over the rest of `whole`.

    Welch's (1947), with one more example in the group that is one flip better or worse than the
    rest, at equal odds, as Agresti and Caffo (2000) add to proportions: without it a group of equal
    values has no variance, and intervals of rare harm end too soon.

    Parameters
    ----------
    inside : Moments
        Of groups that are neither empty nor all.
    whole : Moments
        Of all examples.
    flip : float
        From flip_size, of all examples.
    """
    rest = Moments(*(of_all - of_group for of_all, of_group in zip(whole, inside, strict=True)))
    estimate = inside.mean - rest.mean
    # Of the group with one example more, whose harm is one flip above or below the rest's mean: the
    # mean moves towards the rest, and the sum of squares grows by how far the example is away
    share = inside.number / (inside.number + 1)
    spreads = inside.spread + share * estimate**2 + flip, rest.spread + flip
    freedom = inside.number, rest.number
    parts = [
        spread / number / (number + 1) for spread, number in zip(spreads, freedom, strict=True)
    ]
    squared = parts[0] + parts[1]
    unsure = parts[0] ** 2 / freedom[0] + parts[1] ** 2 / freedom[1]
    # Satterthwaite's: a group of few examples gives few, however many the rest has
    known = np.divide(squared**2, unsure, out=np.ones_like(squared), where=unsure > 0)
    return Excess(estimate, share * estimate, np.sqrt(squared), known)


def group_p(
    harm: np.ndarray, inside: np.ndarray, rng: np.random.Generator, design: float = 1.0
) -> float:
    """Return the one-sided p-value of a group's harm being above that of the rest.

    The larger one of permutation_p's and of Welch's.

    Parameters
    ----------
    harm : float (examples,)
    inside : bool (examples,)
    design : float
        How many examples tell as much as one of its own would, by which Welch's is larger.
    """
    of_group, whole = (moments(part).worth(design) for part in (harm[inside], harm))
    found = excess(of_group, whole, flip_size(harm))
    return max(permutation_p(harm, inside, rng), float(found.p))


def permutation_p(harm: np.ndarray, inside: np.ndarray, rng: np.random.Generator) -> float:
    """Return how rarely a random group of this size has as high a statistic.

    What is drawn is how often each value of harm is in a group of this size: the permutations of
    examples, whose number then costs nothing. Drawing stops at `ENOUGH` that reach the statistic,
    whose share among those drawn by then is a valid p-value (Besag and Clifford 1991); else p is
    (1 + those that reach it) / (1 + `MOST`).

    Parameters
    ----------
    harm : float (examples,)
    inside : bool (examples,)
    """
    rounded = np.round(harm, 9)  # means over models of the same answers differ in the last digits
    values, counts = np.unique(rounded, return_counts=True)
    whole, flip = _drawn(counts, values), flip_size(harm)
    in_group = np.bincount(np.searchsorted(values, rounded[inside]), minlength=len(values))
    observed = excess(_drawn(in_group, values), whole, flip).statistic
    size, reached, drawn = int(inside.sum()), 0, 0
    while drawn < MOST:
        number = min(CHUNK, MOST - drawn)
        groups = rng.multivariate_hypergeometric(counts, size, size=number, method="marginals")
        reaching = excess(_drawn(groups, values), whole, flip).statistic >= observed - 1e-9
        if reached + reaching.sum() >= ENOUGH:
            # Stopping at the draw that reaches it keeps p valid; at the end of a chunk it would not
            last = np.flatnonzero(reaching)[ENOUGH - reached - 1]
            return float(ENOUGH / (drawn + last + 1))
        reached, drawn = reached + int(reaching.sum()), drawn + number
    return (1 + reached) / (1 + drawn)


def _drawn(counts: np.ndarray, values: np.ndarray) -> Moments:
    """Return the moments of groups that hold each value so often, int (..., values)."""
    return Moments(counts.sum(axis=-1), counts @ values, counts @ values**2)


def sign_flip_p(excesses: np.ndarray, rng: np.random.Generator, flips: int = 2000) -> np.ndarray:
    """Return of each group how rarely models that are alike on both sides reach its excess.

    Swapping which model of a pair is the compressed one turns the sign of the pair's excess in
    all groups; p is the share of swaps in which the highest statistic of any group reaches the
    group's own, so that it holds for groups that were picked (Westfall and Young 1993). All swaps
    are taken where there are 4,096 or fewer.

    Parameters
    ----------
    excesses : float (groups, pairs)

    Returns
    -------
    float (groups,)
    """
    pairs = excesses.shape[1]
    exact = 2**pairs <= 4096
    if exact:
        signs = 1 - 2 * (np.arange(2**pairs)[:, None] >> np.arange(pairs) & 1)
    else:
        signs = np.vstack([np.ones(pairs), 1 - 2 * rng.integers(0, 2, (flips, pairs))])
    # Swaps turn signs and leave squares, so that the sum over their root ranks as Student's t does
    length = np.sqrt((excesses**2).sum(axis=1, keepdims=True))
    scaled = np.divide(excesses, length, out=np.zeros_like(excesses), where=length > 0)
    highest = np.sort((scaled @ signs.T).max(axis=0, initial=-np.inf))
    below = np.searchsorted(highest, scaled.sum(axis=1) - 1e-9, side="left")
    return (len(highest) - below) / len(highest)
