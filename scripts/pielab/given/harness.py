"""Read what a model answered from a log of lm-evaluation-harness."""

from collections.abc import Sequence

import numpy as np

from pielab.data import harness_examples, harness_logs
from pielab.data.harness_logs import Sample
from pielab.given.answers import Answers
from pielab.given.tables import LABELS

LENGTHS = {  # metric: what log probabilities are divided by, as the harness does
    "acc": lambda choice: 1,
    "acc_norm": len,  # in characters
    "acc_bytes": lambda choice: len(choice.encode()),
}
BELOW = 100.0  # nats that a choice which a document has not lies below its least likely one


def read_answers(path: str, classes: Sequence[str], settings: dict) -> Answers:
    """Return a log's answers: of multiple choice, scores of choices from the best one down.

    Parameters
    ----------
    classes : sequence of str
        The data set's, in order: choices, positions of choices, or wrong and right.
    settings : dict
        `metric`: `acc`, log probabilities; `acc_norm` or `acc_bytes`, these by character or by
        byte of the choice; of a generated answer any, right where over 0.5. None: `acc`, or the
        only one. `filter`: whose answers, None: the only one's. `scores`: `labels` for generated
        answers, of which nothing says how sure a model is.

    Raises
    ------
    ValueError
        Naming the file, the line and what was expected.
    """
    samples = harness_logs.read_samples(path)
    samples = harness_logs.under_one_filter(samples, path, settings["filter"])
    _check_classes(harness_examples.classes_of(samples, path), classes, path)
    if samples[0].log_probabilities:
        logits = _of_choices(samples, settings["metric"] or "acc", len(classes), path)
    elif settings["scores"] == LABELS:
        logits = _of_metric(samples, settings["metric"], path)
    else:
        raise ValueError(
            f"{path}: answers that are generated, so right or wrong; expected "
            f"predictions.scores: labels, not {settings['scores']}"
        )
    return Answers(harness_logs.ids(samples), [""] * len(samples), logits)


def _check_classes(own: list[str], classes: Sequence[str], path: str) -> None:
    positions = [str(position) for position in range(len(classes))]
    # A part of the documents may have fewer choices, or happen to have the same
    numbered = list(classes) == positions and own != harness_examples.WRONG_OR_RIGHT
    if own != list(classes) and not (numbered and len(own) <= len(classes)):
        raise ValueError(
            f"{path}: classes {', '.join(own)}; expected those of the data set, "
            f"{', '.join(classes)}"
        )


def _of_choices(samples: list[Sample], metric: str, n_classes: int, path: str) -> np.ndarray:
    """Return float32 (samples, classes): 0 for the best choice, the others' distance below it."""
    if metric not in LENGTHS:
        known = ", ".join(LENGTHS)
        raise ValueError(f"{path}: metric {metric!r}; expected one of {known} for multiple choice")
    logits = np.empty((len(samples), n_classes), np.float32)
    labels = harness_examples.labels(samples, path)
    for row, (sample, label) in enumerate(zip(samples, labels, strict=True)):
        where = f"{path}, line {sample.line}"
        scores = np.array(sample.log_probabilities)
        if metric != "acc":
            lengths = [LENGTHS[metric](choice) for choice in sample.choices]
            if len(lengths) != len(scores) or not all(lengths):
                raise ValueError(f"{where}: {metric} needs choices that have a length")
            scores = scores / lengths
        harness_examples.check_score(sample, metric, int(scores.argmax()), label, where)
        scores -= scores.max()  # before float32, which would make ties of near ones
        logits[row] = scores.min() - BELOW
        logits[row, : len(scores)] = scores
    return logits


def _of_metric(samples: list[Sample], metric: str | None, path: str) -> np.ndarray:
    """Return float32 (samples, 2): 1 for wrong or right, as a metric's own value says."""
    logits = np.zeros((len(samples), 2), np.float32)
    for row, sample in enumerate(samples):
        where = f"{path}, line {sample.line}"
        names = list(sample.metrics)
        name = metric or (names[0] if len(names) == 1 else None)
        if name not in names:
            raise ValueError(
                f"{where}: metric {name!r}; expected `metric` in the config to be one of "
                f"{', '.join(names) or 'none that there is'}"
            )
        value = sample.metrics[name]
        if not isinstance(value, (int, float)) or not 0 <= value <= 1:
            raise ValueError(f"{where}: {name} {str(value)[:40]!r}; expected a number from 0 to 1")
        logits[row, int(value > 0.5)] = 1
    return logits
