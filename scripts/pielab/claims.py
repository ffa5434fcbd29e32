"""Measure the effects behind the paper's claims on one dataset and model.

An effect is a mean over pruned cells, each counting once, with a bootstrap interval over examples
that takes the seeds as they are. Each function returns it with a note for the reader; what cannot
be known is NaN. scorecard says what the effects are and what they must be.
"""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
import pandas as pd

from pielab import contrast
from pielab.statistics import Interval, match_strata

UNKNOWN = Interval(np.nan, np.nan, np.nan)
TOP_PERCENT = 10
LEAST_RATIO = 1.5  # of the most frequent class to the rarest


class Evidence(NamedTuple):
    """What is known of a dataset and model; the rows of `pie` and the like are pruned cells."""

    architecture: str  # bilstm or encoder
    seeds: int
    cells: pd.DataFrame  # method, sparsity
    pie: np.ndarray  # bool (cells, examples), test split
    fall: np.ndarray  # float (cells, examples): score of dense - score of pruned
    frequency: np.ndarray  # (examples,): training examples of the class
    tokens: np.ndarray  # (examples,)
    difficulty: np.ndarray  # (examples,)
    margin: np.ndarray  # int (examples,): votes by which the dense models' modal label leads
    beyond_seeds: np.ndarray  # bool (cells,): by the permutation test
    train_pie: np.ndarray  # bool (cells, training examples)
    el2n: np.ndarray  # (training examples,)
    train_margin: np.ndarray  # int (training examples,)


def example_scores(votes: np.ndarray, truth: np.ndarray, seeds: int) -> np.ndarray:
    """Return each example's score, a fraction (examples,), the same for one label and several.

    It is the F1 between an example's labels and the decisions of all its models: of one label
    that is the fraction of models that are right. No labels and no decisions make 1.

    Parameters
    ----------
    votes : int (examples, classes)
    truth : bool (examples, classes)
    """
    hits = 2 * (votes * truth).sum(axis=1)
    total = votes.sum(axis=1) + seeds * truth.sum(axis=1)
    return np.divide(hits, total, out=np.ones(len(votes)), where=total > 0)


def rarest_frequency(truth: np.ndarray, counts: np.ndarray) -> np.ndarray:
    """Return the frequency of each example's class, of several the rarest; 0 without labels.

    Parameters
    ----------
    truth : bool (examples, classes)
    counts : int (classes,)
        Training examples.
    """
    rarest = np.where(truth, counts, np.iinfo(np.int64).max).min(axis=1)
    return np.where(truth.any(axis=1), rarest, 0)


def bootstrap(
    statistic: Callable[[np.ndarray], float],
    examples: int,
    rng: np.random.Generator,
    draws: int = 1000,
    confidence: float = 0.95,
) -> Interval:
    """Return a statistic with its percentile bootstrap interval over examples.

    Parameters
    ----------
    statistic : callable
        Of float (examples,) weights: how often each example was drawn.
    """
    estimate = statistic(np.ones(examples))
    if not np.isfinite(estimate):
        return UNKNOWN
    drawn = [
        statistic(np.bincount(rng.integers(examples, size=examples), minlength=examples) * 1.0)
        for _ in range(draws)
    ]
    low, high = np.nanquantile(drawn, [(1 - confidence) / 2, (1 + confidence) / 2])
    return Interval(float(estimate), float(low), float(high))


def _mean(values: np.ndarray) -> float:
    """Return the mean of what is a number, NaN of nothing."""
    known = values[np.isfinite(values)]
    return float(known.mean()) if len(known) else np.nan


def _shares(pie: np.ndarray, weights: np.ndarray) -> np.ndarray:
    return pie @ weights / weights.sum()


def _ratio(numerator: np.ndarray, denominator: np.ndarray) -> np.ndarray:
    with np.errstate(divide="ignore", invalid="ignore"):
        return numerator / denominator


def fall(evidence: Evidence, rng: np.random.Generator) -> tuple[Interval, str]:
    """Return the fall of the score on PIEs minus that on all examples (claim 1)."""
    pie = evidence.pie.astype(np.float64)
    on_pies = pie * evidence.fall

    def excess(weights: np.ndarray) -> float:
        fall = evidence.fall @ weights / weights.sum()
        return _mean(_ratio(on_pies @ weights, pie @ weights) - fall)

    everyone = np.ones(pie.shape[1])
    hard = _mean(_ratio(on_pies @ everyone, pie @ everyone))
    if np.isnan(hard):
        return UNKNOWN, "no pruned cell has PIEs"
    note = f"the score falls by {hard:.3f} on PIEs and by {evidence.fall.mean():.3f} on all"
    return bootstrap(excess, pie.shape[1], rng), note


