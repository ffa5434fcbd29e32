"""Check by the true labels whether a model's outputs stand for the classes that they are taken for.

The order that fits best is learned on one half of the texts and compared with the given one on the
other, and the reverse, so that being the best of many orders is no advantage.
"""

from collections.abc import Sequence

import numpy as np
import pandas as pd
from scipy import special

from pielab.data import class_names
from pielab.data.labels import label_array
from pielab.external.outputs import ZERO, unnamed
from pielab.logs import logger

P = 0.001  # of a clear finding
MOST_NAMED = 30  # classes of an order in a message


def check(
    logits: np.ndarray,
    frame: pd.DataFrame,
    classes: Sequence[str],
    columns: Sequence[int] | None,
    path: str,
) -> list[str]:
    """Return notes on outputs that fit the labels better in another order.

    Parameters
    ----------
    logits : float (models, examples, classes)
        In the order of the classes.
    frame : DataFrame
        The examples, with their labels.
    columns : sequence of int, optional
        The output that each class is taken from, if nothing names the outputs.

    Raises
    ------
    ValueError
        If outputs without names clearly fit better in another order.
    """
    truth = label_array(frame, len(classes))
    is_class = truth if truth.ndim == 2 else np.eye(len(classes), dtype=np.uint8)[truth]
    answers, as_given = _shares(logits, truth.ndim == 2), list(range(len(classes)))
    best = best_order(answers, is_class)
    before, after = (100 * _right(answers, is_class, order).mean() for order in (as_given, best))
    if best == as_given or not after > before:
        return []
    fit = f"{after:.1f} % right instead of {before:.1f} %"
    if not _is_clear(answers, is_class):
        if columns is None:
            return []
        note = (
            f"{path}: outputs without names are taken in the order of the classes, which the "
            f"labels do not confirm ({fit} in another order); {class_names.KEY} names them"
        )
    elif columns is not None:
        names = unnamed(len(classes))
        outputs = {classes[at]: columns[best[at]] for at in as_given}
        order = [f"{name}: {names[at]}" for name, at in outputs.items() if at != ZERO]
        rest = ", ..." if len(order) > MOST_NAMED else ""
        raise ValueError(
            f"{path}: outputs without names fit the labels best in another order than that of the "
            f"classes ({fit}); expected {class_names.KEY}: "
            f"{{{', '.join(order[:MOST_NAMED])}{rest}}}"
        )
    else:
        moved = [f"{classes[best[at]]} as {classes[at]}" for at in as_given if best[at] != at]
        note = (
            f"{path}: answers fit the labels clearly better under other names "
            f"({', '.join(moved[:MOST_NAMED])}: {fit}): are its classes named in the right order?"
        )
    logger.warning("%s", note)
    return [note]


def best_order(answers: np.ndarray, is_class: np.ndarray) -> list[int]:
    """Return the output of each class with which the most decisions are right.

    Parameters
    ----------
    answers : float (examples, outputs)
        Share of the models that decide for an output.
    is_class : uint8 (examples, classes)
        1 for the true classes.
    """
    agree = answers.T @ is_class + (1.0 - answers).T @ (1.0 - is_class)
    from scipy.optimize import linear_sum_assignment  # takes longer to import than the rest

    outputs, of_class = linear_sum_assignment(
        agree + 1e-6 * np.eye(len(agree)),  # among equals the order as it is
        maximize=True,
    )
    return [int(output) for output in outputs[np.argsort(of_class)]]


def _shares(logits: np.ndarray, several: bool) -> np.ndarray:
    """Return the share of the models that decide for each class, float (examples, classes)."""
    shares = np.zeros(logits.shape[1:])
    for scores in logits:
        if several:
            shares += scores > 0
        else:
            shares[np.arange(len(scores)), scores.argmax(axis=1)] += 1
    return shares / len(logits)


def _right(answers: np.ndarray, is_class: np.ndarray, order: Sequence[int]) -> np.ndarray:
    """Return the share of right decisions in an order, float (examples,)."""
    decided = answers[:, list(order)]
    if (is_class.sum(axis=1) == 1).all() and np.allclose(answers.sum(axis=1), 1):
        return (decided * is_class).sum(axis=1)
    return (decided * is_class + (1 - decided) * (1.0 - is_class)).mean(axis=1)


def _is_clear(answers: np.ndarray, is_class: np.ndarray) -> bool:
    """Return whether another order clearly fits better than the given one.

    By a sign test over texts; and answers must depend on the true classes at all, since any order
    fits those of a model that has collapsed.
    """
    rows = np.random.default_rng(0).permutation(len(answers))
    halves, gains = (rows[::2], rows[1::2]), []
    for learn, test in (halves, halves[::-1]):
        order = best_order(answers[learn], is_class[learn])
        right = _right(answers[test], is_class[test], order)
        gains.append(right - _right(answers[test], is_class[test], range(answers.shape[1])))
    gain = np.concatenate(gains)
    up, down = int((gain > 1e-9).sum()), int((gain < -1e-9).sum())
    tail = special.betainc(up, down + 1, 0.5) if up else 1.0  # of a binomial, at a half
    return bool(tail < P) and _depends(answers, is_class)


def _depends(answers: np.ndarray, is_class: np.ndarray) -> bool:
    """Return whether the decision for any output is correlated with any class."""
    centred = [values - values.mean(axis=0, dtype=np.float64) for values in (answers, is_class)]
    spread = [np.sqrt((values**2).sum(axis=0)) for values in centred]
    with np.errstate(divide="ignore", invalid="ignore"):
        r = centred[0].T @ centred[1] / np.outer(*spread)
    p = special.ndtr(-np.nan_to_num(r) * np.sqrt(len(answers)))
    return bool(p.min() < P / r.size)
