"""Say how sure a number is: intervals over seeds and examples, effects with matched controls.

Predictions are class ids, int (seeds, examples), or decisions on several labels, bool (seeds,
examples, classes). An interval without data (no PIEs, one example) is NaN, not an error.
"""

from typing import NamedTuple

import numpy as np
import pandas as pd
from scipy import stats


class Interval(NamedTuple):
    """An estimate with the ends of its confidence interval."""

    estimate: float
    low: float
    high: float


class Effect(NamedTuple):
    """Cliff's delta with its interval, and how many examples it compares."""

    delta: float
    low: float
    high: float
    pies: int
    controls: int


def two_way_variances(values: np.ndarray, left_out: np.ndarray) -> tuple[float, float]:
    """Return two parts of the variance of a mean over examples, whose sum it is.

    The first is what examples vary by themselves, V_examples; the second what they share because
    the same seeds made them all, max(0, V_seeds - V_both), where V_seeds is the jackknife over
    seeds and V_both the same if examples were independent. (A bootstrap that draws seeds with
    replacement makes ties and doubles the noise of votes: it covers badly.)

    Parameters
    ----------
    values : float (examples,)
    left_out : float (seeds, examples)
        The values that come out without each seed.

    Source: Cameron, Gelbach and Miller 2011, eq. 2.5, with the jackknife of MacKinnon, Nielsen
    and Webb 2024, arXiv 2406.08880.
    """
    seeds, examples = left_out.shape
    changes = left_out - left_out.mean(axis=0)
    of_seeds = (changes.mean(axis=1, dtype=np.float64) ** 2).sum()
    squares = np.square(changes, out=changes).sum(dtype=np.float64)
    of_both = (squares - examples * of_seeds) / (examples * (examples - 1))
    shared = max(0.0, of_seeds - of_both) * (seeds - 1) / seeds
    return float(values.var(ddof=1) / examples), float(shared)


def mean_interval(values: np.ndarray, left_out: np.ndarray, confidence: float = 0.95) -> Interval:
    """Return the mean over examples with Student's interval over seeds and examples.

    The parameters are those of two_way_variances.
    """
    mean = float(values.mean()) if len(values) else np.nan
    if len(left_out) < 2 or len(values) < 2:
        return Interval(mean, np.nan, np.nan)
    alone, shared = two_way_variances(values, left_out)
    error = t_quantile(alone, shared, len(left_out), confidence) * (alone + shared) ** 0.5
    return Interval(mean, mean - error, mean + error)


def share_interval(values: np.ndarray, left_out: np.ndarray, confidence: float = 0.95) -> Interval:
    """Return a share of examples with Wilson's interval, widened by what seeds share.

    Wilson's is not empty at a share of zero. The number of examples is divided by the design
    effect (Kish 1965), the variance with seeds over that of examples alone.

    Parameters
    ----------
    values : 0 / 1 (examples,)
    left_out : float (seeds, examples)
    """
    share, *unknown = mean_interval(values, left_out)
    if np.isnan(unknown).any():
        return Interval(share, *unknown)
    alone, shared = two_way_variances(values, left_out)
    size = len(values) * (alone / (alone + shared) if alone > 0 else 1.0)
    z = t_quantile(alone, shared, len(left_out), confidence)
    centre = (share + z**2 / (2 * size)) / (1 + z**2 / size)
    error = z / (1 + z**2 / size) * (share * (1 - share) / size + (z / (2 * size)) ** 2) ** 0.5
    return Interval(share, max(0.0, centre - error), min(1.0, centre + error))


def t_quantile(alone: float, shared: float, seeds: int, confidence: float) -> float:
    """Return Student's t for a sum of variances, of which `shared` has few degrees of freedom.

    Source: Satterthwaite 1946.
    """
    freedom = (seeds - 1) * (1 + alone / shared) ** 2 if shared > 0 else np.inf
    return float(stats.t.ppf((1 + confidence) / 2, freedom))


def score_interval(
    predictions: np.ndarray, labels: np.ndarray, confidence: float = 0.95
) -> Interval:
    """Return the mean score over seeds, accuracy or macro-F1, with its interval within [0, 1].

    Of several labels, the interval is that of the linearised F1 (Cochran 1977, ch. 6).

    Parameters
    ----------
    labels : int (examples,), or 0 / 1 (examples, classes) of several labels
    """
    if predictions.shape[1] == 0:
        return Interval(np.nan, np.nan, np.nan)
    right = np.stack([_score_parts(one, labels) for one in predictions])  # (seeds, examples)
    others = (right.sum(axis=0) - right) / max(1, len(right) - 1)
    score, low, high = mean_interval(right.mean(axis=0), others, confidence)
    return Interval(score, float(np.clip(low, 0, 1)), float(np.clip(high, 0, 1)))


