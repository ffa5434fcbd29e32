"""How figures say levels: percent without a unit, unless some method means bits by its level."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

import pandas as pd

PERCENT = " %"
NAMES: ContextVar[dict[tuple[str, float], str]] = ContextVar("NAMES")


@contextmanager
def levels_of_study(pies: pd.DataFrame) -> Iterator[None]:
    """Say levels within this context as `level` of pies.csv does, if not all are percent."""
    rows = pies[pies["sparsity"] > 0].drop_duplicates(["method", "sparsity"])
    names = {(row.method, row.sparsity): row.level for row in rows.itertuples()}
    plain = all(name.endswith(PERCENT) for name in names.values())
    token = NAMES.set({} if plain else names)
    try:
        yield
    finally:
        NAMES.reset(token)


def title() -> str:
    """Return what levels are called on axes and legends."""
    return "Level" if NAMES.get({}) else "Sparsity (%)"


def named(level: float, method: str) -> str:
    """Return a level of a method with its unit."""
    return NAMES.get({}).get((method, level), f"{level:g}{PERCENT}")


def said(level: float) -> str:
    """Return a level as a figure says it, of all methods that have this number."""
    names = NAMES.get({})
    if not names:
        return f"{level:g}"
    own = [name for (_, at), name in names.items() if at == level]
    return " or ".join(dict.fromkeys(own)) or f"{level:g}{PERCENT}"
