"""Read the labels of examples that may have several, in the forms that people write them in."""

import json
import re
from collections import Counter
from collections.abc import Iterable
from typing import Any

import numpy as np
import pandas as pd

NO_LIST = "expected a list such as ['a', 'b'], or labels with label_separator between them"
SEPARATORS = (",", ";", "|", "\t", "/", " ")  # that people put between labels
QUOTED = re.compile(r"""'([^']*)'|"([^"]*)\"""")
# Lists, tuples and sets as Python, NumPy (spaces between) and pandas print them
PRINTED = re.compile(r"""[\[({]\s*(?:(?:'[^']*'|"[^"]*")(?:\s*,\s*|\s+|(?=[\])}])))*[\])}]""")
# What NumPy 2 prints within Python's lists
OF_NUMPY = re.compile(r"""np\.(?:str_|u?int\d*|bool_?|float\d*)\(('[^']*'|"[^"]*"|[\w.+-]*)\)""")
BRACKETS = {"[": "]", "(": ")", "{": "}"}
GLUE = re.compile(r"(?:[^\w]|_)+(?:(?:and|or|und|et|y)(?:[^\w]|_)+)?")  # between words
SWITCHES = re.compile(r"[01](?:[^\w.]*[01])+")


def as_name(value: object) -> str:
    """Return a label as a class name: "" if missing; "1" for 1.0, which a gap makes of 1."""
    if pd.api.types.is_scalar(value) and pd.isna(value):
        return ""
    if isinstance(value, (float, np.floating)) and float(value).is_integer():
        value = int(value)
    return str(value).strip()


def several_names(value: object, separator: str, where: str) -> list[str]:
    """Return the names of all labels of an example, each once.

    Parameters
    ----------
    value : object
        A list or array; a text of labels with the separator between them, or of a list as JSON,
        Python, NumPy or pandas print one; or a single label.
    where : str
        The file and example, for messages.

    Raises
    ------
    ValueError
        If a text in brackets is no such list, or the labels are an object.
    """
    return list(dict.fromkeys(filter(None, _items(value, separator, where))))


def _items(value: object, separator: str, where: str) -> list[str]:
    """Return the items of an example's labels, as often as they occur."""
    if isinstance(value, str) and _is_bracketed(value.strip()):
        values = _printed_list(value.strip(), where)
    elif isinstance(value, str):
        values = value.split(separator)
    elif isinstance(value, dict):
        raise ValueError(f"{where}: labels {str(value)[:80]}; {NO_LIST}")
    else:
        several = isinstance(value, (list, tuple, set, frozenset, np.ndarray))
        values = list(value) if several else [value]  # type: ignore[call-overload]
    return list(map(as_name, values))


def _is_bracketed(text: str) -> bool:
    """Return whether a text looks like a printed list, tuple or set."""
    if text[:1] == "[":
        return text.endswith("]")
    # Names may be in round brackets, but not with quotes inside
    return text[:1] in BRACKETS and text.endswith(BRACKETS[text[0]]) and text[1:2] in ("'", '"')


def _printed_list(text: str, where: str) -> list:
    """Return the items of a printed list: as JSON, or quoted, with commas or spaces between."""
    text = OF_NUMPY.sub(r"\1", text)
    try:
        items = json.loads(text)
    except ValueError:
        if not PRINTED.fullmatch(text):
            raise ValueError(f"{where}: labels {text[:80]!r}; {NO_LIST}") from None
        items = [double or single for single, double in QUOTED.findall(text)]
    if isinstance(items, dict) or any(isinstance(item, (list, dict)) for item in items):
        raise ValueError(f"{where}: labels {text[:80]!r}; {NO_LIST}")
    return items


def check_switches(values: Iterable[Any], where: str, texts: bool = True) -> None:
    """Refuse labels that seem to be a switch, 0 or 1, for each class instead of names of classes.

    All have as many of them, and one at least repeats a value, which no list of names does.

    Parameters
    ----------
    values : iterable
        The labels of all examples, as they are found.
    texts : bool
        Whether texts may be switches too, such as "0 1 1" and "011".

    Raises
    ------
    ValueError
        With the labels of an example.
    """
    rows = [value for value in values if isinstance(value, str) or np.size(value)]
    found = [_switches(value, texts) for value in rows]
    if not found or None in found or len({len(row or ()) for row in found}) > 1:
        return
    for value, switches in zip(rows, found, strict=True):
        if switches and len(set(switches)) < len(switches):
            raise ValueError(
                f"{where}: labels {str(value)[:80]} seem to be a switch for each class; expected "
                "the names of those that are on (or name all classes in `classes`)"
            )


def _switches(value: object, texts: bool) -> list[str] | None:
    """Return the zeros and ones of an example's labels, None if they are anything else."""
    if isinstance(value, str) and not value.strip().startswith("["):
        is_switches = texts and SWITCHES.fullmatch(value.strip())
        return re.findall("[01]", value) if is_switches else None
    try:
        names = _items(value, "\0", "")
    except ValueError:
        return None
    names = [{"True": "1", "False": "0"}.get(name, name) for name in names]
    return names if len(names) > 1 and set(names) <= {"0", "1"} else None


def check_separator(names: Iterable[str], separator: str, where: str) -> None:
    """Refuse labels that look like several in one, where an example has several.

    A label with a comma, say, is one where some of its parts are no labels elsewhere; if all of
    them are, alone or in other such labels, they stand for several.

    Raises
    ------
    ValueError
        Naming such a label, its parts and the key that separates them.
    """
    known = set(names)
    # Names have spaces, hyphens and the like, so that these separate only what is there alone
    usual = [candidate for candidate in SEPARATORS if candidate != " "]
    unusual = sorted({glue for name in known for glue in GLUE.findall(name)} - set(usual))
    for candidate in [*usual, *unusual]:
        parts = {
            name: [part.strip() for part in name.split(candidate)]
            for name in known
            if candidate in name
        }
        found = Counter(part for pieces in parts.values() for part in set(pieces))
        alone = known - parts.keys()
        for name in sorted(parts):
            pieces = parts[name]
            elsewhere = [
                part in alone or (candidate in usual and found[part] > 1) for part in pieces
            ]
            if all(pieces) and all(elsewhere):
                raise ValueError(
                    f"{where}: label {name!r}, though {' and '.join(map(repr, pieces))} are labels "
                    f"too; expected label_separator: {candidate!r} instead of {separator!r} (or "
                    "name all classes in `classes`)"
                )
