"""Measure the effects behind the paper's claims on one dataset and model.

An effect is a mean over pruned cells, each counting once. Each function returns a statistic of the
examples' weights with a note for the reader; what cannot be known is NaN. measure gives it an
interval over examples and seeds; scorecard says what the effects are and what they must be.
"""

from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np
import pandas as pd

from pielab.analysis import contrast
from pielab.architectures import ATTENTION
from pielab.claims.evidence import Evidence
from pielab.stats.clusters import few_clusters
from pielab.stats.effects import match_strata
from pielab.stats.intervals import Interval, t_quantile
from pielab.vocabulary import FEWEST_FOR_INTERVAL, FEWEST_FOR_TEST

UNKNOWN = Interval(np.nan, np.nan, np.nan)
TOP_PERCENT = 10
LEAST_RATIO = 1.5  # of the most frequent class to the rarest


class Effect(NamedTuple):
    """A statistic of float (examples,) weights, how often each example counts, and a note.

    `testable`: false if no amount of this data could tell. `of_training`: whether examples are
    those of the training split.
    """

    statistic: Callable[[np.ndarray], float]
    n_examples: int
    note: str
    testable: bool = True
    of_training: bool = False


def _unknown(note: str, testable: bool = True) -> Effect:
    return Effect(lambda weights: np.nan, 1, note, testable)


def measure(
    effect: Callable[[Evidence, Sequence[Evidence]], Effect],
    evidence: Evidence,
    others: Sequence[Evidence],
    rng: np.random.Generator,
    draws: int = 1000,
    by_probability: bool = False,
) -> tuple[Interval, Effect]:
    """Return an effect's value with its 95 % interval over examples and seeds, and the effect.

    The variance over examples is the bootstrap's (Efron 1979), of whole clusters where there are
    any and with what few of them add, that over seeds the jackknife's,
    of the PIEs found without each seed; their sum counts what varies by both twice, so that the
    interval is wide rather than narrow. Student's t, as in intervals.mean_interval. With fewer
    than four seeds there is no interval.

    Parameters
    ----------
    effect : callable
        Of evidence and the same dataset's other models.
    by_probability : bool
        Whether each example is a PIE by its probability, and not by the vote. What seeds add to the
        variance is that of the vote's PIEs, which vary more with them: probabilities without each
        seed would take as long as all cells.
    """
    weighed = [
        of_model.by_probability() if by_probability else of_model
        for of_model in (evidence, *others)
    ]
    of_all = effect(weighed[0], weighed[1:])
    n_examples, n_replicates = of_all.n_examples, evidence.pie_without.shape[2]
    estimate = float(of_all.statistic(np.ones(n_examples)))
    if not np.isfinite(estimate) or n_replicates < FEWEST_FOR_INTERVAL:
        return Interval(estimate, np.nan, np.nan), of_all
    clusters = None if of_all.of_training else evidence.clusters
    number = n_examples if clusters is None else int(clusters.max()) + 1
    drawn = []
    for _ in range(draws):
        times = 1.0 * np.bincount(rng.integers(number, size=number), minlength=number)
        drawn.append(of_all.statistic(times if clusters is None else times[clusters]))
    left_out = []
    for seed in range(n_replicates):
        rivals = [other.without(seed) for other in others if seed < other.n_seeds]
        left_out.append(effect(evidence.without(seed), rivals).statistic(np.ones(n_examples)))
    example_variance = float(np.nanvar(drawn))
    example_variance *= 1.0 if clusters is None else few_clusters(number)
    known = np.isfinite(left_out).any()  # not where the vote finds no PIEs at all
    seed_variance = (n_replicates - 1) * float(np.nanvar(left_out)) if known else np.nan
    t = t_quantile(example_variance, seed_variance, n_replicates, 0.95)
    error = t * (example_variance + seed_variance) ** 0.5
    return Interval(estimate, float(estimate - error), float(estimate + error)), of_all


