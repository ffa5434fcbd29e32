"""Compare texts with the training texts in what they mean, by their embeddings.

Embeddings are float32 (texts, width) of length 1, so that a product of two is their cosine.
"""

from typing import NamedTuple

import numpy as np

NEIGHBOURS = 10  # training texts that a text is compared with
SHOWN = 3  # of these, that pages show
MOST = 50_000  # training texts that are compared; of more, evenly spread ones
CHUNK = 1024  # texts that are compared at a time


class Neighbours(NamedTuple):
    """The nearest training texts of each text, and what they tell."""

    nearest: np.ndarray  # int64 (texts, SHOWN): rows of the training split, the nearest first
    distance: np.ndarray  # float64 (texts,): 1 - cosine, mean over NEIGHBOURS
    other_label: np.ndarray  # float64 (texts,): share of them with another label, 0 to 1


def label_sets(labels: np.ndarray, n_classes: int) -> np.ndarray:
    """Return labels as float32 (texts, classes), 1 where a text has the class."""
    if labels.ndim == 2:
        return labels.astype(np.float32)
    return np.eye(n_classes, dtype=np.float32)[labels]


def neighbours(
    texts: np.ndarray,
    text_sets: np.ndarray,
    training: np.ndarray,
    sets: np.ndarray,
    is_training: bool = False,
) -> Neighbours:
    """Return the nearest training texts of each text; a training text is not its own neighbour.

    With several labels, how much of the labels differs: 1 minus Jaccard's index.

    Parameters
    ----------
    texts, training : float32 (texts, width), (training texts, width)
    text_sets, sets : float32 (texts, classes), (training texts, classes)
        From label_sets.
    is_training : bool
        Whether `texts` are the training texts.
    """
    kept = np.unique(np.linspace(0, len(training) - 1, min(MOST, len(training))).astype(int))
    many = min(NEIGHBOURS, len(kept) - is_training)
    nearest = np.full((len(texts), SHOWN), -1)
    distance, other_label = np.full(len(texts), np.nan), np.full(len(texts), np.nan)
    for start in range(0, len(texts) if many > 0 else 0, CHUNK):
        rows = np.arange(start, min(start + CHUNK, len(texts)))
        likeness = texts[rows] @ training[kept].T
        if is_training:
            likeness[rows[:, None] == kept] = -np.inf
        best = np.argpartition(-likeness, many - 1, axis=1)[:, :many]
        values = np.take_along_axis(likeness, best, axis=1)
        order = np.lexsort((best, -values), axis=1)
        best, values = (np.take_along_axis(array, order, axis=1) for array in (best, values))
        found = kept[best]
        nearest[rows, : min(SHOWN, many)] = found[:, :SHOWN]
        distance[rows] = 1 - values.mean(axis=1, dtype=np.float64)
        other_label[rows] = 1 - _shared(text_sets[rows, None], sets[found]).mean(
            axis=1, dtype=np.float64
        )
    return Neighbours(nearest, distance, other_label)


def _shared(first: np.ndarray, second: np.ndarray) -> np.ndarray:
    """Return Jaccard's index of sets of classes; two empty sets are the same."""
    both, either = (first * second).sum(axis=-1), np.maximum(first, second).sum(axis=-1)
    return np.divide(both, either, out=np.ones_like(both), where=either > 0)


def typicality(
    texts: np.ndarray,
    text_sets: np.ndarray,
    training: np.ndarray,
    sets: np.ndarray,
    is_training: bool = False,
) -> np.ndarray:
    """Return the cosine of each text with the mean of its class, float64 (texts,).

    With several labels the mean over the text's classes; NaN without any. A training text is left
    out of the mean that it is compared with. The parameters are those of neighbours.
    """
    sums = sets.T.astype(np.float64) @ training  # (classes, width)
    of_text = np.full((len(texts), sets.shape[1]), np.nan)
    for label, total in enumerate(sums):
        rows = text_sets[:, label] > 0
        centres = total - texts[rows] if is_training else np.broadcast_to(total, texts[rows].shape)
        size = np.linalg.norm(centres, axis=1)
        products = (texts[rows] * centres).sum(axis=1)
        blank = np.full(len(size), np.nan)
        of_text[rows, label] = np.divide(products, size, out=blank, where=size > 1e-9)
    known = np.isfinite(of_text)
    totals, counts = np.where(known, of_text, 0).sum(axis=1), known.sum(axis=1)
    return np.divide(totals, counts, out=np.full(len(texts), np.nan), where=counts > 0)
