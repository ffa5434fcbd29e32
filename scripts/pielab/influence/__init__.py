"""Measures of how much a training text shapes a model: a module a measure, taken by its name.

Each has `of_model(trace, labels)`, which returns a number for each training text, the higher the
more influential, and declares in constants what pielab.influence_measures.InfluenceMeasure holds.
A text's influence is the mean over the dense models.
"""

from importlib import import_module
from types import ModuleType
from typing import NamedTuple

import numpy as np
from scipy.special import expit, softmax


class Trace(NamedTuple):
    """What is kept of one dense model's training, for the texts of the training split."""

    logits: np.ndarray  # float32 (epochs, texts, classes): after each epoch, or the first alone
    norms: np.ndarray | None = None  # (texts,): of what the last layer reads after the first epoch


def measure_module(name: str) -> ModuleType:
    """Return the module of a measure."""
    return import_module(f"{__name__}.{name.replace('-', '_')}")


def errors(logits: np.ndarray, labels: np.ndarray) -> np.ndarray:
    """Return probabilities minus the truth, float64 (texts, classes).

    Of softmax(logits) for labels int64 (texts,), of sigmoid(logits) for uint8 (texts, classes).
    """
    if labels.ndim == 2:
        return expit(logits, dtype=np.float64) - labels
    found = softmax(logits.astype(np.float64), axis=1)
    found[np.arange(len(labels)), labels] -= 1
    return found


def of_truth(logits: np.ndarray, labels: np.ndarray) -> np.ndarray:
    """Return the probability of the truth, float64 (texts,); with several labels its mean."""
    if labels.ndim == 2:
        return 1 - np.abs(errors(logits, labels)).mean(axis=1)
    return 1 + errors(logits, labels)[np.arange(len(labels)), labels]


def is_right(logits: np.ndarray, labels: np.ndarray) -> np.ndarray:
    """Return which texts the model decides rightly, bool (texts,); with several labels all."""
    if labels.ndim == 2:
        return ((logits > 0) == labels.astype(bool)).all(axis=1)
    return np.asarray(logits.argmax(axis=1) == labels)