def _mean(values: np.ndarray) -> float:
    """Return the mean of what is a number, NaN of nothing."""
    finite = values[np.isfinite(values)]
    return float(finite.mean()) if len(finite) else np.nan


def _ratio(numerator: np.ndarray, denominator: np.ndarray) -> np.ndarray:
    with np.errstate(divide="ignore", invalid="ignore"):
        return numerator / denominator


def score_drop(evidence: Evidence, others: Sequence[Evidence] = ()) -> Effect:
    """Return how much more the score drops on PIEs than on all examples (claim 1)."""
    pie = evidence.pie.astype(np.float64)
    on_pies = pie * evidence.score_drop

    def excess(weights: np.ndarray) -> float:
        on_all = evidence.score_drop @ weights / weights.sum()
        return _mean(_ratio(on_pies @ weights, pie @ weights) - on_all)

    equal = np.ones(pie.shape[1])
    drop = _mean(_ratio(on_pies @ equal, pie @ equal))
    if np.isnan(drop):
        return _unknown("no compressed cell has PIEs")
    note = f"the score falls by {drop:.3f} on PIEs and by {evidence.score_drop.mean():.3f} on all"
    return Effect(excess, pie.shape[1], note)


def pie_share_increase(evidence: Evidence, others: Sequence[Evidence] = ()) -> Effect:
    """Return how the share of PIEs grows from the lowest to the highest sparsity (claim 2)."""
    rises = []
    for _, cells in evidence.cells.reset_index(drop=True).groupby("method"):
        if cells["level"].nunique() > 1:
            ends = cells["level"].idxmax(), cells["level"].idxmin()
            rises.append(evidence.pie[ends[0]] * 1.0 - evidence.pie[ends[1]])
    if not rises:
        return _unknown("no method has two levels whose cells work", testable=False)
    rise = np.mean(rises, axis=0)  # (examples,)
    sure, n_cells = evidence.exceed_floor.sum(), len(evidence.exceed_floor)
    note = f"in {sure} of {n_cells} cells there are more PIEs than the noise floor (yes)"
    if evidence.n_seeds < FEWEST_FOR_TEST:
        note = f"with fewer than {FEWEST_FOR_TEST} seeds no cell's PIEs can be told from seed noise"
    return Effect(lambda weights: rise @ weights / weights.sum(), len(rise), note)


def encoder_gap(evidence: Evidence, others: Sequence[Evidence] = ()) -> Effect:
    """Return the share of PIEs of attention models minus that of recurrent ones (claim 3)."""
    rivals = [other for other in others if other.family != evidence.family]
    if not rivals:
        return _unknown("there is no model of the other kind", testable=False)
    numbers = sorted({other.n_seeds for other in [evidence, *rivals]})
    if len(numbers) > 1:
        return _unknown(f"the numbers of seeds differ ({', '.join(map(str, numbers))})")
    differences = []
    for rival in rivals:
        keys = [pd.MultiIndex.from_frame(side.cells) for side in (evidence, rival)]
        shared = keys[0].intersection(keys[1])
        if not len(shared):
            continue
        here, there = (
            side.pie[key.get_indexer(shared)].mean(axis=0)
            for side, key in zip((evidence, rival), keys, strict=True)
        )
        differences.append(here - there if evidence.family == ATTENTION else there - here)
    if not differences:
        return _unknown("the models share no cell that works", testable=False)
    change = np.mean(differences, axis=0)  # (examples,)
    return Effect(lambda weights: change @ weights / weights.sum(), len(change), "")


