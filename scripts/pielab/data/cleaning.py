"""Check a source's examples one by one, and turn their labels into positions of classes."""

from itertools import chain

import numpy as np
import pandas as pd

from pielab.data.class_names import finder, merged
from pielab.data.label_names import as_name, check_switches, several_names


def clean(frame: pd.DataFrame, where: str, settings: dict) -> pd.DataFrame:
    """Return the frame with labels as class names and without the rows that are to be left out.

    Raises
    ------
    ValueError
        Naming the place `where`, the example, the bad id, label or text, and what was expected.
    """
    frame = frame.copy()
    if "id" in settings["columns"]:
        frame["example_id"] = _unique_ids(frame["example_id"], where)
    if settings["task"] == "multi-label" and not settings["classes"]:
        check_switches(frame["label"], where)
    pairs = zip(frame["label"], frame["example_id"], strict=True)
    names = [_label_names(label, f"{where}, example {id_}", settings) for label, id_ in pairs]
    frame["label"] = pd.Series(names, index=frame.index, dtype=object)
    unlabelled = frame["label"].str.len() == 0
    if settings["require_label"]:
        frame = frame[~unlabelled]
    elif settings["task"] == "single-label" and unlabelled.any():
        example = frame.loc[unlabelled.idxmax(), "example_id"]
        raise ValueError(f"{where}, example {example}: no label; expected a class")
    frame = frame[~frame["label"].isin([str(label) for label in settings["drop_labels"]])]
    for column in ("text", "text_pair"):
        if column in frame:
            frame = _without_empty(frame, column, where, settings["drop_empty_text"])
    if frame.empty:
        raise ValueError(f"{where}: no examples; expected at least one")
    return frame if "text_pair" in frame else frame.assign(text_pair=None)


def find_classes(frames: dict[str, pd.DataFrame], multi_label: bool) -> list[str]:
    """Return the names of all labels, sorted as numbers if they are whole numbers."""
    labels = chain.from_iterable(frame["label"] for frame in frames.values())
    names = merged(chain.from_iterable(labels) if multi_label else labels)
    numeric = all(name.removeprefix("-").isdecimal() for name in names)
    return sorted(names, key=lambda name: (int(name) if numeric else 0, name))


def index_labels(
    frame: pd.DataFrame, position: dict[str, int], where: str, multi_label: bool
) -> pd.DataFrame:
    """Return the frame with each label's position among the classes in place of the label."""
    find, places = finder(list(position)), list(position.values())

    def position_of(label: str, example: object) -> int:
        found = find(label)
        if found is None:
            raise ValueError(
                f"{where}, example {example}: label {label!r}; expected one of the classes "
                f"{', '.join(position)}"
            )
        return places[found]

    pairs = zip(frame["label"], frame["example_id"], strict=True)
    if multi_label:
        lists = [sorted({position_of(label, example) for label in ls}) for ls, example in pairs]
        return frame.assign(labels=pd.Series(lists, index=frame.index, dtype=object))
    values = [position_of(label, example) for label, example in pairs]
    return frame.assign(label=pd.Series(values, index=frame.index, dtype="int64"))


def _unique_ids(values: pd.Series, where: str) -> list[str]:
    """Return a source's own ids as strings."""
    rows: dict[str, int] = {}
    for row, name in enumerate(map(as_name, values)):
        if not name:
            raise ValueError(f"{where}, row {row} (from 0): no id; expected a unique one")
        if name in rows:
            raise ValueError(
                f"{where}, rows {rows[name]} and {row} (from 0): both have the id {name!r}; "
                "expected unique ids"
            )
        rows[name] = row
    return list(rows)


def _label_names(value: object, where: str, settings: dict) -> str | list[str]:
    """Return the name of an example's label, "" if it has none; or the names of all its labels."""
    if settings["task"] == "single-label":
        if isinstance(value, (list, np.ndarray)):
            raise ValueError(
                f"{where}: labels {[*map(as_name, value)]}; expected one (or task: multi-label)"
            )
        return as_name(value)
    return several_names(value, settings["label_separator"], where)


def _without_empty(frame: pd.DataFrame, column: str, where: str, drop: bool) -> pd.DataFrame:
    """Return the examples that have a text in `column`; raise if others may not be dropped."""
    empty = np.array([not (isinstance(text, str) and text.strip()) for text in frame[column]], bool)
    if empty.any() and not drop:
        bad = frame.iloc[empty.argmax()]
        raise ValueError(
            f"{where}, example {bad['example_id']}: {column} is {bad[column]!r}; "
            "expected a text that is not empty (or set drop_empty_text)"
        )
    return frame[~empty]