def growth(evidence: Evidence, rng: np.random.Generator) -> tuple[Interval, str]:
    """Return how the share of PIEs grows from the lowest to the highest sparsity (claim 2)."""
    rises = []
    for _, cells in evidence.cells.reset_index(drop=True).groupby("method"):
        if cells["sparsity"].nunique() > 1:
            ends = cells["sparsity"].idxmax(), cells["sparsity"].idxmin()
            rises.append(evidence.pie[ends[0]] * 1.0 - evidence.pie[ends[1]])
    if not rises:
        return UNKNOWN, "there is one sparsity only"
    rise = np.mean(rises, axis=0)  # (examples,)
    sure, cells = evidence.beyond_seeds.sum(), len(evidence.beyond_seeds)
    note = f"in {sure} of {cells} cells there are surely more PIEs than seeds alone make"
    return bootstrap(lambda weights: rise @ weights / weights.sum(), len(rise), rng), note


def proneness(
    evidence: Evidence, others: list[Evidence], rng: np.random.Generator
) -> tuple[Interval, str]:
    """Return the share of PIEs of encoders minus that of BiLSTMs (claim 3)."""
    rivals = [other for other in others if other.architecture != evidence.architecture]
    if not rivals:
        return UNKNOWN, "there is no model of the other kind"
    seeds = {other.seeds for other in [evidence, *rivals]}
    if len(seeds) > 1:
        return UNKNOWN, f"the numbers of seeds differ ({', '.join(map(str, sorted(seeds)))})"
    differences = []
    for rival in rivals:
        keys = [pd.MultiIndex.from_frame(one.cells) for one in (evidence, rival)]
        shared = keys[0].intersection(keys[1])
        own, their = (
            one.pie[key.get_indexer(shared)].mean(axis=0)
            for one, key in zip((evidence, rival), keys, strict=True)
        )
        differences.append(own - their if evidence.architecture == "encoder" else their - own)
    change = np.mean(differences, axis=0)  # (examples,)
    return bootstrap(lambda weights: change @ weights / weights.sum(), len(change), rng), ""


def class_slope(evidence: Evidence, rng: np.random.Generator) -> tuple[Interval, str]:
    """Return the relative change of the share of PIEs per doubling of class frequency (claim 4)."""
    known = evidence.frequency > 0
    frequency, pie = evidence.frequency[known], evidence.pie[:, known].mean(axis=0)
    if not known.any() or frequency.max() < LEAST_RATIO * frequency.min():
        return UNKNOWN, "the classes are about equally frequent"
    doublings = np.log2(frequency)

    def slope(weights: np.ndarray) -> float:
        centred = doublings - doublings @ weights / weights.sum()
        rise = _ratio(centred @ (weights * pie), (centred**2) @ weights)
        return float(_ratio(rise, pie @ weights / weights.sum()))

    return bootstrap(slope, len(pie), rng), ""


def enrichment(
    evidence: Evidence, rng: np.random.Generator, matched: bool = False
) -> tuple[Interval, str]:
    """Return the share of PIEs among the most influential against that of all (claim 5).

    Matched: against what it would be if only the dense models' vote margin made PIEs.
    """
    examples = len(evidence.el2n)
    size = -(-TOP_PERCENT * examples // 100)
    top = np.zeros(examples, dtype=np.float32)
    top[np.argsort(evidence.el2n, kind="stable")[examples - size :]] = 1
    margin = evidence.train_margin if matched else np.zeros(examples)
    order, starts = contrast.sorted_groups(margin)
    top, pie = top[order], evidence.train_pie[:, order].astype(np.float32)

    def times_chance(weights: np.ndarray) -> float:
        weights = weights[order].astype(np.float32)
        everyone = np.add.reduceat(weights, starts)  # (strata,)
        in_top = np.add.reduceat(weights * top, starts)
        rates = np.add.reduceat(pie * weights, starts, axis=1) / np.maximum(everyone, 1)
        return _mean(_ratio(pie @ (weights * top), rates @ in_top))

    return bootstrap(times_chance, examples, rng), f"{size} of {examples} training examples"


def complexity(
    evidence: Evidence, rng: np.random.Generator, matched: bool = False
) -> tuple[Interval, str]:
    """Return the smaller of the deltas of PIEs' tokens and difficulty (claim 6).

    Matched: against examples of the same vote margin, difficulty of the same length too.
    """
    known = np.isfinite(evidence.difficulty)
    pie, tokens, margin = evidence.pie[:, known], evidence.tokens[known], evidence.margin[known]
    strata = [None, None]
    if matched and known.any():
        strata = [margin, match_strata(margin, tokens)]
    values = [tokens, evidence.difficulty[known]]
    pairs = zip(values, strata, strict=True)
    deltas = [contrast.weighted_delta(one, pie, own) for one, own in pairs]
    everyone = np.ones(pie.shape[1])
    longer, harder = (delta(everyone) for delta in deltas)
    if np.isnan([longer, harder]).any():
        return UNKNOWN, "no pruned cell has both PIEs and others that can be read"
    smaller = bootstrap(lambda weights: min(delta(weights) for delta in deltas), len(everyone), rng)
    return smaller, f"tokens {longer:+.3f}, difficulty {harder:+.3f}"
