"""Documents of lm-evaluation-harness logs as examples: their texts, classes and labels."""

import re
from collections.abc import Callable

import pandas as pd

from pielab.data.harness_logs import Sample, ids, read_samples, under_one_filter

WRONG_OR_RIGHT = ["wrong", "right"]


def read_examples(path: str) -> tuple[pd.DataFrame, list[str]]:
    """Return a log's documents (`example_id`, `text`, `label` by position) and its classes.

    Raises
    ------
    ValueError
        Naming the file, the line and what was expected.
    """
    samples = read_samples(path)
    samples = under_one_filter(samples, path, samples[0].filter)  # each has all documents
    classes = classes_of(samples, path)
    columns = {
        "example_id": ids(samples),
        "text": [sample.text for sample in samples],
        "label": labels(samples, path),
    }
    return pd.DataFrame(columns), classes


def classes_of(samples: list[Sample], path: str) -> list[str]:
    """Return the choices if they are the same in all documents, else their positions.

    A generated answer is wrong or right.
    """
    generated = [not sample.log_probabilities for sample in samples]
    if all(generated):
        return WRONG_OR_RIGHT
    if any(generated):
        lines = [samples[generated.index(kind)].line for kind in (False, True)]
        raise ValueError(
            f"{path}: line {lines[0]} has several choices and line {lines[1]} one; expected "
            "multiple choice in all lines or in none"
        )
    first = [choice.strip() for choice in samples[0].choices]
    same = len({sample.choices for sample in samples}) == 1
    if same and first and all(first) and len(first) == len(set(first)):
        return first
    return [str(position) for position in range(max(len(s.log_probabilities) for s in samples))]


def labels(samples: list[Sample], path: str) -> list[int]:
    """Return the position of each right class.

    A log writes the target as text, be it the position of a choice or the choice itself: what it
    is in all lines is read such that `acc` is what the log probabilities give.

    Raises
    ------
    ValueError
        Naming the first line whose target is no choice, or whose `acc` says otherwise.
    """
    if not samples[0].log_probabilities:
        return [WRONG_OR_RIGHT.index("right")] * len(samples)
    refused = None
    for reading in (_position, _text, _by_score):
        try:
            return [_label(sample, reading, path) for sample in samples]
        except ValueError as error:
            refused = refused or error
    raise refused or ValueError(path)


def _label(sample: Sample, reading: Callable[[Sample], int | None], path: str) -> int:
    where, label = f"{path}, line {sample.line}", reading(sample)
    if label is None or label >= len(sample.log_probabilities):
        raise ValueError(
            f"{where}: target {sample.target[:40]!r}; expected the position or the text of one of "
            f"{len(sample.log_probabilities)} choices"
        )
    check_score(sample, "acc", sample.chosen, label, where)
    return label


def check_score(sample: Sample, metric: str, chosen: int, label: int, where: str) -> None:
    """Raise if a metric's value, where there is one, is not what the log probabilities give."""
    value = sample.metrics.get(metric, float(chosen == label))
    if value != float(chosen == label):
        raise ValueError(
            f"{where}: {metric} {value!r}; expected {float(chosen == label)}, since choice "
            f"{chosen} has the largest score and choice {label} is right"
        )


def _position(sample: Sample) -> int | None:
    return int(sample.target) if re.fullmatch("[0-9]{1,4}", sample.target) else None


def _text(sample: Sample) -> int | None:
    choices, target = [choice.strip() for choice in sample.choices], sample.target.strip()
    return choices.index(target) if target in choices else None


def _by_score(sample: Sample) -> int | None:
    """Return the right one of two contexts, of which a log names neither."""
    score = sample.metrics.get("acc")
    if sample.choices or len(sample.log_probabilities) != 2 or score not in (0, 1):
        return None
    return sample.chosen if score == 1 else 1 - sample.chosen
