"""Measure how far compression moves each example: the shift of its log odds, mean over models.

Margins are float (models, examples, classes), of one class where there are two to decide for.
A margin above zero speaks for the class. They come from every class and never from the votes of
one side alone: a class picked by them would be where that side happens to be high.

Derived in docs/explanation/statistics.md#shift.
"""

from typing import NamedTuple

import numpy as np
from scipy import special

from pielab.stats.distributions import false_discovery_control
from pielab.stats.medians import medians
from pielab.stats.moderation import moderate, total_freedom, variance_prior
from pielab.stats.significance import simes

TO_SIGMA = 1.4826  # times the median absolute deviation: a normal distribution's standard deviation
LEAST_SCALE = 0.05  # of the mean absolute deviation; of normal margins it is 1.25
FAR = 3.0  # standard deviations of shifts: a text that moves farther does not count for the scale
SAMPLE = 10_000  # examples whose median and deviation stand for all


class Shift(NamedTuple):
    """Compressed minus dense, by example and class, with Student's interval and p-value."""

    estimate: np.ndarray  # float64 (examples, classes)
    low: np.ndarray
    high: np.ndarray
    p: np.ndarray  # of each class, not adjusted
    combined: np.ndarray  # float64 (examples,): p-value that no class moved, by Simes 1986
    q: np.ndarray  # float64 (examples,): that, adjusted for all examples


def margins(
    logits: np.ndarray, thresholds: np.ndarray | None = None, multi_label: bool | None = None
) -> np.ndarray:
    """Return the log odds of each class against the rest, float32 (models, examples, classes).

    With two classes, those of the second alone, their difference of logits. With several labels,
    each class's logit. Both minus the model's threshold, in logits, so that a margin above zero is
    a decision. A threshold of zero, which all scores exceed, counts as half a step of 0.01.
    In memory a class's margins stay side by side.

    Parameters
    ----------
    logits : float32 (models, examples, classes)
    thresholds : float (models,), optional
        Probabilities; for several labels, or for two classes.
    multi_label : bool, optional
        By default whether there are thresholds.
    """
    cuts = np.zeros((len(logits), 1, 1), np.float32)
    if thresholds is not None:
        least = 0.005 if multi_label is not False else 0  # a product's threshold is exact
        cuts[:, 0, 0] = special.logit(np.clip(thresholds, least, 1 - least))
    if thresholds is not None and multi_label is not False:
        return np.subtract(logits.swapaxes(1, 2), cuts, order="C").swapaxes(1, 2)
    if logits.shape[2] == 2:
        return logits[:, :, 1:] - logits[:, :, :1] - cuts
    odds = np.stack([_log_odds(np.ascontiguousarray(model.T)) for model in logits])
    return np.moveaxis(odds, 1, 2)


def _log_odds(logits: np.ndarray) -> np.ndarray:
    """Return log p - log(1 - p) of softmax scores, float32 (classes, examples).

    The rest is summed without the class itself: a difference from the whole would be all error
    where one class has nearly all.
    """
    scores = np.exp(logits - logits.max(axis=0))
    rest = np.zeros_like(scores)
    rest[1:] = scores[:-1].cumsum(axis=0)
    rest[:-1] += scores[:0:-1].cumsum(axis=0)[::-1]
    tiny = np.finfo(np.float32).tiny
    return np.log(np.maximum(scores, tiny)) - np.log(np.maximum(rest, tiny))


