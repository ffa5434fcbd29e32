"""Read labels, probabilities or logits from csv, jsonl, parquet, npz or safetensors."""

from collections.abc import Sequence
from itertools import chain
from pathlib import Path

import numpy as np
import pandas as pd

from pielab.data import class_names, sources
from pielab.data.cleaning import as_name, several_names
from pielab.data.csv_files import delimiter_advice
from pielab.given import outputs
from pielab.given.answers import Answers
from pielab.given.arrays import SUFFIXES as ARRAYS
from pielab.given.arrays import load
from pielab.given.probabilities import LABELS, PROBABILITIES, SUM_OFF, rounding_notes, to_logits

MOST_NAMED = 10  # columns in a message
TABLES = (".csv", ".jsonl", ".parquet")


def read_answers(path: str, classes: Sequence[str], settings: dict) -> Answers:
    """Return what a file says.

    Parameters
    ----------
    classes : sequence of str
        The data set's, in order.
    settings : dict
        `scores`, one of SCORES; `columns`: `id`, `seed`, `draw`, `label`, and `scores` with
        {class} for a class; `labels`, what classes are called in the file; `multi_label`;
        `label_separator`.

    Raises
    ------
    ValueError
        Naming the file, and the row, column or array that cannot be used.
    """
    suffix = Path(path).suffix.lower()
    if suffix not in TABLES + ARRAYS:
        known = ", ".join(TABLES + ARRAYS)
        raise ValueError(f"{path}: unknown file type {suffix!r}; expected one of {known}")
    if not Path(path).is_file():
        raise ValueError(f"{path}: no such file; expected predictions")
    if suffix in ARRAYS:
        return _read_arrays(path, classes, settings)
    rows = sources.read_table(path)
    columns = settings["columns"]
    ids = [
        _id(value, path, row) for row, value in enumerate(_column(rows, columns["id"], path, "id"))
    ]
    named = [key for key in ("seed", "draw") if columns[key] in rows.columns]
    labels = [
        [_id(value, path, row) for row, value in enumerate(rows[columns[key]])] for key in named
    ]
    members = ["/".join(one) for one in zip(*labels, strict=True)] or [""] * len(ids)
    if settings["scores"] == LABELS:
        said = _column(rows, columns["label"], path, "label")
        return Answers(ids, members, _of_labels(said, classes, settings, path))
    names = _score_columns(rows, classes, settings)
    values = [_numbers(_column(rows, name, path, "scores"), path) for name in names]
    scores = np.stack(values, axis=1) if len(rows) else np.empty((0, len(classes)))
    _check_other_scores(rows, names, scores, settings, path)
    notes = rounding_notes(scores, settings, path)
    return Answers(ids, members, to_logits(scores, settings, path), notes)


def _of_labels(said: Sequence, classes: Sequence[str], settings: dict, path: str) -> np.ndarray:
    """Return 1 for a class that a model decides for, -1 for others; float32 (rows, classes)."""
    separator = settings["label_separator"]
    rows = [
        several_names(value, separator, f"{path}, row {row} (from 0)")
        if settings["multi_label"]
        else [as_name(value)]
        for row, value in enumerate(said)
    ]
    known = set(chain.from_iterable(rows))
    find = class_names.called(known, classes, settings.get("labels", {}))
    place = {name: find(name) for name in known}
    scores = np.full((len(said), len(classes)), -1, np.float32)
    for row, names in enumerate(rows):
        for name in names:
            if place[name] is None:
                raise ValueError(
                    f"{path}, row {row} (from 0): label {name!r}; expected one of the classes "
                    f"{', '.join(classes)} ({class_names.advice(classes)})"
                )
            scores[row, place[name]] = 1
    return scores


def _read_arrays(path: str, classes: Sequence[str], settings: dict) -> Answers:
    """Return what arrays `ids` and `labels`, `probabilities` or `logits` say.

    Of several models these have an axis of models before that of examples.
    """
    arrays = load(path)
    name = settings["scores"]
    missing = [key for key in ("ids", name) if key not in arrays]
    if "ids" in arrays and arrays["ids"].dtype.kind not in "iuUS":
        raise ValueError(f"{path}: ids of {arrays['ids'].dtype}; expected whole numbers or texts")
    if missing:
        have = ", ".join(arrays) or "none"
        raise ValueError(f"{path}: no array {missing[0]!r}; expected one, it has {have}")
    ids, scores = [as_name(value) for value in arrays["ids"].ravel().tolist()], arrays[name]
    axes = 1 if name == LABELS and not settings["multi_label"] else 2
    if scores.ndim == axes:
        scores = scores[None]
    width = () if axes == 1 else (len(classes),)
    if scores.ndim != axes + 1 or scores.shape[1:] != (len(ids), *width):
        raise ValueError(
            f"{path}: {name} {arrays[name].shape}; expected (models, {len(ids)} examples"
            f"{f', {len(classes)} classes' if width else ''}) or the same without models"
        )
    members = [str(model) for model in range(len(scores)) for _ in ids]
    if len(scores) == 1:
        members = [""] * len(ids)
    flat, notes = scores.reshape(-1, *width), ()
    if name == LABELS and axes == 1:
        logits = _of_labels(flat.tolist(), classes, settings, path)
    elif name == LABELS:
        logits = _of_switches(flat, path)
    else:
        flat = _numbers(flat, path)
        logits, notes = to_logits(flat, settings, path), rounding_notes(flat, settings, path)
    said = Answers(ids * len(scores), members, logits, notes)
    if not width:
        return said
    stated = outputs.stated_order(classes, settings.get("labels", {}))
    if stated is None:
        return said._replace(columns=tuple(range(len(classes))))
    return said._replace(logits=logits[:, stated])


