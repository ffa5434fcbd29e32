"""Compare baseline and compressed models beyond votes: churn, probabilities, calibration.

Arithmetic is float64, one seed at a time. With several labels each (example, class) pair is a
prediction of its own, off or on.

Derived in docs/explanation/statistics.md#agreement.
"""

from dataclasses import replace
from itertools import combinations
from typing import NamedTuple

import numpy as np

from pielab.pies.cell import Cell, Predictions
from pielab.pies.decisions import first_largest
from pielab.stats.distributions import normal_cdf, normal_density

TINY = np.finfo(np.float64).tiny
LARGEST = 1 - np.finfo(np.float64).epsneg  # below 1


class Churn(NamedTuple):
    """Shares of predictions that differ between two single models, means over pairs of models."""

    baseline: float  # two models of the baseline: what a new seed changes
    compressed: float  # two compressed models
    same_seed: float  # a model and its compressed one of the same seed; 1 - label loyalty
    other_seed: float  # a model of the baseline and a compressed one of another seed
    draws: float  # two compressed models of the same seed, from other calibration texts


class Closeness(NamedTuple):
    """How close compressed probabilities stay to baseline ones, means over seeds and examples."""

    probability_loyalty: float  # 0 to 1: the same
    kl_divergence: float  # KL(baseline || compressed), nats


def churn(cell: Cell) -> Churn:
    """Return how often two single models disagree; NaN between seeds if there is only one.

    With several labels each (example, class) pair is a prediction of its own.

    Source: Milani Fard et al. 2016; label loyalty, Xu et al. 2021, arXiv 2109.03228, section 3.
    """
    if cell.draws > 1:
        return _churn_of_draws(cell)
    n_models = cell.baseline.n_models
    same_seed = float((cell.baseline.choices != cell.compressed.choices).mean())
    baseline, compressed = (side.votes.astype(np.int64) for side in cell.sides)
    # Pairs of models that agree, a model with itself included: the sum over predictions
    agreeing = np.array([(baseline**2).sum(), (compressed**2).sum(), (baseline * compressed).sum()])
    agreeing = agreeing / max(1, baseline[0].size) - n_models * np.array([1, 1, 1 - same_seed])
    other_seed = np.full(3, np.nan)
    if n_models > 1:
        other_seed = 1 - agreeing / (n_models * (n_models - 1))
    return Churn(
        float(other_seed[0]), float(other_seed[1]), same_seed, float(other_seed[2]), np.nan
    )


def _churn_of_draws(cell: Cell) -> Churn:
    """Return the mean over draws of each draw's churn, and how draws of a seed disagree."""
    chosen = [side.choices for side in cell.sides]
    by_draw = [
        churn(replace(cell, baseline=sides[0], compressed=sides[1], draws=1))
        for sides in ([side.rows(draw, cell.draws) for side in cell.sides]
                      for draw in range(cell.draws))
    ]  # fmt: skip
    compressed = chosen[1].reshape(-1, cell.draws, *chosen[1].shape[1:])  # (seeds, draws, ...)
    pairs = list(combinations(range(cell.draws), 2))
    between = np.mean([(compressed[:, one] != compressed[:, other]).mean() for one, other in pairs])
    means = dict(zip(Churn._fields, np.mean(by_draw, axis=0).tolist(), strict=True))
    return Churn(**means | {"draws": float(between)})


def closeness(cell: Cell) -> Closeness:
    """Return probability loyalty and the Kullback-Leibler divergence of models of the same seed.

    Probability loyalty is the mean of 1 - sqrt(JS), where JS is the Jensen-Shannon divergence in
    bits, so that it lies within 0 and 1.

    Source: Xu et al. 2021, arXiv 2109.03228, section 3.
    """
    loyalty, divergence = [], []
    for pair in zip(cell.baseline.logits, cell.compressed.logits, strict=True):
        log_p, log_q = (_log_probabilities(logits, cell.multi_label) for logits in pair)
        p, q = np.exp(log_p), np.exp(log_q)
        # p over the mean is 1 + apart, and q over it 1 - apart; a probability of 0 adds nothing
        apart = np.clip((p - q) / (p + q + TINY), -LARGEST, LARGEST)
        bits = (p * np.log1p(apart) + q * np.log1p(-apart)).sum(axis=0) / (2 * np.log(2))
        loyalty.append(1 - np.sqrt(np.clip(bits, 0, 1)).mean())
        divergence.append((p * (log_p - log_q)).sum(axis=0).mean())
    return Closeness(float(np.mean(loyalty)), float(np.mean(divergence)))