def _score_parts(predictions: np.ndarray, labels: np.ndarray) -> np.ndarray:
    """Return one model's contributions by example, float64 (examples,); their mean is its score."""
    if labels.ndim == 1:
        return (predictions == labels).astype(np.float64)
    truth = labels.astype(bool)
    hits, sizes = (predictions & truth) * 2.0, predictions * 1.0 + truth  # (examples, classes)
    mean = np.maximum(sizes.mean(axis=0), 1 / (2 * len(truth)))  # an absent class has an F1 of 0
    f1 = hits.mean(axis=0) / mean
    return (f1 + (hits - f1 * sizes) / mean).mean(axis=1)


def false_discovery(p: pd.Series) -> pd.Series:
    """Return the q-values of Benjamini and Hochberg (1995); NaN where p is."""
    known = p.dropna()
    adjusted = stats.false_discovery_control(known) if len(known) else []
    return pd.Series(adjusted, index=known.index, dtype=np.float64).reindex(p.index)


def vote_margin(votes: np.ndarray, seeds: int, multi_label: bool) -> np.ndarray:
    """Return by how many votes each example's modal label leads, int (examples,).

    Of several labels, on minus off votes, of the class where they are closest.

    Parameters
    ----------
    votes : int (examples, classes)
    """
    if multi_label:
        return np.abs(2 * votes - seeds).min(axis=1)
    second, first = np.partition(votes, -2, axis=1)[:, -2:].T
    return first - second


def match_strata(margins: np.ndarray, lengths: np.ndarray, bins: int = 10) -> np.ndarray:
    """Return strata of equal vote margin and the same of `bins` quantile bins of length."""
    edges = np.quantile(lengths, np.arange(1, bins) / bins)
    return margins * bins + np.searchsorted(edges, lengths, side="right")


def cliffs_delta(
    values: np.ndarray,
    pies: np.ndarray,
    strata: np.ndarray | None = None,
    confidence: float = 0.95,
) -> Effect:
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
    known = np.isfinite(values)
    values, pies = np.asarray(values)[known], np.asarray(pies, dtype=bool)[known]
    groups = np.zeros(len(values)) if strata is None else np.asarray(strata)[known]
    order = np.argsort(groups, kind="stable")
    cuts = np.flatnonzero(np.diff(groups[order])) + 1
    placements, controls, variance = [], 0, 0.0
    for members in np.split(order, cuts):
        chosen = pies[members]
        if chosen.all() or not chosen.any():
            continue
        of_pies, of_controls = _placements(values[members], chosen)
        placements.append(of_pies)
        controls += len(of_controls)
        spread = of_controls.var(ddof=1) if len(of_controls) > 1 else 1.0  # 1: the most it can be
        variance += len(of_pies) ** 2 / len(of_controls) * spread
    if not placements:
        return Effect(np.nan, np.nan, np.nan, 0, 0)
    found = np.concatenate(placements)
    delta, size = float(found.mean()), len(found)
    spread = found.var(ddof=1) if size > 1 else 1.0
    low, high = _delta_ends(
        delta, spread / size + variance / size**2, min(size, controls), confidence
    )
    return Effect(delta, low, high, size, controls)


def _placements(values: np.ndarray, pies: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return, for each PIE and each control, the mean of sign(PIE - control) over the others."""
    ranks = stats.rankdata(values)
    above = ranks[pies] - stats.rankdata(values[pies])  # controls below each PIE, ties a half
    below = ranks[~pies] - stats.rankdata(values[~pies])
    return 2 * above / (~pies).sum() - 1, 1 - 2 * below / pies.sum()


def _delta_ends(delta: float, variance: float, size: int, confidence: float) -> tuple:
    z2 = stats.norm.ppf((1 + confidence) / 2) ** 2
    if abs(delta) == 1:
        end = (size - z2) / (size + z2)
        return (end, 1.0) if delta > 0 else (-1.0, -end)
    error = np.sqrt(z2 * variance * ((1 - delta**2) ** 2 + z2 * variance))
    centre, scale = delta - delta**3, 1 - delta**2 + z2 * variance
    return float((centre - error) / scale), float((centre + error) / scale)
