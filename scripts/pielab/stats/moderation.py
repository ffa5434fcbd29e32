"""Borrow strength across examples: shrink each variance over few models towards that of all.

Source: Smyth 2004, "Linear models and empirical Bayes methods for assessing differential
expression", section 6.2, as in limma's squeezeVar.

Derived in docs/explanation/statistics.md#shift.
"""

from typing import NamedTuple

import numpy as np
from scipy.special import digamma, zeta

from pielab.stats.medians import medians

ZERO = 1e-5  # variances below this fraction of their median count as that much, as in limma


class Prior(NamedTuple):
    """The scaled inverse chi-squared distribution that the examples' variances are drawn from."""

    freedom: float  # degrees of freedom, d0; 0 says nothing, infinity that all are alike
    variance: float  # s0 squared


def trigamma_inverse(value: float) -> float:
    """Return the y whose trigamma is `value`, by Newton's method; infinity for zero or less."""
    if value <= 0:
        return np.inf
    y = 0.5 + 1 / value  # the start is below the root, from where the steps only climb
    for _ in range(50):
        slope = zeta(2.0, y)  # the trigamma function; the second derivative is -2 zeta(3, y)
        step = slope * (1 - slope / value) / (-2 * zeta(3.0, y))
        y += step
        if -step < 1e-10 * y:
            break
    return float(y)


def variance_prior(variances: np.ndarray, freedom: float) -> Prior:
    """Return the prior of variances, by the method of moments on their logarithms.

    Parameters
    ----------
    variances : float (examples,)
        Each with `freedom` degrees of freedom, of models.
    """
    median = medians(variances) if len(variances) else 0.0
    if len(variances) < 2 or median == 0:
        return Prior(0.0, 0.0)
    logs = np.log(np.maximum(variances, ZERO * median)) - digamma(freedom / 2) + np.log(freedom / 2)
    prior = 2 * trigamma_inverse(logs.var(ddof=1) - float(zeta(2.0, freedom / 2)))
    if np.isinf(prior):
        return Prior(np.inf, float(variances.mean()))
    scale = np.exp(logs.mean() + digamma(prior / 2) - np.log(prior / 2))
    return Prior(float(prior), float(scale))


def moderate(variances: np.ndarray, freedom: float, prior: Prior) -> np.ndarray:
    """Return the posterior means of variances: those of models and prior, by their freedom."""
    if np.isinf(prior.freedom):
        return np.full_like(variances, prior.variance)
    return (prior.freedom * prior.variance + freedom * variances) / (prior.freedom + freedom)


def total_freedom(residuals: np.ndarray, prior: Prior) -> float:
    """Return the degrees of freedom of moderated variances, of models and prior together.

    Models that lean to a class, or are sure everywhere, err alike on all examples. Their
    variances are then alike because they share few errors, not because much is known of them, and
    the prior's freedom is too large: so it is at most that of variances pooled over as many
    independent examples as the residuals have directions, (sum of eigenvalues)^2 / sum of squares.

    Parameters
    ----------
    residuals : float (models, examples)
        Around each example's mean.
    """
    freedom = len(residuals) - 1
    gram = residuals @ residuals.T
    squares = float((gram**2).sum())
    directions = float(np.trace(gram)) ** 2 / squares if squares > 0 else 1.0
    return min(freedom + prior.freedom, freedom * max(1.0, directions))