def class_slope(evidence: Evidence, others: Sequence[Evidence] = ()) -> Effect:
    """Return the relative change of the share of PIEs per doubling of class frequency (claim 4)."""
    finite = evidence.class_frequency > 0
    frequency, pie = evidence.class_frequency[finite], evidence.pie[:, finite].mean(axis=0)
    if not finite.any() or frequency.max() < LEAST_RATIO * frequency.min():
        return _unknown("the classes are about equally frequent", testable=False)
    doublings = np.log2(frequency)

    def slope(all_weights: np.ndarray) -> float:
        weights = all_weights[finite]
        centred = doublings - doublings @ weights / weights.sum()
        rise = _ratio(centred @ (weights * pie), (centred**2) @ weights)
        return float(_ratio(rise, pie @ weights / weights.sum()))

    return Effect(slope, len(finite), "")


def enrichment(
    evidence: Evidence, others: Sequence[Evidence] = (), matched: bool = False
) -> Effect:
    """Return the share of PIEs among the most influential against that of all (claim 5).

    Matched: against what it would be if only the baseline's vote margin made PIEs.
    """
    if evidence.influence is None:
        return _unknown("trained elsewhere: no predictions after the first epoch", testable=False)
    examples = len(evidence.influence)
    size = -(-TOP_PERCENT * examples // 100)
    top = np.zeros(examples, dtype=np.float32)
    top[np.argsort(evidence.influence, kind="stable")[examples - size :]] = 1
    pie, parts = evidence.train_pie.astype(np.float32), []
    for rows in evidence.by_baseline() if matched else [np.arange(len(pie))]:
        margin = evidence.train_margin[rows[0]] if matched else np.zeros(examples)
        parts.append(_times_chance(pie[rows], top, margin))

    def mean_over_cells(weights: np.ndarray) -> float:
        return _mean(np.concatenate([part(weights) for part in parts]))

    note = f"{size} of {examples} training examples"
    return Effect(mean_over_cells, examples, note, of_training=True)


def _times_chance(
    pie: np.ndarray, top: np.ndarray, margin: np.ndarray
) -> Callable[[np.ndarray], np.ndarray]:
    """Return a function of weights: how often the top holds PIEs, against its margins' rate."""
    order, starts = contrast.sorted_groups(margin)
    top, pie = top[order], pie[:, order]

    def times_chance(weights: np.ndarray) -> np.ndarray:
        weights = weights[order].astype(np.float32)
        of_all = np.add.reduceat(weights, starts)  # (strata,)
        in_top = np.add.reduceat(weights * top, starts)
        rates = np.add.reduceat(pie * weights, starts, axis=1) / np.maximum(of_all, 1)
        return _ratio(pie @ (weights * top), rates @ in_top)  # (cells,)

    return times_chance


def complexity(
    evidence: Evidence, others: Sequence[Evidence] = (), matched: bool = False
) -> Effect:
    """Return the smaller of the deltas of PIEs' tokens and difficulty (claim 6).

    Matched: against examples of the same vote margin, difficulty of the same length too.
    """
    finite = np.isfinite(evidence.difficulty)
    pie, tokens = evidence.pie[:, finite], evidence.tokens[finite]
    values = (tokens, evidence.difficulty[finite])
    parts: tuple[list, list] = ([], [])  # of length, of difficulty, by baseline
    matched = matched and bool(finite.any())
    for rows in evidence.by_baseline() if matched else [np.arange(len(pie))]:
        margin = evidence.margin[rows[0], finite]
        strata = (margin, match_strata(margin, tokens)) if matched else (None, None)
        for part, value, stratum in zip(parts, values, strata, strict=True):
            part.append(contrast.weighted_delta(value, pie[rows], stratum))

    def deltas(weights: np.ndarray) -> list[float]:
        """Return the mean over cells of the delta of length and of that of difficulty."""
        kept_weights = weights[finite]
        return [_mean(np.concatenate([delta(kept_weights) for delta in part])) for part in parts]

    longer, harder = deltas(np.ones(len(finite)))
    if np.isnan([longer, harder]).any():
        return _unknown("no compressed cell has both PIEs and others that can be read")
    note = f"tokens {longer:+.3f}, difficulty {harder:+.3f}"
    return Effect(lambda weights: min(deltas(weights)), len(finite), note)
