"""Compare dense and pruned models of the same seeds: by example, and beyond votes.

By example: a test and its power. Beyond votes: churn, probabilities, calibration.
Row s of dense and of pruned is the same seed. Logits are float32 (seeds, examples, classes);
arithmetic is float64, one seed at a time. With several labels each (example, class) pair is a
prediction of its own, off or on.
"""

from typing import NamedTuple

import numpy as np
from scipy.special import log_softmax, rel_entr


class Churn(NamedTuple):
    """Shares of predictions that differ between two single models, means over pairs of models."""

    dense: float  # two dense models: what a new seed changes
    pruned: float  # two pruned models
    same_seed: float  # a dense model and what pruning made of it; 1 - label loyalty
    other_seed: float  # a dense model and a pruned one of another seed


class Closeness(NamedTuple):
    """How close pruned probabilities stay to dense ones, means over seeds and examples."""

    probability_loyalty: float  # 0 to 1: the same
    kl_divergence: float  # KL(dense || pruned), nats


def churn(dense: np.ndarray, pruned: np.ndarray) -> Churn:
    """Return how often two single models disagree; NaN between seeds if there is only one.

    Parameters
    ----------
    dense, pruned : int (seeds, examples) class ids, or bool (seeds, examples, classes)

    Source: Milani Fard et al. 2016; label loyalty, Xu et al. 2021, arXiv 2109.03228, section 3.
    """
    seeds = len(dense)
    paired = float((dense != pruned).mean())
    agreeing = np.zeros(3)  # pairs of models, dense, pruned and both: the sum over predictions
    for value in range(int(max(dense.max(initial=1), pruned.max(initial=1))) + 1):
        one, other = ((side == value).sum(axis=0, dtype=np.int64) for side in (dense, pruned))
        agreeing += (one**2).sum(), (other**2).sum(), (one * other).sum()
    agreeing = agreeing / max(1, dense[0].size) - [seeds, seeds, seeds * (1 - paired)]
    others = 1 - agreeing / (seeds * (seeds - 1)) if seeds > 1 else np.full(3, np.nan)
    return Churn(float(others[0]), float(others[1]), paired, float(others[2]))


def closeness(dense: np.ndarray, pruned: np.ndarray, multi_label: bool = False) -> Closeness:
    """Return probability loyalty and the Kullback-Leibler divergence of models of the same seed.

    Probability loyalty is the mean of 1 - sqrt(JS), where JS is the Jensen-Shannon divergence in
    bits, so that it lies within 0 and 1.

    Parameters
    ----------
    dense, pruned : float (seeds, examples, classes)
        Logits, of a softmax or, of several labels, of sigmoids.

    Source: Xu et al. 2021, arXiv 2109.03228, section 3.
    """
    loyal, divergence = [], []
    for one, other in zip(dense, pruned, strict=True):
        log_p, log_q = (_log_probabilities(logits, multi_label) for logits in (one, other))
        p, q = np.exp(log_p), np.exp(log_q)
        mean = (p + q) / 2
        bits = (rel_entr(p, mean) + rel_entr(q, mean)).sum(axis=-1) / (2 * np.log(2))
        loyal.append(1 - np.sqrt(np.clip(bits, 0, 1)).mean())
        divergence.append((p * (log_p - log_q)).sum(axis=-1).mean())
    return Closeness(float(np.mean(loyal)), float(np.mean(divergence)))


def calibration_error(
    logits: np.ndarray, labels: np.ndarray, bins: int = 15, multi_label: bool = False
) -> np.ndarray:
    """Return each model's expected calibration error, float64 (seeds,), a fraction.

    Predictions are put into `bins` equal-width bins (low, high] of their confidence, the largest
    probability; the error is the mean over predictions of |share right - mean confidence| of
    their bin. Of several labels: of the probability of "on", against the share that is on.

    Parameters
    ----------
    labels : int (examples,), or 0 / 1 (examples, classes) of several labels

    Source: Guo et al. 2017, arXiv 1706.04599, equation 3.
    """
    errors = []
    for one in logits:
        probabilities = np.exp(_log_probabilities(one, multi_label))
        confidence = probabilities[..., 1] if multi_label else probabilities.max(axis=-1)
        right = labels if multi_label else one.argmax(axis=-1) == labels
        edges = np.arange(1, bins) / bins
        members = np.searchsorted(edges, confidence.ravel(), side="left")
        gaps = np.bincount(members, right.ravel() - confidence.ravel(), minlength=bins)
        errors.append(np.abs(gaps).sum() / confidence.size)
    return np.array(errors)


def _log_probabilities(logits: np.ndarray, multi_label: bool) -> np.ndarray:
    """Return log probabilities over the last axis: the classes, or off and on of each class."""
    logits = logits.astype(np.float64)
    if not np.isfinite(logits).all():
        raise ValueError("logits: some are NaN or infinite; expected finite numbers")
    if multi_label:
        logits = np.stack([np.zeros_like(logits), logits], axis=-1)
    return log_softmax(logits, axis=-1)
