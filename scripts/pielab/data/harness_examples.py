"""Documents of lm-evaluation-harness logs as examples: their texts, classes and labels."""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence

import pandas as pd

from pielab.data.harness_logs import LENGTHS, Sample, ids, read_documents, read_samples
from pielab.logs import logger

WRONG_OR_RIGHT = ["wrong", "right"]


def read_examples(path: str, cluster_by: Sequence[str] = ()) -> tuple[pd.DataFrame, list[str]]:
    """Return a log's documents (`example_id`, `text`, `label` by position) and its classes.

    `cluster_by`: fields of documents, whose values are the column `cluster`, null without any.

    Raises
    ------
    ValueError
        Naming the file, the line and what was expected.
    """
    samples = read_documents(path, cluster_by)
    classes = classes_of(samples, path)
    columns = {
        "example_id": ids(samples),
        "text": [sample.text for sample in samples],
        "label": labels(samples, path),
    }
    return pd.DataFrame(columns | _clusters(samples, cluster_by)), classes


def _clusters(samples: list[Sample], cluster_by: Sequence[str]) -> dict[str, pd.Series]:
    """Return the column `cluster` of documents, no column if nothing is named."""
    if not cluster_by:
        return {}
    return {"cluster": pd.Series([sample.cluster for sample in samples], dtype="str")}


def read_tasks(
    logs: Mapping[str, str], cluster_by: Sequence[str] = ()
) -> tuple[pd.DataFrame, list[str]]:
    """Return the documents of several tasks as those of one dataset, and its classes.

    Classes are the choices if all tasks have the same, else their positions; wrong and right if
    only a metric tells in any of the tasks which answers are right. Ids begin with the task.

    Parameters
    ----------
    logs : mapping
        The log of each task.

    Raises
    ------
    ValueError
        Naming the file, the line and what was expected.
    """
    parts = {task: read_examples(path, cluster_by) for task, path in logs.items()}
    found = [classes for _, classes in parts.values()]
    classes = max(found, key=len)
    if WRONG_OR_RIGHT in found:
        classes = WRONG_OR_RIGHT
    elif any(choices != classes for choices in found):
        classes = [str(position) for position in range(len(classes))]
    frames = []
    for task, (frame, _) in parts.items():
        ids = [in_task(task, name) for name in frame["example_id"]]
        right: dict = {"label": WRONG_OR_RIGHT.index("right")} if classes == WRONG_OR_RIGHT else {}
        if "cluster" in frame:  # other tasks have others, whatever they are called
            right["cluster"] = task + "/" + frame["cluster"]
        frames.append(frame.assign(example_id=ids, **right))
    return pd.concat(frames, ignore_index=True), classes


def read_common(
    paths: Iterable[str], cluster_by: Sequence[str] = ()
) -> tuple[pd.DataFrame, list[str]]:
    """Return the documents that all runs have scored, each once, and the classes.

    Parameters
    ----------
    paths : iterable of str
        Tables of logs of Inspect, each with one epoch or several.

    Raises
    ------
    ValueError
        If there are none, or a file cannot be read.
    """
    frames, scored, first = [], [], ""
    for path in paths:
        samples = read_samples(path, cluster_by)
        frame = pd.DataFrame({"example_id": ids(samples), "text": [s.text for s in samples]})
        frame = frame.assign(**_clusters(samples, cluster_by))
        epochs = frame.assign(epoch=[sample.run for sample in samples]).groupby("epoch")
        scored += [set(ids) for _, ids in epochs["example_id"]]
        frames.append(frame.drop_duplicates("example_id"))
        first = first or path
    common = set.intersection(*scored)
    if not common:
        raise ValueError(f"{first}: no sample that all logs and epochs have scored")
    rows = frames[0][frames[0]["example_id"].isin(common)].reset_index(drop=True)
    lacking = len(set().union(*scored)) - len(common)
    if lacking:
        logger.warning("%d samples are not scored in all logs and epochs: left out", lacking)
    return rows.assign(label=WRONG_OR_RIGHT.index("right")), WRONG_OR_RIGHT


def in_task(task: str, document: str) -> str:
    """Return the id of a document among those of several tasks."""
    return f"{task}/{document}"


def task_in(example_id: str) -> str:
    """Return the task of a document among those of several tasks."""
    return example_id.rpartition("/")[0]