def calibration_error(predictions: Predictions, labels: np.ndarray, bins: int = 15) -> np.ndarray:
    """Return each model's expected calibration error, float64 (seeds,), a fraction.

    Predictions are put into `bins` equal-width bins (low, high] of their confidence, the largest
    probability; the error is the mean over predictions of |share right - mean confidence| of
    their bin. With several labels: of the probability of "on", against the share that is on.

    Parameters
    ----------
    labels : int (examples,), or 0 / 1 (examples, classes) with several labels

    Raises
    ------
    ValueError
        If a logit is not a finite number.

    Source: Guo et al. 2017, arXiv 1706.04599, equation 3.
    """
    errors, multi_label = [], predictions.multi_label
    for logits in predictions.logits:
        logs = _log_probabilities(logits, multi_label)
        confidence = np.exp(logs[1] if multi_label else logs.max(axis=0))
        right = labels if multi_label else first_largest(logits.T) == labels
        edges = np.arange(1, bins) / bins
        bin_of = np.searchsorted(edges, confidence.ravel(), side="left")
        gaps = np.bincount(bin_of, right.ravel() - confidence.ravel(), minlength=bins)
        errors.append(np.abs(gaps).sum() / confidence.size)
    return np.array(errors)


def calibration_parts(logits: np.ndarray, labels: np.ndarray, bins: int = 15) -> np.ndarray:
    """Return one model's miscalibration by example, float64 (examples,); its mean is corrected.

    As calibration_error, but the gap of a bin counts with the sign that it has on other examples:
    the mean, over all ways to halve them, of one half's gap times the other's sign. So a
    calibrated model has an expected mean of 0, where the plain error is larger the fewer the
    examples and the more even the confidences, so that it cannot compare models. With S the sum
    of a bin's gaps and z = S / sqrt(sum of their squares), |S| becomes
    S (2 Phi(z) - 1) - 2 (S / z) phi(z); examples have its linear part (delta method).

    Parameters
    ----------
    logits : float (examples, classes)
    labels : int (examples,), or 0 / 1 (examples, classes) with several labels

    Raises
    ------
    ValueError
        If a logit is not a finite number.
    """
    multi_label = labels.ndim == 2
    logs = _log_probabilities(logits, multi_label)
    confidence = np.exp(logs[1] if multi_label else logs.max(axis=0)[:, None])
    right = labels if multi_label else (first_largest(logits.T) == labels)[:, None]
    bin_of = np.searchsorted(np.arange(1, bins) / bins, confidence, side="left")
    parts = np.zeros(len(labels))
    for number in np.unique(bin_of):
        gaps = np.where(bin_of == number, right - confidence, 0).mean(axis=1)
        total, spread = gaps.sum(), max(1e-12, float(np.square(gaps).sum() ** 0.5))
        z = total / spread
        slope = 2 * normal_cdf(z) - 1
        corrected = total * slope - 2 * spread * normal_density(z)
        slope += 4 * z * normal_density(z)
        parts += slope * gaps + (corrected - slope * total) / len(gaps)
    return parts


def _log_probabilities(logits: np.ndarray, multi_label: bool) -> np.ndarray:
    """Return log probabilities, float64 (classes, examples), or (2, examples, classes): off, on."""
    logits = logits.astype(np.float64)
    if not np.isfinite(logits).all():
        raise ValueError("logits: some are NaN or infinite; expected finite numbers")
    if multi_label:
        scores = np.stack([np.zeros_like(logits), logits])
    else:
        scores = np.ascontiguousarray(logits.T)
    scores -= scores.max(axis=0)
    scores -= np.log(np.exp(scores).sum(axis=0))
    return scores
