"""Read what a model answered from a log of lm-evaluation-harness."""

import re
from collections.abc import Sequence
from typing import Any

import numpy as np

from pielab.data import harness_examples, harness_logs
from pielab.data.harness_logs import Sample
from pielab.external.answers import Answers
from pielab.external.probabilities import LABELS
from pielab.logs import logger

BELOW = 100.0  # nats that a choice which a document has not, or -inf, lies below the finite ones
INFINITE = "-inf; it counts as the least likely choice"
UNDEFINED = (
    "NaN; the first such choice counts as the answer, as lm_eval counts it: does the model "
    "overflow in its precision?"
)
SMALL_IS_GOOD = re.compile(
    r"(?<![a-z])(wer|cer|ter|mer|brier|ece|perplexity|loss|errors?|mse|rmse|mae|distance|bits)"
    r"(?![a-z])",
    re.IGNORECASE,
)
HARDLY = 1e-6  # nats that a choice whose score is NaN lies above the finite ones


def read_answers(path: str, classes: Sequence[str], settings: dict) -> Answers:
    """Return a log's answers: of multiple choice, scores of choices from the best one down.

    Parameters
    ----------
    classes : sequence of str
        The data set's, in order: choices, positions of choices, or wrong and right.
    settings : dict
        `metric`: `acc`, log probabilities; `acc_norm` or `acc_bytes`, these by character or by
        byte of the choice; of a generated or graded answer any, right where over 0.5. None:
        `acc`, or the only one. `filter`: whose answers, None: the only one's. `scores`: `labels`
        for generated or graded answers, of which nothing says how sure a model is.

    Raises
    ------
    ValueError
        Naming the file, the line and what was expected.
    """
    samples = harness_logs.read_samples(path)
    samples = harness_logs.under_one_filter(samples, path, settings["filter"])
    _check_classes(harness_examples.classes_of(samples, path), classes, path)
    notes: list[str] = []
    if not harness_examples.by_metric(samples):
        logits, notes = _of_choices(samples, settings["metric"] or "acc", len(classes), path)
    elif settings["scores"] == LABELS:
        logits = _of_metric(samples, settings["metric"], path)
    else:
        generated = not samples[0].log_probabilities
        kind = "are generated" if generated else "have a graded acc or several right choices"
        raise ValueError(
            f"{path}: answers that {kind}, so right or wrong by predictions.metric; expected "
            f"predictions.scores: labels, not {settings['scores']}"
        )
    return Answers(harness_logs.ids(samples), [""] * len(samples), logits, tuple(notes))


def _check_classes(own: list[str], classes: Sequence[str], path: str) -> None:
    positions = [str(position) for position in range(len(classes))]
    # A part of the documents may have fewer choices, or happen to have the same
    numbered = list(classes) == positions and own != harness_examples.WRONG_OR_RIGHT
    if own != list(classes) and not (numbered and len(own) <= len(classes)):
        raise ValueError(
            f"{path}: classes {', '.join(own)}; expected those of the data set, "
            f"{', '.join(classes)}"
        )


def _of_choices(
    samples: list[Sample], metric: str, n_classes: int, path: str
) -> tuple[np.ndarray, list[str]]:
    """Return float32 (samples, classes) and notes: 0 for the best choice, the others below it."""
    if metric not in harness_logs.LENGTHS:
        known = ", ".join(harness_logs.LENGTHS)
        raise ValueError(
            f"{path}: predictions.metric {metric!r}; expected one of {known} for multiple choice"
        )
    logits = np.empty((len(samples), n_classes), np.float32)
    possible = harness_examples.possible_labels(samples, path)
    infinite, undefined = [], []
    for row, sample in enumerate(samples):
        where = f"{path}, line {sample.line}"
        scores = sample.scores(metric)
        if scores is None:
            raise ValueError(f"{where}: {metric} needs choices that have a length")
        label = possible[0][row]
        if all(
            sample.metrics.get(metric) != float(scores.argmax() == own[row]) for own in possible
        ):
            harness_examples.check_score(sample, metric, int(scores.argmax()), label, where)
        infinite += [sample.line] * bool(np.isneginf(scores).any())
        undefined += [sample.line] * bool(np.isnan(scores).any())
        scores = _finite(scores)
        logits[row] = scores.min() - BELOW
        logits[row, : len(scores)] = scores
    notes = [
        f"{path}: {len(lines)} of {len(samples)} documents, such as that of line {lines[0]}, have "
        f"a log probability {said}"
        for lines, said in ((infinite, INFINITE), (undefined, UNDEFINED))
        if lines
    ]
    for note in notes:
        logger.warning("%s", note)
    return logits, notes


def _finite(scores: np.ndarray) -> np.ndarray:
    """Return how far scores lie below the best one, whose place is that of numpy's argmax.

    A choice of -inf lies far below the finite ones. A NaN is no score: the first, which argmax
    takes, lies hardly above all others, so that it decides and nothing else.
    """
    answer, undefined = int(scores.argmax()), np.isnan(scores)
    found = np.isfinite(scores)
    if not found.any():
        scores = np.where(undefined | np.isneginf(scores).all(), 0.0, -BELOW)
    else:
        # Before float32, which would make ties of near ones
        scores = np.where(found, scores - scores[found].max(), 0.0)
        scores = np.where(found | undefined, scores, scores.min() - BELOW)
    if undefined.any():
        scores -= HARDLY
        scores[answer] = 0.0
    return scores


def _of_metric(samples: list[Sample], metric: str | None, path: str) -> np.ndarray:
    """Return float32 (samples, 2): 1 for wrong or right, as a metric's own value says."""
    logits = np.zeros((len(samples), 2), np.float32)
    for row, sample in enumerate(samples):
        where = f"{path}, line {sample.line}"
        names = list(sample.metrics)
        only = names[0] if len(names) == 1 else None
        name = metric or ("acc" if sample.log_probabilities and "acc" in names else only)
        shares = [each for each in names if _is_share(sample.metrics[each])]
        if name not in names:
            raise ValueError(
                f"{where}: predictions.metric {name!r}; expected one of "
                f"{', '.join(shares or names) or 'the metrics, of which there are none'}"
            )
        if SMALL_IS_GOOD.search(name):
            good = [each for each in shares if not SMALL_IS_GOOD.search(each)]
            raise ValueError(
                f"{where}: {name} is better the smaller it is; expected a metric that is 1 for a "
                f"right answer{': predictions.metric ' + ' or '.join(good) if good else ''}, "
                "or a table of the labels wrong and right instead"
            )
        value: Any = sample.metrics[name]
        if not _is_share(value):
            others = f" or predictions.metric {' or '.join(shares)}" if shares else ""
            said = str(value)[:40]
            raise ValueError(f"{where}: {name} {said!r}; expected a number from 0 to 1{others}")
        logits[row, int(value > 0.5)] = 1
    return logits


def _is_share(value: Any) -> bool:
    return isinstance(value, (int, float)) and 0 <= value <= 1
