"""Match the outputs of a model that was made elsewhere with the classes of a dataset."""

import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np

from pielab import files
from pielab.data import class_names
from pielab.logs import logger

SOFTMAX, SIGMOID, LOGITS = "softmax", "sigmoid", "logits"  # what outputs may be

UNNAMED = re.compile(r"label_\d+", re.IGNORECASE)  # what transformers calls outputs without a name
LEAST = 1e-7  # a probability that is told from 0
SUM_OFF = 0.05  # of probabilities of few classes, a byte each, which quantised models give
BYTE = 256  # values that it has
ZERO = -1  # the column of a class whose logit is 0


def stated_order(classes: Sequence[str], labels: Mapping[str, str]) -> list[int] | None:
    """Return the column of each class among columns without names, None if no mapping states it.

    Raises
    ------
    ValueError
        If a mapping states it for a part of the classes.
    """
    for spelling in class_names.spellings(classes, labels):
        names = [f"LABEL_{name}" if name.isdecimal() else name.upper() for name in spelling]
        if spelling != list(classes) and sorted(names) == sorted(unnamed(len(classes))):
            return [unnamed(len(classes)).index(name) for name in names]
    some = {name: there for name, there in labels.items() if UNNAMED.fullmatch(there)}
    if set(some) & set(classes):
        raise ValueError(
            f"{class_names.KEY}: {some}; expected each of the classes {', '.join(classes)} with "
            f"one of {', '.join(unnamed(len(classes)))}"
        )
    return None


def unnamed(outputs: int) -> list[str]:
    """Return what transformers calls outputs without names."""
    return [f"LABEL_{column}" for column in range(outputs)]


def arrange(raw: np.ndarray, columns: Sequence[int]) -> np.ndarray:
    """Return outputs as logits in the order of the classes, float32 (rows, classes)."""
    return np.column_stack([raw, np.zeros(len(raw))])[:, list(columns)].astype(np.float32)


class Matched(NamedTuple):
    """The column of each class among a model's outputs, or ZERO."""

    columns: list[int]
    by_position: bool  # for want of names


def match(
    described: Mapping, outputs: int, classes: Sequence[str], settings: Mapping, model: str
) -> Matched:
    """Return the column of each class of a dataset among a model's outputs.

    Outputs are matched by name: as the config maps classes or as these are called, exactly or else
    whatever the case, or as numbers; LABEL_0, LABEL_1 ... that no mapping names by position. A
    single output for two classes is the log odds of the one that it is named after, or of the
    second.

    Parameters
    ----------
    described : mapping
        The model's config.json, as far as it has one: `id2label` and `problem_type`.
    settings : mapping
        `multi_label`: whether an example of the dataset may have several classes; `labels`: what
        classes are called in the model.

    Raises
    ------
    ValueError
        If the model was made for another task, or not every output is a class and every class an
        output.
    """
    _check_task(described.get("problem_type"), outputs, settings["multi_label"], model)
    names = [name.strip() for name in _names(described, outputs, model)]
    is_unnamed = [name.upper() for name in names] == unnamed(outputs)
    is_single = outputs == 1 and len(classes) == 2 and not settings["multi_label"]
    labels = settings.get("labels") or {}
    if is_unnamed and not is_single and (stated := stated_order(classes, labels)):
        return Matched(stated, False)
    for spelling in class_names.spellings(classes, labels):
        for form in (str.strip, str.casefold, class_names.folded, class_names.as_number):
            given, wanted = ([form(name) for name in spelt] for spelt in (names, spelling))
            if len(set(wanted)) < len(wanted):  # classes may differ by nothing but case
                continue
            if is_single and given[0] in wanted:
                return Matched([0, ZERO] if given[0] == wanted[0] else [ZERO, 0], False)
            if sorted(given) == sorted(wanted):
                return Matched([given.index(name) for name in wanted], False)
    if is_single:
        return Matched([ZERO, 0], True)
    if outputs == len(classes) and is_unnamed:
        logger.warning("%s: outputs without names, taken as %s", model, ", ".join(classes))
        return Matched(list(range(outputs)), True)
    raise ValueError(
        f"{model}: outputs {', '.join(names)}; expected the classes {', '.join(classes)} "
        f"(id2label in its config.json names them; {class_names.advice(classes)})"
    )