def _of_switches(on: np.ndarray, path: str) -> np.ndarray:
    """Return 1 for each class that is on, -1 for others; float32, of 0 and 1 (rows, classes)."""
    if on.dtype.kind not in "biuf" or not np.isin(on, (0, 1)).all():
        other = on.ravel()[0] if on.dtype.kind not in "biuf" else on[~np.isin(on, (0, 1))][0]
        raise ValueError(
            f"{path}: labels with {other!r}; expected 0 or 1 for each class (or the array "
            "probabilities or logits, and predictions.scores)"
        )
    return np.where(on == 1, 1, -1).astype(np.float32)


def _column(rows: pd.DataFrame, name: str, path: str, key: str) -> Sequence:
    number = list(rows.columns).count(name)
    if number != 1:
        raise ValueError(
            f"{path}: column {name!r} (predictions.columns.{key}) occurs {number} times; expected "
            f"once among {', '.join(map(repr, rows.columns))}"
            + (f" ({class_names.KEY} maps classes to other names)" if key == "scores" else "")
            + ("" if number else delimiter_advice(rows.columns))
        )
    return rows[name].tolist()


def _score_columns(rows: pd.DataFrame, classes: Sequence[str], settings: dict) -> list[str]:
    """Return the column of each class: by its name, as the config maps it, or as a number."""
    pattern, there = settings["columns"]["scores"], list(map(str, rows.columns))
    for own in class_names.spellings(classes, settings.get("labels", {})):
        columns = [pattern.replace("{class}", name) for name in own]
        if set(columns) <= set(there):
            return columns
        before, after = pattern.split("{class}", 1)
        inner = [
            name.removeprefix(before).removesuffix(after) if name.startswith(before) else ""
            for name in there
        ]
        numbers = {class_names.as_number(name): at for at, name in enumerate(inner)}
        found = [numbers.get(class_names.as_number(name)) for name in own]
        if None not in found:
            return [there[at] for at in found if at is not None]
    return [pattern.replace("{class}", name) for name in classes]


def _check_other_scores(
    rows: pd.DataFrame, names: Sequence[str], scores: np.ndarray, settings: dict, path: str
) -> None:
    """Refuse a table with scores of classes that the dataset does not have, beside those of names.

    Where a score's column is called as its class alone, any column may be one: those of numbers
    are, unless they are probabilities that add up to 1 without it.
    """
    columns = settings["columns"]
    before, after = columns["scores"].split("{class}", 1)
    known = {columns[key] for key in ("id", "seed", "draw", "label")} | set(names)
    other = [
        name
        for name in map(str, rows.columns)
        if name not in known and name.startswith(before) and name.endswith(after)
    ]
    if not before + after:
        sums_fit = (np.abs(scores.sum(axis=-1) - 1) <= SUM_OFF).all()
        is_whole = settings["scores"] == PROBABILITIES and not settings["multi_label"] and sums_fit
        numeric = [pd.to_numeric(rows[name], errors="coerce").notna().all() for name in other]
        other = [] if is_whole else [name for name, is_ in zip(other, numeric, strict=True) if is_]
    if other:
        more = f" ... ({len(other)} columns)" if len(other) > MOST_NAMED else ""
        rest = f" ... ({len(names)} classes)" if len(names) > MOST_NAMED else ""
        raise ValueError(
            f"{path}: score columns {', '.join(map(repr, other[:MOST_NAMED]))}{more} for no class "
            f"of the dataset, whose columns are {', '.join(names[:MOST_NAMED])}{rest}; list all "
            "classes in datasets.X.classes, or remove these columns"
        )


def _numbers(values: Sequence | np.ndarray, path: str) -> np.ndarray:
    try:
        numbers = np.asarray(values, dtype=np.float64)
        if isinstance(values, np.ndarray) or numbers.ndim == 1:
            return numbers
        raise ValueError("lists where numbers belong")
    except (TypeError, ValueError, OverflowError):
        for row, value in enumerate(values):
            try:
                float(value)
            except (TypeError, ValueError, OverflowError):
                raise ValueError(
                    f"{path}, row {row} (from 0): {str(value)[:40]!r}; expected a number"
                ) from None
        raise ValueError(f"{path}: scores that are no numbers") from None


def _id(value: object, path: str, row: int) -> str:
    name = as_name(value)
    if not name:
        raise ValueError(f"{path}, row {row} (from 0): an id or seed that is empty")
    return name