def classes_of(samples: list[Sample], path: str) -> list[str]:
    """Return the choices if they are the same in all documents, else their positions.

    An answer that is generated, or whose score is not that of one right choice, is wrong or right.
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
    if by_metric(samples):
        return WRONG_OR_RIGHT
    first = [choice.strip() for choice in samples[0].choices]
    same = len({sample.choices for sample in samples}) == 1
    if same and first and all(first) and len(first) == len(set(first)):
        return first
    return [str(position) for position in range(max(len(s.log_probabilities) for s in samples))]


def by_metric(samples: list[Sample]) -> bool:
    """Return whether only a metric tells which answers are right.

    So it is where answers are generated, where `acc` is graded (truthfulqa_mc2: the probability of
    all true choices), where documents have several right choices, and where three contexts or more
    are compared, of which a log does not name the right one.
    """
    return any(
        not sample.log_probabilities
        or sample.metrics.get("acc", 0) not in (0, 1)
        or len(_several(sample)) > 1
        or (not sample.choices and len(sample.log_probabilities) > 2 and _position(sample) is None)
        for sample in samples
    )


def labels(samples: list[Sample], path: str) -> list[int]:
    """Return the position of each right class.

    A log writes the target as text, be it the position of a choice or the choice itself: what it
    is in all lines is read such that the accuracies are what the log probabilities give.

    Raises
    ------
    ValueError
        Naming the first line whose target is no choice, or whose `acc` says otherwise, or which
        could be read as two choices.
    """
    found = possible_labels(samples, path)
    if len(found) > 1:
        row = next(
            row for row, positions in enumerate(zip(*found, strict=True)) if len(set(positions)) > 1
        )
        sample = samples[row]
        raise ValueError(
            f"{path}, line {sample.line}: target {sample.target!r} may be the position of a choice "
            f"or one of the choices {', '.join(sample.choices)}, and no accuracy in the log tells "
            "which; expected metrics acc, acc_norm or acc_bytes that tell, or source: files with "
            "the documents and their labels"
        )
    return found[0]


def possible_labels(samples: list[Sample], path: str) -> list[list[int]]:
    """Return each way to read the targets of all documents that no accuracy contradicts.

    Raises
    ------
    ValueError
        If there is none, naming the first line that cannot be read.
    """
    if by_metric(samples):
        return [[WRONG_OR_RIGHT.index("right")] * len(samples)]
    refused, found = None, []
    for reading in (_position, _text, _by_score):
        try:
            found.append([_label(sample, reading, path) for sample in samples])
        except ValueError as error:
            refused = refused or error
    if not found:
        raise refused or ValueError(path)
    found = [reading for row, reading in enumerate(found) if reading not in found[:row]]
    # acc may be missing, or all choices that an other reading names wrong too
    possible = [reading for reading in found if all(map(_fits, samples, reading))]
    return possible or found


def _fits(sample: Sample, label: int) -> bool:
    """Return whether the normalised accuracies of a document, if any, are those of a label."""
    for metric in set(LENGTHS) & set(sample.metrics):
        scores = sample.scores(metric)
        if scores is not None and sample.metrics[metric] != float(scores.argmax() == label):
            return False
    return True


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
            f"{chosen} has the largest score and choice {label} is right; if the task scores "
            "otherwise, give its answers as a table of the labels wrong and right instead"
        )


def _position(sample: Sample) -> int | None:
    """Return the only position that a target is, on its own or in a list."""
    several = _several(sample)
    target = str(several[0]) if len(several) == 1 else sample.target
    return int(target) if re.fullmatch("[0-9]{1,4}", target) else None


def _several(sample: Sample) -> list[int]:
    """Return the positions that a target lists, [] if it is no list of them."""
    if not re.fullmatch(r"\[\s*[0-9]{1,4}(\s*,\s*[0-9]{1,4})*\s*,?\s*\]", sample.target):
        return []
    return sorted({int(number) for number in re.findall("[0-9]+", sample.target)})


def _text(sample: Sample) -> int | None:
    if sample.is_position:
        return None
    choices, target = [choice.strip() for choice in sample.choices], sample.target.strip()
    return choices.index(target) if target in choices else None


def _by_score(sample: Sample) -> int | None:
    """Return the right one of two contexts, of which a log names neither."""
    score = sample.metrics.get("acc")
    if sample.choices or len(sample.log_probabilities) != 2 or score not in (0, 1):
        return None
    return sample.chosen if score == 1 else 1 - sample.chosen
