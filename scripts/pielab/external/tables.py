"""Read labels, probabilities or logits from csv, jsonl, parquet, npz or safetensors."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd

from pielab.data import class_names, table_files
from pielab.data.csv_files import delimiter_advice
from pielab.data.label_names import as_name
from pielab.external.answers import Answers
from pielab.external.array_answers import read_arrays
from pielab.external.arrays import SUFFIXES as ARRAYS
from pielab.external.probabilities import LABELS, PROBABILITIES, SUM_OFF, notes_on, to_logits
from pielab.external.values import numbers_of, of_labels

MOST_NAMED = 10  # columns in a message
NOT_SCORES = ("id", "seed", "draw")  # columns that are no scores
TABLES = (".csv", ".jsonl", ".parquet")


def read_answers(path: str, classes: Sequence[str], settings: dict) -> Answers:
    """Return what a file holds.

    Parameters
    ----------
    classes : sequence of str
        The dataset's, in order.
    settings : dict
        `scores`, what they are; `columns`: `id`, `seed`, `draw`, `label`, and `scores` with {class}
        for a class; `labels`, what classes are called in the file; `multi_label`;
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
        return read_arrays(path, classes, settings)
    rows = table_files.read_table(path)
    columns = settings["columns"]
    ids = _names(rows, columns["id"], path, "id")
    labels = [
        map(class_names.as_number, _names(rows, columns[key], path, key))
        for key in ("seed", "draw")
        if columns[key] in rows.columns
    ]
    models = ["/".join(parts) for parts in zip(*labels, strict=True)] or [""] * len(ids)
    if settings["scores"] == LABELS:
        given = _column(rows, columns["label"], path, "label")
        return Answers(ids, models, of_labels(given, classes, settings, path))
    names = _score_columns(rows, classes, settings)
    for key in NOT_SCORES:
        if columns[key] in names:
            raise ValueError(
                f"{path}: the column {columns[key]!r} is a class's score and "
                f"predictions.columns.{key}; expected another column as {key}, or another name for "
                "the scores in predictions.columns.scores"
            )
    values = [numbers_of(_column(rows, name, path, "scores"), path) for name in names]
    scores = np.stack(values, axis=1) if len(rows) else np.empty((0, len(classes)))
    _check_other_scores(rows, names, scores, settings, path)
    notes = notes_on(scores, settings, path)
    return Answers(ids, models, to_logits(scores, settings, path), notes)


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
    for names in class_names.spellings(classes, settings.get("labels", {})):
        columns = [pattern.replace("{class}", name) for name in names]
        if set(columns) <= set(there):
            return columns
        before, after = pattern.split("{class}", 1)
        inner = [
            name.removeprefix(before).removesuffix(after) if name.startswith(before) else ""
            for name in there
        ]
        numbers = {class_names.as_number(name): at for at, name in enumerate(inner)}
        found = [numbers.get(class_names.as_number(name)) for name in names]
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
    unknown = {
        at: name  # a name may occur twice
        for at, name in enumerate(map(str, rows.columns))
        if name not in known and name.startswith(before) and name.endswith(after)
    }
    if not before + after:
        sums_fit = (np.abs(scores.sum(axis=-1) - 1) <= SUM_OFF).all()
        is_whole = settings["scores"] == PROBABILITIES and not settings["multi_label"] and sums_fit
        numeric = [
            at for at in unknown if pd.to_numeric(rows.iloc[:, at], errors="coerce").notna().all()
        ]
        unknown = {} if is_whole else {at: unknown[at] for at in numeric}
    if unknown:
        listed = ", ".join(map(repr, list(unknown.values())[:MOST_NAMED]))
        more = f" ... ({len(unknown)} columns)" if len(unknown) > MOST_NAMED else ""
        rest = f" ... ({len(names)} classes)" if len(names) > MOST_NAMED else ""
        raise ValueError(
            f"{path}: score columns {listed}{more} for no class "
            f"of the dataset, whose columns are {', '.join(names[:MOST_NAMED])}{rest}; list all "
            "classes in datasets.X.classes, or remove these columns"
        )


def _names(rows: pd.DataFrame, name: str, path: str, key: str) -> list[str]:
    """Return the ids or seeds in a column."""
    names = list(map(as_name, _column(rows, name, path, key)))
    if "" in names:
        raise ValueError(f"{path}, row {names.index('')} (from 0): an id or seed that is empty")
    return names
