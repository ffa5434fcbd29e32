"""Losses of each example, and how compression changes them.

Labels are int64 (examples,) of one label or uint8 (examples, classes) of several; logits are
float32 (seeds, examples, classes). Arithmetic is float64, one seed at a time.
"""

import numpy as np
import pandas as pd


def example_losses(logits: np.ndarray, labels: np.ndarray) -> np.ndarray:
    """Return one model's loss on each example, in nats, float64 (examples,).

    Cross-entropy; with several labels the mean over classes of binary cross-entropy, as in the
    authors' code. Small losses keep their relative precision, so that they can be divided by.

    Parameters
    ----------
    logits : float (examples, classes)
    """
    logits = logits.astype(np.float64)
    if labels.ndim == 2:
        return _log_sum(np.where(labels, -logits, logits)).mean(axis=1)
    rows, margins = np.arange(len(labels)), np.ascontiguousarray(logits.T)
    margins -= margins[labels, rows]
    margins[labels, rows] = -np.inf
    largest = margins.max(axis=0)
    # log(1 + sum of exp(margins)): the label's own term, 1, joins last, lest it swallow the others
    return _log_sum(largest + np.log(np.exp(margins - largest).sum(axis=0)))


def _log_sum(logs: np.ndarray) -> np.ndarray:
    """Return log(1 + exp(logs)), in less time than numpy.logaddexp."""
    return np.maximum(logs, 0) + np.log1p(np.exp(-np.abs(logs)))


def losses_by_model(logits: np.ndarray, labels: np.ndarray) -> np.ndarray:
    """Return each model's loss on each example, in nats, float64 (seeds, examples).

    Parameters
    ----------
    logits : float (seeds, examples, classes)

    Raises
    ------
    ValueError
        If there is no seed or the labels do not fit.
    """
    check_labels(logits, labels)
    by_model = np.empty(logits.shape[:2])
    for row, model in zip(by_model, logits, strict=True):
        row[:] = example_losses(model, labels)
    return by_model


def loss_change(baseline: np.ndarray, compressed: np.ndarray) -> pd.DataFrame:
    """Return how compression changes the loss on each example, one row an example.

    Parameters
    ----------
    baseline, compressed : float (seeds, examples)
        From losses_by_model, of the same seeds in the same order.

    Returns
    -------
    DataFrame
        `loss_baseline` and `loss_compressed`, means over seeds in nats; `loss_change`, the mean
        over seeds of compressed - baseline; `loss_ratio`, the mean over seeds of compressed /
        baseline (the authors' way: one baseline loss near zero decides it; infinite if one is
        zero, NaN if both are). With several labels the authors divide class by class and average
        after.

    Raises
    ------
    ValueError
        If the two differ in shape.
    """
    if compressed.shape != baseline.shape:
        raise ValueError(
            f"compressed losses: shape {compressed.shape}; expected {baseline.shape}, as baseline"
        )
    with np.errstate(divide="ignore", invalid="ignore"):
        ratio = (compressed / baseline).mean(axis=0)
    before, after = baseline.mean(axis=0), compressed.mean(axis=0)
    return pd.DataFrame(
        {
            "loss_baseline": before,
            "loss_compressed": after,
            "loss_change": after - before,
            "loss_ratio": ratio,
        }
    )


def check_labels(logits: np.ndarray, labels: np.ndarray) -> None:
    """Raise ValueError unless there is a seed and the labels fit the logits."""
    if logits.ndim != 3 or not len(logits):
        raise ValueError(f"logits: shape {logits.shape}; expected (seeds, examples, classes)")
    fitting = logits.shape[1:] if labels.ndim == 2 else logits.shape[1:2]
    if labels.shape != fitting:
        raise ValueError(f"labels: shape {labels.shape}; expected {fitting}, as logits have")
    highest = 1 if labels.ndim == 2 else logits.shape[2] - 1
    if labels.size and not 0 <= labels.min() <= labels.max() <= highest:
        raise ValueError(f"labels: {labels.min()} to {labels.max()}; expected 0 to {highest}")
