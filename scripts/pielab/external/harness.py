"""Read what a model answered from a log of lm-evaluation-harness."""

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from pielab.cells import BY_TASK, chosen_for
from pielab.data import harness_examples, harness_logs
from pielab.data.harness_logs import Sample
from pielab.external import harness_values
from pielab.external.answers import Answers
from pielab.external.probabilities import LABELS
from pielab.logs import logger

BELOW = 100.0  # nats that a choice which a document has not, or -inf, lies below the finite ones
INFINITE = "-inf; it counts as the least likely choice"
UNDEFINED = (
    "NaN; the first such choice counts as the answer, as lm_eval counts it: does the model "
    "overflow in its precision?"
)
HARDLY = 1e-6  # nats that a choice whose score is NaN lies above the finite ones


def read_answers(path: str, classes: Sequence[str], settings: dict) -> Answers:
    """Return a log's answers: of multiple choice, scores of choices from the best one down.

    Parameters
    ----------
    classes : sequence of str
        The dataset's, in order: choices, positions of choices, or wrong and right.
    settings : dict
        `metric`: `acc`, log probabilities; `acc_norm` or `acc_bytes`, these by character or by
        byte of the choice; of a generated or graded answer any. None: `acc`, or the only one.
        `right_from`: the value from which an answer is right, where a metric is not 0 or 1.
        `filter`: whose answers, None: the only one's. These may be mappings by task. `task`: what
        the task is called, as the dataset is; logs of one task may have any names. `scores`:
        `labels` for generated or graded answers, of which nothing says how sure a model is.

    Raises
    ------
    ValueError
        Naming the file, the line and what was expected.
    """
    answers = _of_task(settings.get("task", ""), path, classes, settings)
    check_clusters(answers.documents, settings, path)
    return answers


def read_run(logs: Mapping[str, str], classes: Sequence[str], settings: dict) -> Answers:
    """Return the answers of a run over several tasks, as read_answers does those of one.

    Parameters
    ----------
    logs : mapping
        The log of each task. Ids of documents begin with it, unless it is the only one.
    """
    parts = [_of_task(task, path, classes, settings) for task, path in logs.items()]
    ids = [
        harness_examples.in_task(task, name) if settings["joined"] else name
        for task, part in zip(logs, parts, strict=True)
        for name in part.ids
    ]
    logits = np.concatenate([part.logits for part in parts])
    notes = tuple(note for part in parts for note in part.notes)
    documents = pd.concat([part.documents for part in parts], ignore_index=True)
    check_clusters(documents, settings, next(iter(logs.values())))
    return Answers(ids, [""] * len(ids), logits, notes, documents=documents)


def _of_task(task: str, path: str, classes: Sequence[str], settings: dict) -> Answers:
    """Return the answers of the log of a task."""
    chosen = settings | {key: chosen_for(settings.get(key), task) for key in BY_TASK}
    samples = harness_logs.read_samples(path, settings.get("cluster_by", ()))
    samples = harness_logs.under_one_filter(samples, path, chosen["filter"])
    names = harness_examples.classes_of(samples, path)
    # Of documents of several tasks, some of which are right by a metric
    by_metric = list(classes) == harness_examples.WRONG_OR_RIGHT and chosen.get("joined", False)
    if not by_metric:
        _check_classes(names, classes, path)
    notes: list[str] = []
    if not by_metric and not harness_examples.by_metric(samples):
        possible = harness_examples.possible_labels(samples, path)
        metric = chosen["metric"] or "acc"
        logits, notes = _of_choices(samples, possible, metric, len(classes), path)
        values = _of_decisions(samples, logits, possible[0], metric)
    elif settings["scores"] == LABELS:
        values = harness_values.read_values(samples, chosen["metric"], path)
        logits = np.zeros((len(samples), 2), np.float32)
        right = values.right(chosen["right_from"], f"{path}, line {samples[0].line}")
        logits[np.arange(len(samples)), right.astype(int)] = 1
    else:
        generated = not samples[0].log_probabilities
        kind = "are generated" if generated else "have a graded acc or several right choices"
        raise ValueError(
            f"{path}: answers that {kind}, so right or wrong by predictions.metric; expected "
            f"predictions.scores: labels, not {settings['scores']}"
        )
    documents = harness_values.documents(task, samples, values, chosen)
    runs = [sample.run for sample in samples]
    return Answers(harness_logs.ids(samples), runs, logits, tuple(notes), documents=documents)


def check_clusters(documents: pd.DataFrame | None, settings: Mapping, path: str) -> None:
    """Refuse fields to cluster by that no document has.

    Raises
    ------
    ValueError
        Naming the first file and the fields.
    """
    fields = settings.get("cluster_by", ())
    if fields and documents is not None and documents["cluster"].isna().all():
        raise ValueError(f"{path}: cluster_by: no document has a field {' or '.join(fields)}")


def _of_decisions(
    samples: list[Sample], logits: np.ndarray, labels: list[int], metric: str
) -> harness_values.Values:
    """Return which choices are right, by the log's own metric where it has it."""
    found = [
        float(sample.metrics.get(metric, decision == label))  # type: ignore[arg-type]
        for sample, decision, label in zip(samples, logits.argmax(axis=1), labels, strict=True)
    ]
    return harness_values.Values(metric, np.array(found), np.ones(len(found)), 1)


def _check_classes(names: list[str], classes: Sequence[str], path: str) -> None:
    positions = [str(position) for position in range(len(classes))]
    # A part of the documents may have fewer choices, or happen to have the same
    numbered = list(classes) == positions and names != harness_examples.WRONG_OR_RIGHT
    if names != list(classes) and not (numbered and len(names) <= len(classes)):
        raise ValueError(
            f"{path}: classes {', '.join(names)}; expected those of the dataset, "
            f"{', '.join(classes)}"
        )


def _of_choices(
    samples: list[Sample], possible: list[list[int]], metric: str, n_classes: int, path: str
) -> tuple[np.ndarray, list[str]]:
    """Return float32 (samples, classes) and notes: 0 for the best choice, the others below it."""
    if metric not in harness_logs.LENGTHS:
        known = ", ".join(harness_logs.LENGTHS)
        raise ValueError(
            f"{path}: predictions.metric {metric!r}; expected one of {known} for multiple choice"
        )
    logits = np.empty((len(samples), n_classes), np.float32)
    infinite, undefined = [], []
    for row, sample in enumerate(samples):
        where = f"{path}, line {sample.line}"
        scores = sample.scores(metric)
        if scores is None:
            raise ValueError(f"{where}: {metric} needs choices that have a length")
        label = possible[0][row]
        if all(
            sample.metrics.get(metric) != float(scores.argmax() == labels[row])
            for labels in possible
        ):
            harness_examples.check_score(sample, metric, int(scores.argmax()), label, where)
        infinite += [sample.line] * bool(np.isneginf(scores).any())
        undefined += [sample.line] * bool(np.isnan(scores).any())
        scores = _finite(scores)
        logits[row] = scores.min() - BELOW
        logits[row, : len(scores)] = scores
    notes = [
        f"{path}: {len(lines)} of {len(samples)} documents, such as that of line {lines[0]}, have "
        f"a log probability {words}"
        for lines, words in ((infinite, INFINITE), (undefined, UNDEFINED))
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