def standardise(dense: np.ndarray, compressed: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return both sides' margins, by class of median 0 and scale 1 within each model.

    A model that is more or less sure everywhere, or leans to a class, has then moved no single
    text. The scale is the median absolute deviation. Of a model without any, and of one that says
    next to the same of most texts, so that it is below LEAST_SCALE of the mean one, all margins
    are 0: on so small a scale the few other texts would be thousands of units away.
    Both are of the texts that have not moved much more than most: those that have would spread
    their models' margins, so that on this scale all others would seem to move. Where many models
    see very little, some still do: simulated, of five classes, .08 of what is found at q <= .05.

    Parameters
    ----------
    dense, compressed : float (models, examples, classes)
    """
    if not (dense.size and compressed.size):
        return np.zeros_like(dense), np.zeros_like(compressed)
    # Twice: by all texts first, which tells those that moved far, and then without these
    rows = np.linspace(0, dense.shape[1] - 1, min(dense.shape[1], SAMPLE)).astype(int)
    samples = [side[:, rows] for side in (dense, compressed)]
    still = np.ones(samples[0].shape[1:], dtype=bool)
    before, after = (_standard(sample, sample, still) for sample in samples)
    moved = after.mean(axis=0) - before.mean(axis=0)
    off = np.abs(moved - np.median(moved, axis=0))
    still = off <= FAR * TO_SIGMA * np.median(off, axis=0)
    return _standard(dense, samples[0], still), _standard(compressed, samples[1], still)


def _standard(margins: np.ndarray, sample: np.ndarray, still: np.ndarray) -> np.ndarray:
    """Return margins less the median of the sample's `still` ones, over their scale.

    Parameters
    ----------
    still : bool (sampled examples, classes)
    """
    standard = np.zeros_like(margins)
    for label in np.flatnonzero(still.any(axis=0)):
        counted = np.compress(still[:, label], sample[:, :, label], axis=1)  # (models, texts)
        centre = medians(counted)[:, None]
        off = np.abs(counted - centre)
        scale = TO_SIGMA * medians(off)[:, None]
        known = scale[:, 0] > LEAST_SCALE * off.mean(axis=1)
        scaled = (margins[known, :, label] - centre[known]) / scale[known]
        standard[known, :, label] = scaled
    return standard


def shift(
    dense: np.ndarray, compressed: np.ndarray, paired: bool = True, confidence: float = 0.95
) -> Shift:
    """Return each example's shift with its interval, and test it against none.

    The p-value is of Student's t with a moderated variance (Smyth 2004); of unpaired sides the
    two variances add (Welch 1947). Classes are combined within the example (Simes 1986) and
    examples adjusted by Benjamini and Hochberg (1995). With one model on each side all is NaN but
    the estimate.

    Parameters
    ----------
    dense, compressed : float (models, examples, classes)
        Margins, raw or standardised. If `paired`, row s of both is the same seed.
    """
    if paired and dense.shape != compressed.shape:
        raise ValueError(f"compressed: shape {compressed.shape}; expected {dense.shape}")
    columns = []
    for label in range(dense.shape[2]):
        sides = [compressed[:, :, label], dense[:, :, label]]
        # Differences within pairs: what a seed does to both of its models cancels
        columns.append(_test([sides[0] - sides[1]] if paired else sides, confidence))
    estimate, low, high, p = (np.stack(parts, axis=1) for parts in zip(*columns, strict=True))
    combined = simes(p, np.ones(p.shape, dtype=bool))
    known = np.isfinite(combined).all()
    q = false_discovery_control(combined) if known and len(combined) else combined
    return Shift(estimate, low, high, p, combined, q)


def _test(sides: list[np.ndarray], confidence: float) -> tuple[np.ndarray, ...]:
    """Return estimate, ends of the interval and p, (examples,), of a mean or of a difference.

    Parameters
    ----------
    sides : list of float (models, examples)
        One of differences within pairs, or two, of which the second is taken away.
    """
    (estimate, variance, freedom), *others = (_mean(side) for side in sides)
    for mean, other_variance, other_freedom in others:
        # Welch and Satterthwaite: variances of unrelated sides add, and so do their errors
        parts = variance**2 / freedom + other_variance**2 / other_freedom
        estimate, variance = estimate - mean, variance + other_variance
        freedom = np.divide(variance**2, parts, out=np.ones_like(parts), where=parts != 0)
    error = np.sqrt(variance)
    with np.errstate(divide="ignore", invalid="ignore"):  # no error at all: surely moved, or not
        t = np.where(estimate == 0, error * 0, np.abs(estimate) / error)
    reach = special.stdtrit(freedom, (1 + confidence) / 2) * error
    return estimate, estimate - reach, estimate + reach, 2 * special.stdtr(freedom, -t)


def _mean(values: np.ndarray) -> tuple[np.ndarray, np.ndarray, float]:
    """Return means over models, (examples,), their moderated variances and degrees of freedom."""
    models = len(values)
    mean = values.mean(axis=0)
    if models < 2:
        return mean * 1.0, np.full(len(mean), np.nan), np.nan
    residuals = values - mean
    freedom = models - 1
    variances = np.square(residuals).sum(axis=0, dtype=np.float64) / freedom
    # A variance over few models is poor: it is shrunk towards what those of all examples are
    prior = variance_prior(variances, freedom)
    moderated = moderate(variances, freedom, prior) / models
    return mean.astype(np.float64), moderated, total_freedom(residuals, prior)
