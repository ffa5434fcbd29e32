"""Decide for classes: by the largest logit, or with several labels by each model's own threshold.

Decisions are bool (seeds, examples, classes): one class an example, or any number of them for
multi-label data. Everything else is derived from decisions, the same way for both.
"""

import numpy as np
from scipy.special import expit, logit

from pielab.pies.cell import Predictions
from pielab.pies.scores import f1_scores

THRESHOLDS = np.arange(100) / 100
ROUNDING = 1e-7  # of numbers that are kept in float32


def decide(
    logits: dict[str, np.ndarray], train_labels: np.ndarray, threshold: float | None = None
) -> dict[str, Predictions]:
    """Return the predictions on each split; thresholds come from the one called train.

    Parameters
    ----------
    logits : dict of float32 (seeds, examples, classes)
    train_labels : int64 (examples,), or uint8 (examples, classes) with several labels
        Of no examples if there is no training split.
    threshold : float, optional
        A probability that a decision must exceed: for the second of two classes, or for each of
        several labels. By default two classes need none, and labels take the best threshold on the
        training split, one half if there is none.

    Raises
    ------
    ValueError
        If a threshold is given for more than two classes, one of which an example has.
    """
    multi_label, thresholds = train_labels.ndim == 2, None
    if threshold is not None or (multi_label and "train" not in logits):
        models = len(next(iter(logits.values())))
        thresholds = np.full(models, 0.5 if threshold is None else threshold)
    elif multi_label:
        thresholds = np.array([best_threshold(model, train_labels) for model in logits["train"]])
    if multi_label and thresholds is not None:
        # A score that is stated as the threshold itself does not exceed it
        cuts = thresholds + (ROUNDING if threshold is not None else 0)
        decided = {split: decide_multi(values, cuts) for split, values in logits.items()}
    else:
        decided = {split: decide_single(values, thresholds) for split, values in logits.items()}
    return {
        split: Predictions(values, decided[split], multi_label, thresholds)
        for split, values in logits.items()
    }


def decide_single(logits: np.ndarray, thresholds: np.ndarray | None = None) -> np.ndarray:
    """Return decisions for the class of the largest logit, the first among equals.

    Parameters
    ----------
    logits : float (seeds, examples, classes)
    thresholds : float (seeds,), optional
        The probability above which each model decides for the second of two classes.

    Raises
    ------
    ValueError
        If there are thresholds for other than two classes.
    """
    if thresholds is not None:
        if logits.shape[2] != 2:
            raise ValueError(
                f"predictions.threshold: {thresholds[0]:g} for {logits.shape[2]} classes; expected "
                "two classes, or several labels"
            )
        margins = np.subtract(logits[..., 1], logits[..., 0], dtype=np.float64)
        # What rounding to float32 may add; a threshold of one half is the largest logit
        slack = np.where(thresholds == 0.5, 0, ROUNDING)[:, None]
        slack = slack * (1 + np.abs(logits, dtype=np.float64).sum(axis=2))
        second = margins > logit(thresholds)[:, None] + slack
        return np.stack([~second, second], axis=1).swapaxes(1, 2)
    winners = first_largest(np.moveaxis(logits, 2, 0))
    return (winners[:, None] == np.arange(logits.shape[2])[:, None]).swapaxes(1, 2)


def first_largest(scores: np.ndarray) -> np.ndarray:
    """Return the index of the largest along the first axis, the first among equals, int (...).

    In less time than argmax, where there are few. NaN is never the largest but first of all.
    """
    best, index = scores[0], np.zeros(scores[0].shape, np.int16)
    for number in range(1, len(scores)):
        np.maximum(index, np.int16(number) * (scores[number] > best), out=index)
        best = np.maximum(best, scores[number])
    return index


def decide_multi(logits: np.ndarray, thresholds: np.ndarray) -> np.ndarray:
    """Return decisions for the classes whose sigmoid score exceeds the model's threshold.

    Parameters
    ----------
    logits : float (seeds, examples, classes)
    thresholds : float (seeds,)
    """
    cuts = zip(logits, score_cuts(thresholds), strict=True)
    return np.stack([(model > cut).T for model, cut in cuts]).swapaxes(1, 2)


def score_cuts(thresholds: np.ndarray) -> np.ndarray:
    """Return the largest logits whose sigmoid scores exceed no threshold, float32 (thresholds,).

    A float32 logit is above the cut where its score, in float64, is above the threshold. So logits
    are compared, and not each one's score computed.
    """
    ends = np.finfo(np.float32)
    low, high = np.full((2, len(thresholds)), [[float(ends.min)], [float(ends.max)]])
    while (high > np.nextafter(low, np.inf)).any():  # halve, in float64
        middle = low / 2 + high / 2
        exceeds = expit(middle) > thresholds
        low, high = np.where(exceeds, low, middle), np.where(exceeds, middle, high)
    cuts = low.astype(np.float32)
    return np.where(cuts > low, np.nextafter(cuts, np.float32(-np.inf)), cuts)


def in_half_precision(logits: np.ndarray) -> np.ndarray:
    """Return logits as float16 whose largest is the same class, and as they are if that cannot be.

    Where rounding makes another class the first among equals, the largest goes up by one place.

    Parameters
    ----------
    logits : float32 (seeds, examples, classes)
        Of models that decide for one class an example.
    """
    with np.errstate(over="ignore"):
        half = logits.astype(np.float16)
    largest = logits.argmax(axis=2, keepdims=True)
    moved = half.argmax(axis=2, keepdims=True) != largest
    value = np.take_along_axis(half, largest, axis=2)
    up = np.where(moved, np.nextafter(value, np.float16(np.inf)), value)
    np.put_along_axis(half, largest, up, axis=2)
    return half if np.isfinite(half).all() else logits


def best_threshold(logits: np.ndarray, labels: np.ndarray) -> float:
    """Return the one of 0.00, 0.01 ... 0.99 that maximises macro-F1, the lowest among equals.

    Parameters
    ----------
    logits : float (examples, classes)
        A model's predictions on its training split.
    labels : uint8 (examples, classes)
    """
    cuts, f1 = score_cuts(THRESHOLDS), np.zeros(len(THRESHOLDS))
    for scores, truth in zip(np.ascontiguousarray(logits.T), labels.T.astype(bool), strict=True):
        positives, hits = (
            len(some) - np.searchsorted(np.sort(some), cuts, side="right")
            for some in (scores, scores[truth])
        )
        f1 += f1_scores(hits, positives + np.count_nonzero(truth))
    return float(THRESHOLDS[f1.argmax()])
