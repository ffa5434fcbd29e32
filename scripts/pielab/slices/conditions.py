"""Name the groups of examples that a column makes: its values, or quartiles of its numbers.

Groups are told apart by their values; names are made for people, and are different for different
groups.
"""

from collections import Counter
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import pandas as pd

MOST_VALUES = 20  # of a column that are groups of their own
LONGEST = 40  # characters of a value that a group's name has
MOST_DIGITS = 17  # of a number; more would say nothing that float64 holds
COMPLEXITY = {"tokens": "tokens", "flesch_reading_ease": "Flesch reading ease"}
Group = tuple[str, np.ndarray]  # its name, and which examples are in it, bool (examples,)


class Conditions(NamedTuple):
    """What examples can be grouped by: each a column's value, or a range of its numbers."""

    words: list[str]
    columns: np.ndarray  # int (conditions,): of which column
    holds: np.ndarray  # bool (conditions, examples)


def conditions(
    truth: np.ndarray, classes: Sequence[str], complexity: pd.DataFrame, named: pd.DataFrame
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
    named_classes = _shortened(list(map(str, classes)))
    columns = [[(f"class = {name}", truth[:, at]) for at, name in enumerate(named_classes)]]
    columns += [_quartiles(complexity[name], words) for name, words in COMPLEXITY.items()]
    columns += [_of_values(named[name], name) for name in named]
    kept = [
        (words, number, holds)
        for number, column in enumerate(columns)
        for words, holds in column
        if holds.any() and not holds.all()
    ]
    if not kept:
        return Conditions([], np.empty(0, dtype=int), np.empty((0, len(truth)), dtype=bool))
    words, numbers, holds = zip(*kept, strict=True)
    return Conditions(_numbered(words), np.array(numbers), np.stack(holds))


def _of_values(values: pd.Series, name: str) -> list[Group]:
    """Return the groups of a column of texts: numbers in quartiles if there are many, else values.

    Of more values than `MOST_VALUES` that are no numbers the most frequent ones, and the rest.
    """
    missing = values.isna()
    known = values[~missing]
    frequent = known.value_counts().sort_index().sort_values(ascending=False, kind="stable").index
    numbers = pd.to_numeric(values, errors="coerce").replace([np.inf, -np.inf], np.nan)
    if len(frequent) > MOST_VALUES and not numbers[~missing].isna().any():
        return _quartiles(numbers, name)
    chosen = list(frequent[:MOST_VALUES])
    groups = [
        (f"{name} = {words}", (values == value).to_numpy(dtype=bool, na_value=False))
        for value, words in zip(chosen, _shortened(chosen), strict=True)
    ]
    if len(frequent) > MOST_VALUES:
        rest = values.isin(frequent[MOST_VALUES:]).to_numpy(dtype=bool)
        groups.append((f"{name} is none of the {MOST_VALUES} most frequent", rest))
    return [*groups, (f"{name} is missing", missing.to_numpy(dtype=bool))]


def _quartiles(values: pd.Series, name: str) -> list[Group]:
    """Return the groups between quartiles, fewer where these are equal; missing is one too."""
    numbers = values.to_numpy(dtype=np.float64)
    missing = np.isnan(numbers)
    if missing.all():
        return []
    edges = np.unique(np.quantile(numbers[~missing], (0.25, 0.5, 0.75)))
    part = np.where(missing, -1, np.searchsorted(edges, numbers, side="left"))
    parts = [part == number for number in np.unique(part[~missing])]
    ends = np.array([(numbers[part].min(), numbers[part].max()) for part in parts])
    words = dict(zip(ends.ravel().tolist(), _distinct(ends.ravel()), strict=True))
    groups = [
        (f"{name} {words[low]}" if low == high else f"{name} {words[low]} to {words[high]}", part)
        for (low, high), part in zip(ends.tolist(), parts, strict=True)
    ]
    return [*groups, (f"{name} is missing", missing)]


def _distinct(values: np.ndarray) -> list[str]:
    """Return numbers with as many digits, three at least, as tell different ones apart."""
    for digits in range(3, MOST_DIGITS):
        words = [_number(value, digits) for value in values]
        if len(set(words)) == len(set(values.tolist())):
            return words
    return [_number(value, MOST_DIGITS) for value in values]


def _number(value: float, digits: int) -> str:
    """Return a number with so many digits, or with all that stand before the point."""
    is_whole = value.is_integer() or (digits == 3 and abs(value) >= 100)
    words = f"{value:,.0f}" if is_whole else f"{value:,.{digits}g}"
    return words.replace("-", "−")


def _shortened(values: Sequence[str]) -> list[str]:
    """Return values of at most about LONGEST characters; those that begin alike keep their ends."""
    whole = [" ".join(str(value).split()) for value in values]
    begun = [words if len(words) <= LONGEST else f"{words[:LONGEST]}…" for words in whole]
    half = LONGEST // 2
    return [
        words
        if begun.count(words) == 1 or len(long) <= LONGEST
        else f"{long[:half]}…{long[-half:]}"
        for words, long in zip(begun, whole, strict=True)
    ]


def _numbered(names: Sequence[str]) -> list[str]:
    """Return names that are all different: those that would be the same again get a number."""
    seen: Counter[str] = Counter()
    unique: list[str] = []
    for name in names:
        seen[name] += 1
        unique.append(name if seen[name] == 1 else f"{name} ({seen[name]})")
    return unique
