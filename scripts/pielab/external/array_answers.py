"""Read what models answer from named arrays: npz and safetensors files."""

from collections.abc import Mapping, Sequence

import numpy as np

from pielab.data import class_names
from pielab.data.label_names import as_name
from pielab.external import outputs
from pielab.external.answers import Answers
from pielab.external.arrays import load
from pielab.external.probabilities import LABELS, notes_on, to_logits
from pielab.external.values import numbers_of, of_labels, of_switches

CLASSES = "classes"  # an array of the names of the columns of scores, in their order
MODEL_KEYS = ("seed", "draw")  # arrays of models' names: called so, with an s, or by the config


def read_arrays(path: str, classes: Sequence[str], settings: dict) -> Answers:
    """Return the answers in arrays `ids` and `labels`, `probabilities` or `logits`.

    With several models these have an axis of models before that of examples; arrays `seeds` and
    `draws` may name them. An array `classes` may name the columns.

    Raises
    ------
    ValueError
        Naming the file, and the array that cannot be used.
    """
    arrays = load(path)
    name = settings["scores"]
    missing = [key for key in ("ids", name) if key not in arrays]
    if missing:
        have = ", ".join(list(arrays)[:10]) or "none"
        raise ValueError(f"{path}: no array {missing[0]!r}; expected one, it has {have}")
    ids, scores = _names("ids", arrays, path), arrays[name]
    axes = 1 if name == LABELS and not settings["multi_label"] else 2
    if scores.ndim == axes:
        scores = scores[None]
    width = () if axes == 1 else (len(classes),)
    if scores.ndim != axes + 1 or scores.shape[1:] != (len(ids), *width):
        raise ValueError(
            f"{path}: {name} {arrays[name].shape}; expected (models, {len(ids)} examples"
            f"{f', {len(classes)} classes' if width else ''}) or the same without models"
        )
    models, read = _models(arrays, len(scores), settings["columns"], path)
    rows = [model for model in models for _ in ids]
    flat = scores.reshape(-1, *width)
    notes: tuple[str, ...] = ()
    if name == LABELS and axes == 1:
        logits = of_labels(flat.tolist(), classes, settings, path)
    elif name == LABELS:
        logits = of_switches(flat, path)
    else:
        flat = numbers_of(flat, path)
        logits, notes = to_logits(flat, settings, path), notes_on(flat, settings, path)
    answers = Answers(ids * len(scores), rows, logits)
    if width:
        answers = _by_class(answers, arrays, classes, settings.get("labels", {}), path)
        read = [*read, CLASSES]
    unused = sorted(set(arrays) - {"ids", name, *read})
    if unused:
        listed = ", ".join(unused[:10])
        notes = (*notes, f"{path}: arrays that are not read: {listed} (predictions.scores: {name})")
    return answers._replace(notes=notes)


def _names(key: str, arrays: Mapping[str, np.ndarray], path: str) -> list[str]:
    """Return an array of names or whole numbers as texts."""
    values = arrays[key].ravel()
    if values.dtype.kind == "S":
        values = np.char.decode(values, "utf-8", "replace")
    is_whole = values.dtype.kind == "f" and key != "ids" and (values == values.round()).all()
    if values.dtype.kind not in "iuU" and not is_whole:
        raise ValueError(f"{path}: {key} of {arrays[key].dtype}; expected whole numbers or texts")
    names = [as_name(value) for value in values.tolist()]
    return list(map(class_names.as_number, names)) if key != CLASSES and key != "ids" else names


def _models(
    arrays: Mapping[str, np.ndarray], number: int, columns: Mapping[str, str], path: str
) -> tuple[list[str], list[str]]:
    """Return the names of models and the arrays they are from: by position if there are none."""
    named = [
        next((name for name in (columns[key], key, f"{key}s") if name in arrays), None)
        for key in MODEL_KEYS
    ]
    read = [name for name in named if name is not None]
    found = [_names(name, arrays, path) for name in read]
    for name, labels in zip(read, found, strict=True):
        if len(labels) != number:
            raise ValueError(
                f"{path}: {name} {arrays[name].shape}; expected one value for each of {number} "
                "models"
            )
    if found:
        return ["/".join(labels) for labels in zip(*found, strict=True)], read
    return ([""] if number == 1 else [str(model) for model in range(number)]), read


def _by_class(
    answers: Answers,
    arrays: Mapping[str, np.ndarray],
    classes: Sequence[str],
    labels: Mapping[str, str],
    path: str,
) -> Answers:
    """Return answers with a column for each class: by the file's names, the config's, or as is."""
    if CLASSES in arrays:
        names = _names(CLASSES, arrays, path)
        find = class_names.called(names, classes, labels)
        columns = {find(name): column for column, name in enumerate(names)}
        if len(names) != len(classes) or set(columns) != set(range(len(classes))):
            raise ValueError(
                f"{path}: the array {CLASSES!r} has {', '.join(names[:10])}; expected each of the "
                f"classes {', '.join(classes[:10])} once ({class_names.advice(classes)})"
            )
        return answers._replace(
            logits=answers.logits[:, [columns[at] for at in range(len(classes))]]
        )
    stated = outputs.stated_order(classes, labels)
    if stated is None:
        return answers._replace(columns=tuple(range(len(classes))))
    return answers._replace(logits=answers.logits[:, stated])
