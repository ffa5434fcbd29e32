"""Fit odds again without each replicate, from the fit of all models, many replicates at once.

A replicate moves coefficients little, and there are thousands of replicates to fit. Factors are
float64 (replicates, factors, texts), so that a factor's texts lie side by side in memory.

Derived in docs/explanation/statistics.md#causes.
"""

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

PRIOR = 2.5  # standard deviation, of log odds per standard deviation of a factor
STEPS, CLOSE = 12, 1e-5  # of a fit near another one, and how small its last one is
CHUNK = 2**16  # numbers of a design that stay in a core's cache


class LeftOut(NamedTuple):
    """What is known of texts without each replicate."""

    factors: np.ndarray  # float64 (replicates, factors, texts), standardised
    outcome: np.ndarray  # float64 (replicates, texts)


class Refits(NamedTuple):
    """Fits of some replicates near the fit of all models, the constant before the factors."""

    rows: slice  # the replicates
    coefficients: np.ndarray  # float64 (replicates, 1 + factors), NaN where they are not near
    scores: np.ndarray  # (replicates, 1 + factors, texts): of the posterior, where the search began


def refits(left_out: LeftOut, scale: float, start: np.ndarray) -> Iterator[Refits]:
    """Yield fits of as many replicates as a core's cache holds.

    Parameters
    ----------
    scale : float
        Comparisons whose mean a bounded outcome is; 0 for least squares.
    start : float64 (1 + factors,)
        The coefficients of all models.
    """
    replicates, n_factors, n_texts = left_out.factors.shape
    step = max(1, CHUNK // ((1 + n_factors) * max(1, n_texts)))
    for first in range(0, replicates, step):
        rows = slice(first, first + step)
        factors, outcome = left_out.factors[rows], left_out.outcome[rows]
        design = np.empty((len(factors), 1 + n_factors, n_texts))
        design[:, 0], design[:, 1:] = 1, factors
        fit = _by_steps if scale else _by_least_squares
        yield Refits(rows, *fit(design, outcome, scale, start))


def prior(coefficients: int) -> np.ndarray:
    """Return the prior's precision for each coefficient; of the constant, none."""
    return np.array([1e-9] + [PRIOR**-2] * (coefficients - 1))


def _by_least_squares(
    design: np.ndarray, outcome: np.ndarray, scale: float, start: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    transposed = design.swapaxes(1, 2)
    moments = design @ outcome[:, :, None]
    coefficients = (np.linalg.pinv(design @ transposed) @ moments)[:, :, 0]
    return coefficients, design * (outcome - start @ design)[:, None]


def _by_steps(
    design: np.ndarray, outcome: np.ndarray, scale: float, start: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Return fits by Newton's steps, with the first one's derivative, which hardly changes."""
    precision = prior(len(start))
    chance = _chance(start @ design)
    residuals = scale * (outcome - chance)
    weights = scale * chance * (1 - chance)
    scores = design * weights[:, None]
    inverse = np.linalg.inv(scores @ design.swapaxes(1, 2) + np.diag(precision))
    np.multiply(design, residuals[:, None], out=scores)
    coefficients = np.broadcast_to(start, (len(design), len(start))).copy()
    going, far = np.ones((2, len(design)), dtype=bool)
    far[:] = False
    for _ in range(STEPS):
        gradient = (design @ residuals[:, :, None])[:, :, 0] - precision * coefficients
        steps = (inverse @ gradient[:, :, None])[:, :, 0]
        largest = np.abs(steps).max(axis=1)
        far |= going & ~(largest < 1)  # far away, or nowhere
        going &= ~far
        coefficients[going] += steps[going]
        going &= largest >= CLOSE
        if not going.any():
            break
        residuals = scale * (outcome - _chance((coefficients[:, None] @ design)[:, 0]))
    coefficients[far | going] = np.nan
    return coefficients, scores


def _chance(linear: np.ndarray) -> np.ndarray:
    """Return what scipy.special.expit does, faster by numpy's exponential; `linear` is lost."""
    with np.errstate(over="ignore"):
        odds_against = np.exp(np.negative(linear, out=linear), out=linear)
    odds_against += 1
    return np.reciprocal(odds_against, out=odds_against)