def columns_of(folder: str, card: Mapping) -> Matched:
    """Return the output of each class of the dataset.

    Raises
    ------
    ValueError
        If the model has other outputs, or a single one.
    """
    described = files.read_object(Path(folder) / "config.json")
    number = len(described.get("id2label") or ()) or described.get("num_labels", 2)
    named = {"multi_label": card["task"] == "multi-label"}
    matched = match(described, number, card["classes"], named, folder)
    if ZERO in matched.columns:
        raise ValueError(f"{folder}: a single output; expected one for each class, to compress it")
    return matched


def as_logits(raw: np.ndarray, meaning: str, multi_label: bool, model: str) -> np.ndarray:
    """Return a model's outputs for all texts as logits, float (rows, outputs).

    Parameters
    ----------
    meaning : str
        What the outputs are: LOGITS stay as they are. SOFTMAX are probabilities that
        add up to 1, but for what quantisation rounds; their logarithms are taken. SIGMOID are
        probabilities each of its own, whose log odds are taken.

    Raises
    ------
    ValueError
        If what should be probabilities is none.
    """
    if meaning == LOGITS:
        return raw
    if raw.min() < 0 or raw.max() > 1:
        value = raw[(raw < 0) | (raw > 1)][0]
        raise ValueError(
            f"{model}: gives {value:g}; expected a probability from 0 to 1, as its graph or "
            "predictions.scores says"
        )
    logs = np.log(np.maximum(raw, LEAST))
    if meaning == SIGMOID or multi_label or raw.shape[1] == 1:
        return logs - np.log(np.maximum(1 - raw, LEAST))
    sums = raw.sum(axis=1)
    if (np.abs(sums - 1) > max(SUM_OFF, raw.shape[1] * _step(raw) / 2 + LEAST)).any():
        raise ValueError(
            f"{model}: probabilities that add up to {sums[np.abs(sums - 1).argmax()]:.3g}; "
            "expected 1"
        )
    return logs


def _step(raw: np.ndarray) -> float:
    """Return the step between probabilities that are quantised to a byte, 0 if they are not."""
    levels = np.unique(np.append(raw, 0.0))
    if not 1 < len(levels) <= BYTE:
        return 0.0
    step = float(np.diff(levels).min())
    is_grid = np.abs(levels / step - np.round(levels / step)).max() < 0.01
    return step if is_grid and step * (BYTE - 1) > 0.9 else 0.0


def _names(described: Mapping, outputs: int, model: str) -> list[str]:
    """Return the names of a model's outputs as its config.json has them, else LABEL_0 ..."""
    labels = described.get("id2label") or dict(enumerate(unnamed(outputs)))
    if not isinstance(labels, dict) or sorted(map(str, labels)) != sorted(map(str, range(outputs))):
        raise ValueError(
            f"{model}: id2label {str(labels)[:200]} in its config.json; expected a name for each "
            f"of 0 to {outputs - 1}, its {outputs} outputs"
        )
    return [str(name) for _, name in sorted(labels.items(), key=lambda item: int(item[0]))]


def _check_task(problem: str | None, outputs: int, multi_label: bool, model: str) -> None:
    """Refuse a model whose outputs are no log odds, or not of this kind of dataset."""
    wanted = f"{'multi' if multi_label else 'single'}_label_classification"
    # One yes or no is the same as two classes
    alike = {"multi_label_classification"} if outputs == 1 else set()
    if problem not in [None, wanted, *alike]:
        raise ValueError(
            f"{model}: problem_type {problem} in its config.json; expected {wanted}, as the "
            "dataset's task is"
        )
