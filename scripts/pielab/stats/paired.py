"""Compare two groups of runs by their values for the same documents, which may come in clusters.

Documents that share a passage are not independent: a cluster is one draw, whatever its size.

Derived in docs/explanation/statistics.md#two-single-models.
"""

from typing import NamedTuple

import numpy as np

from pielab.stats.distributions import normal_quantile, student_quantile, student_tail
from pielab.stats.intervals import t_quantile
from pielab.stats.mcnemar import mcnemar, paired_difference

ROUNDING = 1e-12  # of a drop, which the last digits of two values may miss


class Difference(NamedTuple):
    """The second group's mean minus the first's, with a 95 % interval and a test of no change."""

    estimate: float
    low: float
    high: float
    p: float
    variance: float  # of the estimate


def difference(
    first: np.ndarray,
    second: np.ndarray,
    weights: np.ndarray | None = None,
    clusters: np.ndarray | None = None,
    confidence: float = 0.95,
) -> Difference:
    """Return how much larger the second group's mean is than the first's.

    Of one run each whose values are 0 or 1: Newcombe's interval, with clusters of as many documents
    as would be as sure, and without clusters McNemar's exact test. Else Student's, with the
    variance of the clusters' sums around what their weights let expect (the linearised ratio of
    sums), and, of several runs, what runs add to it.

    Parameters
    ----------
    first, second : float (runs, documents)
    weights : float (documents,), optional
        Of documents in the mean, such as their bytes; equal without it.
    clusters : int (documents,), optional
        The cluster of each document, from 0; each is its own without it.

    Source: Miller 2024, arXiv 2411.00640 (clustered standard errors of evaluations); for runs as
    intervals.two_way_variances.
    """
    size = first.shape[1]
    weights = np.ones(size) if weights is None else np.asarray(weights, np.float64)
    if not size:
        return Difference(*[float("nan")] * 5)
    is_single = bool((weights == 1).all()) and len(first) == len(second) == 1
    values = np.concatenate([first, second])
    estimate = float((second.mean(axis=0) - first.mean(axis=0)) @ weights / weights.sum())
    groups = np.arange(size) if clusters is None else clusters
    variance, of_runs, number = _variances(first, second, weights, groups)
    are_shares = is_single and bool(np.isin(values, (0, 1)).all())
    if are_shares and clusters is None:
        return _of_shares(first[0] == 1, second[0] == 1, variance)
    if number < 2:
        return Difference(estimate, *[float("nan")] * 4)
    if are_shares:
        found = _of_shares(first[0] == 1, second[0] == 1, variance, number)
        return found._replace(p=_p(estimate, variance, number))
    total = variance + of_runs
    runs = min([len(runs_of) for runs_of in (first, second) if len(runs_of) > 1], default=2)
    quantile = float(student_quantile((1 + confidence) / 2, number - 1))
    if of_runs > 0:
        quantile = max(quantile, t_quantile(variance, of_runs, runs, confidence))
    low, high = estimate - quantile * total**0.5, estimate + quantile * total**0.5
    if ((values >= 0) & (values <= 1)).all():
        low, high = max(-1.0, low), min(1.0, high)
    return Difference(estimate, low, high, _p(estimate, total, number), total)


def _variances(
    first: np.ndarray, second: np.ndarray, weights: np.ndarray, clusters: np.ndarray
) -> tuple[float, float, int]:
    """Return the variance over clusters, what runs add to it, and the number of clusters."""
    number = int(clusters.max()) + 1
    of_clusters = np.bincount(clusters, weights, number)

    def sums(values: np.ndarray) -> np.ndarray:
        return np.bincount(clusters, values * weights, number)

    def left(values: np.ndarray) -> np.ndarray:
        return (values - values.sum() / weights.sum() * of_clusters) / weights.sum()

    if number < 2:
        return float("nan"), 0.0, number
    changes = left(sums(second.mean(axis=0) - first.mean(axis=0)))
    variance = float((changes**2).sum()) * number / (number - 1)
    of_runs = 0.0
    for side in (first, second):
        runs = len(side)
        if runs < 2:
            continue
        parts = np.stack([sums(row) for row in side]) / weights.sum()  # (runs, clusters)
        parts = parts - parts.mean(axis=0)
        of_means = (parts.sum(axis=1) ** 2).sum() / (runs * (runs - 1))
        of_both = (parts**2).sum() / (runs * (runs - 1))
        of_runs += max(0.0, float(of_means - of_both))
    return variance, of_runs, number


