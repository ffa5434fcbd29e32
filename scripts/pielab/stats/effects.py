"""Cliff's delta of PIEs against other examples, matched or not.

Derived in docs/explanation/statistics.md#effects.
"""

from typing import NamedTuple

import numpy as np

from pielab.stats.distributions import normal_quantile, ranks


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
    order = np.argsort(groups, kind="stable")
    cuts = np.flatnonzero(np.diff(groups[order])) + 1
    placements, controls, variance = [], 0, 0.0
    for rows in np.split(order, cuts):
        chosen = pies[rows]
        if chosen.all() or not chosen.any():
            continue
        of_pies, of_controls = _placements(values[rows], chosen)
        placements.append(of_pies)
        controls += len(of_controls)
        spread = of_controls.var(ddof=1) if len(of_controls) > 1 else 1.0  # 1: the most it can be
        variance += len(of_pies) ** 2 / len(of_controls) * spread
    if not placements:
        return Delta(np.nan, np.nan, np.nan, 0, 0)
    dominance = np.concatenate(placements)
    delta, size = float(dominance.mean()), len(dominance)
    spread = dominance.var(ddof=1) if size > 1 else 1.0
    low, high = _delta_ends(
        delta, spread / size + variance / size**2, min(size, controls), confidence
    )
    return Delta(delta, low, high, size, controls)


def _placements(values: np.ndarray, pies: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return, for each PIE and each control, the mean of sign(PIE - control) over the others."""
    ranked = ranks(values)
    above = ranked[pies] - ranks(values[pies])  # controls below each PIE, ties a half
    below = ranked[~pies] - ranks(values[~pies])
    return 2 * above / (~pies).sum() - 1, 1 - 2 * below / pies.sum()


def _delta_ends(delta: float, variance: float, size: int, confidence: float) -> tuple:
    z2 = normal_quantile((1 + confidence) / 2) ** 2
    if abs(delta) == 1:
        end = (size - z2) / (size + z2)
        return (end, 1.0) if delta > 0 else (-1.0, -end)
    error = np.sqrt(z2 * variance * ((1 - delta**2) ** 2 + z2 * variance))
    centre, scale = delta - delta**3, 1 - delta**2 + z2 * variance
    return float((centre - error) / scale), float((centre + error) / scale)
