"""Name the groups of examples that a column makes: its values, or quartiles of its numbers."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import pandas as pd

MOST_VALUES = 20  # of a column that are groups of their own
LONGEST = 40  # characters of a value that a group's name has
COMPLEXITY = {"tokens": "tokens", "flesch_reading_ease": "Flesch reading ease"}


class Conditions(NamedTuple):
    """What examples can be grouped by: each a column's value, or a range of its numbers."""

    words: list[str]
    columns: np.ndarray  # int (conditions,): of which column
    members: np.ndarray  # bool (conditions, examples)


def conditions(
    truth: np.ndarray,
    classes: Sequence[str],
    complexity: pd.DataFrame,
    named: pd.DataFrame,
) -> Conditions:
    """Return the conditions of the classes, of length and readability, and of the user's columns.

    A column that is the same for all examples makes none.

    Parameters
    ----------
    truth : bool (examples, classes)
    complexity : DataFrame
        From readability.measure_texts, of which `COMPLEXITY` is used.
    named : DataFrame
        The user's columns, if any, texts or null; many different numbers are cut into quartiles.
    """
    by_class = {f"class = {_short(name)}": truth[:, at] for at, name in enumerate(classes)}
    columns = [by_class]
    columns += [_quartiles(complexity[name], words) for name, words in COMPLEXITY.items()]
    columns += [_of_values(named[name], name) for name in named]
    kept = [
        (words, number, members)
        for number, column in enumerate(columns)
        for words, members in column.items()
        if members.any() and not members.all()
    ]
    if not kept:
        return Conditions([], np.empty(0, dtype=int), np.empty((0, len(truth)), dtype=bool))
    words, numbers, members = zip(*kept, strict=True)
    return Conditions(list(words), np.array(numbers), np.stack(members))


def _of_values(values: pd.Series, name: str) -> dict[str, np.ndarray]:
    """Return the groups of a column of texts: numbers in quartiles if there are many, else values.

    Of more values than `MOST_VALUES` that are no numbers the most frequent ones, and the rest.
    """
    missing = values.isna()
    known = values[~missing]
    frequent = known.value_counts().sort_index().sort_values(ascending=False, kind="stable").index
    numbers = pd.to_numeric(values, errors="coerce").replace([np.inf, -np.inf], np.nan)
    if len(frequent) > MOST_VALUES and not numbers[~missing].isna().any():
        return _quartiles(numbers, name)
    groups = {
        f"{name} = {_short(value)}": (values == value).to_numpy(dtype=bool, na_value=False)
        for value in frequent[:MOST_VALUES]
    }
    if len(frequent) > MOST_VALUES:
        rest = values.isin(frequent[MOST_VALUES:]).to_numpy(dtype=bool)
        groups[f"{name} is none of the {MOST_VALUES} most frequent"] = rest
    return groups | {f"{name} is missing": missing.to_numpy(dtype=bool)}


def _quartiles(values: pd.Series, name: str) -> dict[str, np.ndarray]:
    """Return the groups between quartiles, fewer where these are equal; missing is one too."""
    numbers = values.to_numpy(dtype=np.float64)
    missing = np.isnan(numbers)
    if missing.all():
        return {}
    edges = np.unique(np.quantile(numbers[~missing], (0.25, 0.5, 0.75)))
    part = np.where(missing, -1, np.searchsorted(edges, numbers, side="left"))
    groups = {}
    for number in np.unique(part[~missing]):
        own = part == number
        low, high = (_number(end) for end in (numbers[own].min(), numbers[own].max()))
        groups[f"{name} {low}" if low == high else f"{name} {low} to {high}"] = own
    return groups | {f"{name} is missing": missing}


def _number(value: float) -> str:
    """Return a number with three digits, or with all that stand before the point."""
    words = f"{value:,.0f}" if value.is_integer() or abs(value) >= 100 else f"{value:.3g}"
    return words.replace("-", "−")


def _short(value: str) -> str:
    words = " ".join(str(value).split())
    return words if len(words) <= LONGEST else f"{words[:LONGEST]}…"
