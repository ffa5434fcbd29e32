"""Find the class that a name in a file means: as it is written, mapped, or the same number."""

import re
import unicodedata
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence

KEY = "predictions.labels"
WHOLE = re.compile(r"([+-]?\d+)\.0*")


def as_number(name: str) -> str:
    """Return a whole number without its decimals, "0" for "0.0"; other names as they are."""
    found = WHOLE.fullmatch(name)
    return found[1] if found else name


def folded(name: str) -> str:
    """Return a name without what people do not see: case, kinds of spaces, marks of no width."""
    letters = unicodedata.normalize("NFKC", name)
    seen = "".join(letter for letter in letters if unicodedata.category(letter) != "Cf")
    return " ".join(seen.casefold().split())


def merged(names: Iterable[str]) -> set[str]:
    """Return names, those of numbers without decimals if some are else the same number twice."""
    distinct = set(names)
    numbers = set(map(as_number, distinct))
    return numbers if len(numbers) < len(distinct) else distinct


def finder(names: Sequence[str]) -> Callable[[str], int | None]:
    """Return a function from a name to its place among names: exactly, or else as a number."""
    place = {name: at for at, name in enumerate(names)}
    numbers = {as_number(name): at for at, name in enumerate(names)}
    if len(numbers) < len(place):
        numbers = {}
    return lambda name: place.get(name, numbers.get(as_number(name)))


def spellings(classes: Sequence[str], labels: Mapping[str, str]) -> list[list[str]]:
    """Return what classes may be called in a file: as the config maps them, or as they are."""
    mapped = [labels.get(name, name) for name in classes]
    return [mapped, list(classes)] if mapped != list(classes) else [mapped]


def called(
    names: Collection[str], classes: Sequence[str], labels: Mapping[str, str]
) -> Callable[[str], int | None]:
    """Return a function from a file's names to places of classes, by the spelling that fits all.

    Parameters
    ----------
    names : collection of str
        All names in the file.
    labels : mapping
        `predictions.labels`: what classes are called in files.
    """
    finders = [finder(names) for names in spellings(classes, labels)]
    fits = (find for find in finders if all(find(name) is not None for name in names))
    return next(fits, finders[0])


def advice(classes: Sequence[str]) -> str:
    """Return how to map classes whose names differ in files."""
    return f"{KEY} maps them, such as {{{classes[0]}: NAME_THERE}}"
