"""Read labels, switches and numbers as they occur in external files."""

from collections.abc import Sequence
from itertools import chain

import numpy as np

from pielab.data import class_names
from pielab.data.label_names import as_name, check_switches, several_names


def of_labels(values: Sequence, classes: Sequence[str], settings: dict, path: str) -> np.ndarray:
    """Return 1 for a class that a model decides for, -1 for others; float32 (rows, classes)."""
    separator = settings["label_separator"]
    if settings["multi_label"]:
        check_switches(values, path, texts=False)
    rows = [
        several_names(value, separator, f"{path}, row {row} (from 0)")
        if settings["multi_label"]
        else [as_name(value)]
        for row, value in enumerate(values)
    ]
    known = set(chain.from_iterable(rows))
    find = class_names.called(known, classes, settings.get("labels", {}))
    place = {name: find(name) for name in known}
    scores = np.full((len(values), len(classes)), -1, np.float32)
    for row, names in enumerate(rows):
        for name in names:
            if place[name] is None:
                raise ValueError(
                    f"{path}, row {row} (from 0): label {name!r}; expected one of the classes "
                    f"{', '.join(classes)} ({class_names.advice(classes)})"
                )
            scores[row, place[name]] = 1
    return scores


def of_switches(on: np.ndarray, path: str) -> np.ndarray:
    """Return 1 for each class that is on, -1 for others; float32, of 0 and 1 (rows, classes)."""
    if on.dtype.kind not in "biuf" or not np.isin(on, (0, 1)).all():
        wrong = on.ravel()[0] if on.dtype.kind not in "biuf" else on[~np.isin(on, (0, 1))][0]
        raise ValueError(
            f"{path}: labels with {wrong.item()!r}; expected 0 or 1 for each class (or the array "
            "probabilities or logits, and predictions.scores)"
        )
    return np.where(on == 1, 1, -1).astype(np.float32)


def numbers_of(values: Sequence | np.ndarray, path: str) -> np.ndarray:
    """Return values as float64, or raise with the first row that is no number.

    Python reads `1_000` as one, and true and dates too, which are none.
    """
    if isinstance(values, np.ndarray) and values.dtype.kind not in "iufOUS":
        raise ValueError(f"{path}: {values.dtype}; expected real numbers")
    for row, value in enumerate(_misleading(values)):
        if isinstance(value, (bool, np.bool_)) or "_" in str(value):
            raise ValueError(f"{path}, row {row} (from 0): {str(value)[:40]!r}; expected a number")
    try:
        found = np.asarray(values, dtype=np.float64)
        if isinstance(values, np.ndarray) or found.ndim == 1:
            return found
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


def _misleading(values: Sequence | np.ndarray) -> Sequence:
    """Return values if there are texts or objects among them, else none."""
    if isinstance(values, np.ndarray):
        return values.ravel().tolist() if values.dtype.kind in "OUS" else ()
    return values if {bool, np.bool_, str, bytes} & set(map(type, values)) else ()
