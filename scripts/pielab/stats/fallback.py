"""Route texts by how sure a model is: the least sure ones go to the model that it is paired with.

A text is sent if its margin is below the model's threshold. Of texts whose margins are equal all
are sent or none, so that a share is never exceeded.

Derived in docs/explanation/statistics.md#fallback.
"""

from collections.abc import Sequence

import numpy as np
from scipy import special

from pielab.pies.cell import Predictions
from pielab.stats.harm import measure
from pielab.stats.intervals import Interval, left_out_means, t_quantile, wilson
from pielab.stats.shift import margins as log_odds

SHARES = tuple(percent / 100 for percent in (*range(21), 25, *range(30, 101, 10)))
LARGEST = np.finfo(np.float64).max  # the margin of what is infinitely sure


def certainty_margins(side: Predictions) -> np.ndarray:
    """Return how far each answer is from another one, float64 (models, texts), 0 or more.

    Without a threshold that is the probability of the answer minus that of the next class. Of
    answers by a threshold (several labels, or two classes) it is the logit margin, the distance of
    the log odds from the threshold; with several labels the smallest one.
    """
    if side.multi_label or side.thresholds is not None:
        odds = log_odds(side.logits, side.thresholds, side.multi_label)
        return np.minimum(np.abs(odds.astype(np.float64)).min(axis=2), LARGEST)
    scores = special.softmax(side.logits.astype(np.float64), axis=2)
    first_two = np.partition(scores, -2, axis=2)[:, :, -2:]
    return first_two[:, :, 1] - first_two[:, :, 0]


def thresholds(margins: np.ndarray, shares: Sequence[float] = SHARES) -> np.ndarray:
    """Return the largest threshold of each model by which at most a share of the texts is sent.

    Parameters
    ----------
    margins : float (models, texts)
        One text or more.
    shares : sequence of float
        Fractions, 0 to 1; a share of 0 sends no text, and a share of 1 sends every text.

    Returns
    -------
    float (models, shares)
        0 where the share is less than one text.
    """
    n_models, n_texts = margins.shape
    none, every = np.zeros((n_models, 1)), np.full((n_models, 1), np.inf)
    ordered = np.concatenate([none, np.sort(margins, axis=1)[:, 1:], every], axis=1)
    return ordered[:, [int(share * n_texts + 1e-9) for share in shares]]


def is_sent(margins: np.ndarray, cuts: np.ndarray) -> np.ndarray:
    """Return which texts each model sends, bool (models, texts), by its threshold (models,)."""
    return margins < cuts[:, None]


def best_left(flips: np.ndarray, sent: np.ndarray) -> np.ndarray:
    """Return the share of texts that stay negative flips if flips go first, float (models,).

    Parameters
    ----------
    flips, sent : bool (models, texts)
        Negative flips, and as many texts as go to the other model.
    """
    return np.maximum(flips.sum(axis=1) - sent.sum(axis=1), 0) / flips.shape[1]


def random_left(flips: np.ndarray, sent: np.ndarray) -> np.ndarray:
    """Return the share of texts that stay negative flips if as many go by lot, float (models,)."""
    return flips.mean(axis=1) * (1 - sent.mean(axis=1))


def rate_interval(
    rates: np.ndarray, clusters: np.ndarray | None = None, confidence: float = 0.95
) -> Interval:
    """Return the mean of a rate with its interval over texts and replicates, within 0 and 1.

    Wilson's interval of as many texts as have the variance of the mean (Kish 1965, effective sample
    size). For the variance alone one more text counts, with a rate of 1 for every replicate:
    without it the interval is too short where few texts have any rate, and of no size where none
    has. `benchmarks/simulate_fallback.py` simulates its coverage.

    Parameters
    ----------
    rates : float (replicates, texts)
        Within 0 and 1 (the parts of a macro-F1 may exceed 1); of one text or more.
    clusters : int (texts,), optional
        From 0: texts that share something; the interval is then over clusters, NaN of one.
    """
    harm = measure(rates.mean(axis=0), left_out_means(rates), clusters)
    texts, mean = harm.worth, float(np.clip(harm.loss, 0, 1))
    if np.isnan(harm.example_variance):
        return Interval(mean, np.nan, np.nan)
    squares = (texts - 1) * harm.example_variance + mean**2  # mean square
    shifted = (texts * mean + 1) / (texts + 1)
    of_texts = ((texts * squares + 1) / (texts + 1) - shifted**2) / (texts + 1)
    total = of_texts + harm.replicate_variance
    size = shifted * (1 - shifted) / total if total > 0 else texts
    quantile = t_quantile(of_texts, harm.replicate_variance, int(harm.replicates), confidence)
    return wilson(mean, size, quantile)
