"""Test examples and cells for a change, and adjust for many tests."""

from typing import NamedTuple

import numpy as np
import pandas as pd
from scipy import stats

from pielab.vocabulary import TIER_FDR


def false_discovery(p: pd.Series) -> pd.Series:
    """Return the q-values of Benjamini and Hochberg (1995); NaN where p is."""
    known = p.dropna()
    adjusted = stats.false_discovery_control(known) if len(known) else []
    return pd.Series(adjusted, index=known.index, dtype=np.float64).reindex(p.index)


class PairedTest(NamedTuple):
    """Whether dense and pruned models of the same seeds are right equally often, by item."""

    lost: np.ndarray  # seeds whose dense model is right and pruned model wrong
    gained: np.ndarray  # the reverse
    p: np.ndarray
    q: np.ndarray  # adjusted for all items at once
    tier: np.ndarray  # int8, index into TIERS


def paired_test(dense_right: np.ndarray, pruned_right: np.ndarray, fewest: int = 0) -> PairedTest:
    """Test each item for a change of how often models are right, and adjust for all items.

    The p-value is the two-sided exact sign test's (McNemar's exact test) over the seeds that
    changed, and no smaller than it should be. So the false discovery rate stays below the level
    of the q-values, which are Benjamini and Hochberg's (1995). Tiers: certain, q <= 0.05; likely,
    q <= 0.20; the rest cannot be told from seed noise.

    Parameters
    ----------
    dense_right, pruned_right : bool (seeds, examples) or (seeds, examples, classes)
        Row s of both is the same seed.
    fewest : int
        Items on which fewer seeds changed are not tested: their q-value is 1, and the others are
        adjusted for fewer. How many seeds changed tells nothing of the direction, so that the
        rate stays controlled (Bourgon et al. 2010); 6 is the fewest that reach p <= 0.05.
    """
    if dense_right.shape != pruned_right.shape:
        raise ValueError(f"pruned: shape {pruned_right.shape}; expected {dense_right.shape}")
    dense_right, pruned_right = (side.astype(bool) for side in (dense_right, pruned_right))
    lost = (dense_right & ~pruned_right).sum(axis=0)
    gained = (~dense_right & pruned_right).sum(axis=0)
    p = sign_test_table(len(dense_right))[lost, gained]
    q, tested = np.ones(p.shape), lost + gained >= fewest
    if tested.any():
        q[tested] = stats.false_discovery_control(p[tested])
    tier = np.searchsorted(TIER_FDR, q, side="left").astype(np.int8)
    return PairedTest(lost, gained, p, q, tier)


def sign_test_table(seeds: int) -> np.ndarray:
    """Return two-sided sign test p-values by seeds lost and gained, (seeds + 1, seeds + 1)."""
    lost, gained = np.ogrid[: seeds + 1, : seeds + 1]
    fewer = np.minimum(lost, gained)
    return np.minimum(1.0, 2 * stats.binom.cdf(fewer, lost + gained, 0.5))
