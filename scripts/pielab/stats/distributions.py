"""Quantiles and tails of the usual distributions: those of scipy.stats, to the same bits.

By scipy.special alone, since the import of scipy.stats takes longer than many a job.
"""

from typing import Any

import numpy as np
from scipy import special

Number = Any  # float, or an array of float


def normal_quantile(share: Number) -> Number:
    """Return below which value this share of a standard normal distribution is."""
    return special.ndtri(share)


def normal_cdf(value: Number) -> Number:
    """Return the share of a standard normal distribution below a value."""
    return special.ndtr(value)


def normal_density(value: Number) -> Number:
    """Return the density of the standard normal distribution."""
    return np.exp(-(value**2) / 2) / np.sqrt(2 * np.pi)


def student_quantile(share: Number, freedom: Number) -> Number:
    """Return below which value this share of Student's t is, a share above 0."""
    return special.stdtrit(freedom, share)


def student_tail(value: Number, freedom: Number) -> Number:
    """Return the share of Student's t above a value."""
    return special.stdtr(freedom, -value)


def chi2_quantile(share: Number, freedom: Number) -> Number:
    """Return below which value this share of a chi-squared distribution is."""
    return 2 * special.gammaincinv(freedom / 2, share)


def binomial_cdf(most: Number, number: Number, chance: float) -> Number:
    """Return how probable it is that so many of a number happen or fewer, 0 to all of them.

    Parameters
    ----------
    most : int
        From -1 to `number`.
    """
    left = np.asarray(number) - most
    below = special.betainc(np.maximum(left, 1), np.asarray(most) + 1.0, 1 - chance)
    return np.where(left > 0, np.where(np.asarray(most) < 0, 0.0, below), 1.0)


def false_discovery_control(p: np.ndarray) -> np.ndarray:
    """Return the q-values of Benjamini and Hochberg (1995), float64 (tests,).

    Parameters
    ----------
    p : float (tests,)
        From 0 to 1.
    """
    order = np.argsort(p)
    scaled = np.asarray(p)[order] * (len(p) / np.arange(1, len(p) + 1))
    q = np.empty(len(p))
    q[order] = np.minimum.accumulate(scaled[::-1])[::-1]
    return np.clip(q, 0, 1)
