"""Test examples and cells for a change, and adjust for many tests.

Derived in docs/explanation/statistics.md#one-example.
"""

from typing import NamedTuple

import numpy as np
import pandas as pd

from pielab.stats.distributions import binomial_cdf, false_discovery_control
from pielab.vocabulary import TIER_FDR, TIERS


class SignTest(NamedTuple):
    """Whether baseline and compressed models of the same seeds decide alike, by item."""

    lost: np.ndarray  # seeds whose baseline model decides for it and compressed model does not
    gained: np.ndarray  # the reverse
    p: np.ndarray
    tested: np.ndarray  # bool: the items on which enough seeds changed


def false_discovery(p: pd.Series) -> pd.Series:
    """Return the q-values of Benjamini and Hochberg (1995); NaN where p is."""
    tested_p = p.dropna()
    adjusted = false_discovery_control(tested_p.to_numpy())
    return pd.Series(adjusted, index=tested_p.index, dtype=np.float64).reindex(p.index)


def sign_test(baseline: np.ndarray, compressed: np.ndarray, fewest: int = 0) -> SignTest:
    """Test each item for a change of how many models decide for it, two-sided and exact.

    The p-value is McNemar's exact test's over the seeds that changed, and no smaller than it
    should be.

    Parameters
    ----------
    baseline, compressed : bool (seeds, ...)
        Row s of both is the same seed.
    fewest : int
        Items on which fewer seeds changed are not tested, and the others are adjusted for fewer.
        How many seeds changed tells nothing of the direction, so that false discoveries stay
        controlled (Bourgon et al. 2010); 6 is the fewest that reach p <= 0.05.

    Raises
    ------
    ValueError
        If the two differ in shape.
    """
    if baseline.shape != compressed.shape:
        raise ValueError(f"compressed: shape {compressed.shape}; expected {baseline.shape}")
    baseline, compressed = (side.astype(bool) for side in (baseline, compressed))
    lost = (baseline & ~compressed).sum(axis=0)
    gained = (~baseline & compressed).sum(axis=0)
    p = sign_test_table(len(baseline))[lost, gained]
    return SignTest(lost, gained, p, lost + gained >= fewest)


def simes(p: np.ndarray, tested: np.ndarray) -> np.ndarray:
    """Return one p-value an example of those of its classes, float64 (examples,); 1 if untested.

    It is the smallest of m p_(k) / k over the k-th smallest of its m tested classes (Simes 1986).
    The best class's own p or q would be too small: it is the best of many.

    Parameters
    ----------
    p : float (examples, classes)
    tested : bool (examples, classes)
    """
    ordered, number = np.sort(np.where(tested, p, 1.0), axis=1), tested.sum(axis=1, keepdims=True)
    rank = np.arange(1, p.shape[1] + 1)
    return (ordered * number / rank).min(axis=1, where=rank <= number, initial=1.0)


def adjust(p: np.ndarray, tested: np.ndarray) -> np.ndarray:
    """Return the q-values of Benjamini and Hochberg (1995) over what is tested, else 1."""
    q = np.ones(p.shape)
    if tested.any():
        q[tested] = false_discovery_control(p[tested])
    return q


def tiers(q: np.ndarray) -> np.ndarray:
    """Return the tier: certain (q <= 0.05), likely (q <= 0.20), or seed noise."""
    return np.array(TIERS)[np.searchsorted(TIER_FDR, q, side="left")]


def sign_test_table(n_pairs: int) -> np.ndarray:
    """Return two-sided sign test p-values by seeds lost and gained, (seeds + 1, seeds + 1)."""
    lost, gained = np.ogrid[: n_pairs + 1, : n_pairs + 1]
    fewer = np.minimum(lost, gained)
    return np.minimum(1.0, 2 * binomial_cdf(fewer, lost + gained, 0.5))