def _of_shares(
    before: np.ndarray, after: np.ndarray, variance: float, clusters: int | None = None
) -> Difference:
    """Return the difference of two single models' shares of right answers.

    Of clusters, counts are divided by the design effect (Kish 1965), that of Student's t for so
    few clusters among it; where nothing changes each cluster counts as one document.
    """
    lost, gained = int((before & ~after).sum()), int((~before & after).sum())
    both, neither = int((before & after).sum()), int((~before & ~after).sum())
    if clusters is not None:
        size = len(before)
        change = after.astype(float) - before
        alone = change.var(ddof=1) / size
        wider = student_quantile(0.975, clusters - 1) / normal_quantile(0.975)
        share = alone / variance / wider**2 if variance > 0 else clusters / size / wider**2
        share = min(1.0, share)
        found = paired_difference(*(share * n for n in (both, gained, lost, neither)))
        return Difference(found.estimate, found.low, found.high, float("nan"), variance)
    found = paired_difference(both, gained, lost, neither)
    return Difference(found.estimate, found.low, found.high, mcnemar(gained, lost), variance)


def _p(estimate: float, variance: float, number: int) -> float:
    """Return Student's two-sided p; where nothing varies, that of as many equal signs."""
    if estimate == 0:
        return 1.0
    if variance == 0:
        return float(min(1.0, 2 * 0.5**number))
    return float(2 * student_tail(abs(estimate) / variance**0.5, number - 1))


class Flips(NamedTuple):
    """Negative flips between runs, means over pairs of them, in documents."""

    flips: float  # from a run of the first group to one of the second
    floor: float  # between two runs of the first group; NaN of one
    excess: float
    excess_low: float
    excess_high: float


def negative_flips(
    first: np.ndarray, second: np.ndarray, drop: float | None, right_from: float, better: int
) -> tuple[np.ndarray, np.ndarray | None]:
    """Return each document's share of pairs of runs that are negative flips, and of their floor.

    Parameters
    ----------
    first, second : float (runs, documents)
    drop : float or None
        How much worse a value is at least to count; None: it was right and is not.
    right_from : float
        The value from which an answer is right.
    better : int
        1 if larger values are better, -1 if smaller ones are.

    Returns
    -------
    flips : float (documents,)
    floor : float (documents,), or None of one run
    """

    def share(before: np.ndarray, after: np.ndarray) -> np.ndarray:
        if drop is not None:
            return better * (before - after) >= drop - ROUNDING
        return (better * (before - right_from) >= 0) & (better * (after - right_from) < 0)

    flips = np.mean([share(one, two) for one in first for two in second], axis=0)
    if len(first) < 2:
        return flips, None
    pairs = [(a, b) for a in range(len(first)) for b in range(len(first)) if a != b]
    return flips, np.mean([share(first[a], first[b]) for a, b in pairs], axis=0)


def excess(
    flips: np.ndarray, floor: np.ndarray | None, clusters: np.ndarray | None = None
) -> Flips:
    """Return the negative flips in documents, and how many they are beyond the floor.

    The interval is over documents or clusters alone.
    """
    total = float(flips.sum())
    if floor is None:
        return Flips(total, *[float("nan")] * 4)
    found = difference(floor[None], flips[None], None, _as_clusters(clusters, len(flips)))
    ends = [len(flips) * end for end in found[:3]]
    return Flips(total, float(floor.sum()), *ends)


def _as_clusters(clusters: np.ndarray | None, size: int) -> np.ndarray:
    return np.arange(size) if clusters is None else clusters
