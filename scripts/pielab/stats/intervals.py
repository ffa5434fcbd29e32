"""Compute intervals over seeds and examples.

An interval without data (no PIEs, one example) is NaN, not an error.

Derived in docs/explanation/statistics.md#intervals.
"""

from typing import NamedTuple

import numpy as np

from pielab.stats.clusters import by_cluster, design_effect
from pielab.stats.distributions import chi2_quantile, student_quantile

UNSURE = 0.05  # chance that the seeds' variance is above the limit that the freedom is taken for
FEW = 4  # degrees of freedom of seeds, below which that limit grows no more: it would be endless


class Interval(NamedTuple):
    """An estimate with the ends of its confidence interval."""

    estimate: float
    low: float
    high: float

    def columns(self, name: str) -> dict[str, float]:
        """Return the numbers by the names of their columns: `name`, and with `_low` and `_high`."""
        return dict(zip((name, f"{name}_low", f"{name}_high"), self, strict=True))


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
    n_replicates, n_examples = left_out.shape
    changes = left_out - left_out.mean(axis=0)
    of_seeds = (changes.mean(axis=1, dtype=np.float64) ** 2).sum()
    squares = np.square(changes, out=changes).sum(dtype=np.float64)
    # What the jackknife would be if examples were independent, which values.var counts already
    of_both = (squares - n_examples * of_seeds) / (n_examples * (n_examples - 1))
    seed_variance = max(0.0, of_seeds - of_both) * (n_replicates - 1) / n_replicates
    return float(values.var(ddof=1) / n_examples), float(seed_variance)


def left_out_means(values: np.ndarray) -> np.ndarray:
    """Return means over replicates without each of them; zeros of one.

    Parameters
    ----------
    values : float (replicates, ...)
    """
    return (values.sum(axis=0) - values) / max(1, len(values) - 1)


def mean_interval(
    values: np.ndarray,
    left_out: np.ndarray,
    confidence: float = 0.95,
    clusters: np.ndarray | None = None,
) -> Interval:
    """Return the mean over examples with Student's interval over seeds and examples.

    The parameters are those of two_way_variances. `clusters`, int (examples,), from 0: examples
    that share something, so that the interval is over seeds and clusters.
    """
    mean = float(values.mean()) if len(values) else np.nan
    if clusters is not None and len(values):
        values, left_out = by_cluster(values, clusters), by_cluster(left_out, clusters)
    if len(left_out) < 2 or len(values) < 2:
        return Interval(mean, np.nan, np.nan)
    example_variance, seed_variance = two_way_variances(values, left_out)
    t = t_quantile(example_variance, seed_variance, len(left_out), confidence)
    if clusters is not None:
        t = max(t, float(student_quantile((1 + confidence) / 2, len(values) - 1)))
    error = t * (example_variance + seed_variance) ** 0.5
    return Interval(mean, mean - error, mean + error)


def share_interval(
    values: np.ndarray,
    left_out: np.ndarray,
    confidence: float = 0.95,
    clusters: np.ndarray | None = None,
) -> Interval:
    """Return a share of examples with Wilson's interval, widened by what seeds share.

    Wilson's is not empty at a share of zero. The number of examples is divided by the design
    effect (Kish 1965), the variance with seeds over that of examples alone.

    Parameters
    ----------
    values : 0 / 1 (examples,)
    left_out : float (seeds, examples); with one seed anything
    clusters : int (examples,), optional
        As mean_interval takes them: their design effect is another one.
    """
    share, design = float(values.mean()), design_effect(values, clusters)
    if len(values) < 2 or np.isnan(design):
        return Interval(share, np.nan, np.nan)
    example_variance, seed_variance = float(values.var(ddof=1) / len(values)) * design, 0.0
    if len(left_out) > 1:
        kept = left_out if clusters is None else by_cluster(left_out, clusters)
        of_rows = kept.mean(axis=0)
        _, seed_variance = two_way_variances(of_rows, kept)
    total = example_variance + seed_variance
    size = len(values) / design * (example_variance / total if example_variance > 0 else 1.0)
    t = t_quantile(example_variance, seed_variance, len(left_out), confidence)
    return wilson(share, size, t)


def wilson(share: float, size: float, quantile: float) -> Interval:
    """Return a share of so many examples with its interval, Wilson 1927, within 0 and 1."""
    square = quantile**2 / size
    centre = (share + square / 2) / (1 + square)
    error = (share * (1 - share) * square + square**2 / 4) ** 0.5 / (1 + square)
    return Interval(share, max(0.0, centre - error), min(1.0, centre + error))


def t_quantile(
    example_variance: float, seed_variance: float, n_replicates: int, confidence: float
) -> float:
    """Return Student's t for a sum of variances, of which that of seeds has little freedom.

    By chance the variance of few seeds comes out too small, and with it the error; the freedom,
    which grows with the ratio of both variances, would then come out too large as well. So it is
    taken for the variance of seeds at its upper one-sided limit.

    Source: Satterthwaite 1946.
    """
    freedom = np.inf
    if seed_variance > 0:
        known = n_replicates - 1
        limit = max(known, FEW)
        most = seed_variance * limit / chi2_quantile(UNSURE, limit)
        freedom = known * (1 + example_variance / most) ** 2
    return float(student_quantile((1 + confidence) / 2, freedom))


def score_interval(
    decisions: np.ndarray,
    truth: np.ndarray,
    multi_label: bool,
    per_replicate: int = 1,
    clusters: np.ndarray | None = None,
) -> Interval:
    """Return the mean score over seeds, accuracy or macro-F1, with its 95 % interval in [0, 1].

    `per_replicate` models side by side are of one seed, `clusters` as in mean_interval. With
    several labels, the interval is that of the linearised F1 (Cochran 1977, ch. 6).

    Parameters
    ----------
    decisions : bool (seeds, examples, classes)
    truth : bool (examples, classes)
    """
    if decisions.shape[1] == 0:
        return Interval(np.nan, np.nan, np.nan)
    parts = np.stack([score_parts(model, truth, multi_label) for model in decisions])
    parts = parts.reshape(-1, per_replicate, parts.shape[1]).mean(axis=1)
    score, low, high = mean_interval(parts.mean(axis=0), left_out_means(parts), clusters=clusters)
    return Interval(score, float(np.clip(low, 0, 1)), float(np.clip(high, 0, 1)))


def score_parts(decisions: np.ndarray, truth: np.ndarray, multi_label: bool) -> np.ndarray:
    """Return one model's contributions by example, float64 (examples,); their mean is its score.

    Parameters
    ----------
    decisions, truth : bool (examples, classes)
    """
    if not multi_label:
        return (decisions & truth).any(axis=1).astype(np.float64)
    hits, sizes = decisions & truth, np.add(decisions, truth, dtype=np.int8)  # (examples, classes)
    mean = np.maximum(sizes.mean(axis=0), 1 / (2 * len(truth)))  # an absent class has an F1 of 0
    f1 = 2 * hits.mean(axis=0) / mean
    # Mean over classes of f1 + (2 hits - f1 sizes) / mean, by products, which need less memory
    return (f1.sum() + (2 / mean) @ hits.T - (f1 / mean) @ sizes.T) / len(f1)
