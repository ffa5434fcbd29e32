"""Cliff's delta of PIEs against other examples, matched or not.

Derived in docs/explanation/statistics.md#effects.
"""

from typing import NamedTuple

import numpy as np

from pielab.stats.distributions import normal_quantile


class Delta(NamedTuple):
    """Cliff's delta with its interval, and how many examples it compares."""

    delta: float
    low: float
    high: float
    pies: int
    controls: int


def match_strata(margins: np.ndarray, lengths: np.ndarray, bins: int = 10) -> np.ndarray:
    """Return strata of equal vote margin and the same of `bins` quantile bins of length."""
    edges = np.quantile(lengths, np.arange(1, bins) / bins)
    return margins * bins + np.searchsorted(edges, lengths, side="right")


def cliffs_delta(
    values: np.ndarray,
    pies: np.ndarray,
    strata: np.ndarray | None = None,
    confidence: float = 0.95,
) -> Delta:
    """Return P(PIE > control) - P(PIE < control), each PIE against the controls of its stratum.

    Left out are examples whose value is not finite, and PIEs without a control in their stratum.
    The interval is over examples, for the PIE set as found.

    Parameters
    ----------
    values : float (examples,)
    pies : bool (examples,)
    strata : int (examples,)
        Examples of the same number are comparable; without it, all are.

    Source: Cliff 1993; variance by placements, DeLong et al. 1988; interval, Feng and Cliff 2004,
    eq. 10 and, where all PIEs are on one side, eq. 11; matching, Iacus et al. 2012.
    """
    finite = np.isfinite(values)
    values, pies = np.asarray(values)[finite], np.asarray(pies, dtype=bool)[finite]
    groups = np.zeros(len(values)) if strata is None else np.asarray(strata)[finite]
    if not len(values):
        return Delta(np.nan, np.nan, np.nan, 0, 0)
    placed, stratum = _placements(values, pies, groups)
    known, n_strata = np.isfinite(placed), stratum.max() + 1
    dominance = placed[known & pies]
    if not len(dominance):
        return Delta(np.nan, np.nan, np.nan, 0, 0)
    of_controls, own = placed[known & ~pies], stratum[known & ~pies]
    n_pies, n_controls = (
        np.bincount(stratum[known & one], minlength=n_strata) for one in (pies, ~pies)
    )
    means = np.bincount(own, of_controls, n_strata) / np.maximum(n_controls, 1)
    squares = np.bincount(own, np.square(of_controls - means[own]), n_strata)
    spreads = np.where(n_controls > 1, squares / np.maximum(n_controls - 1, 1), 1)  # 1: the most
    variance = float((n_pies**2 / np.maximum(n_controls, 1) * spreads).sum())
    controls = int(n_controls.sum())
    delta, size = float(dominance.mean()), len(dominance)
    spread = dominance.var(ddof=1) if size > 1 else 1.0
    low, high = _delta_ends(
        delta, spread / size + variance / size**2, min(size, controls), confidence
    )
    return Delta(delta, low, high, size, controls)


def _placements(
    values: np.ndarray, pies: np.ndarray, groups: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Return for each PIE and control the mean of sign(PIE - control) over the others it meets.

    And the number of its stratum, from 0. NaN where a stratum has no PIE or no control.
    """
    order = np.lexsort((values, groups))
    own, grouped = values[order], groups[order]
    starts = np.r_[True, grouped[1:] != grouped[:-1]]  # of strata
    stratum = starts.cumsum() - 1
    first = np.flatnonzero(starts)
    equals = np.flatnonzero(starts | np.r_[True, own[1:] != own[:-1]])  # of equal values in strata
    times = np.diff(np.r_[equals, len(own)])
    placed = np.empty(len(own))
    is_pie = pies[order]
    for others, own_kind, sign in ((~is_pie, is_pie, 1), (is_pie, ~is_pie, -1)):
        ties = np.add.reduceat(others, equals, dtype=np.int64)
        total = np.add.reduceat(others, first, dtype=np.int64)
        before = np.r_[0, total.cumsum()[:-1]]  # in earlier strata
        # Others of the stratum below each value, ties a half
        below = np.repeat(ties.cumsum() - ties / 2, times) - before[stratum]
        with np.errstate(divide="ignore", invalid="ignore"):
            mean = sign * (2 * below / total[stratum] - 1)
        placed[own_kind] = mean[own_kind]
    found, numbers = np.empty(len(own)), np.empty(len(own), dtype=np.int64)
    found[order], numbers[order] = placed, stratum
    return found, numbers


def _delta_ends(delta: float, variance: float, size: int, confidence: float) -> tuple:
    z2 = normal_quantile((1 + confidence) / 2) ** 2
    if abs(delta) == 1:
        end = (size - z2) / (size + z2)
        return (end, 1.0) if delta > 0 else (-1.0, -end)
    error = np.sqrt(z2 * variance * ((1 - delta**2) ** 2 + z2 * variance))
    centre, scale = delta - delta**3, 1 - delta**2 + z2 * variance
    return float((centre - error) / scale), float((centre + error) / scale)
