"""How figures name levels: percent without a unit, unless some method means bits by its level."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

import pandas as pd

from pielab.analysis.cell_tables import with_levels

PERCENT = " %"
AS_GIVEN_PLACE = 1.0  # of compressed models whose level is not known, on axes
NAMES: ContextVar[dict[tuple[str, float], str]] = ContextVar("NAMES")


def placed(table: pd.DataFrame, pies: pd.DataFrame) -> pd.DataFrame:
    """Return a table of cells whose levels are over 0 for just those that are compressed."""
    table = with_levels(table, pies)
    if not {"level", "is_compressed"} <= set(table):
        return table
    unknown = table["is_compressed"] & (table["level"] == 0)
    return table.assign(level=table["level"].mask(unknown, AS_GIVEN_PLACE))


def compressed(table: pd.DataFrame) -> pd.DataFrame:
    """Return the rows for compressed models, of a table whose levels are `placed`."""
    return table[table["level"] > 0]


@contextmanager
def levels_of_study(pies: pd.DataFrame) -> Iterator[None]:
    """Name levels within this context as `level_text` of pies.csv does, if not all are percent."""
    rows = compressed(pies).drop_duplicates(["method", "level"])
    names = dict(
        zip(zip(rows["method"], rows["level"], strict=True), rows["level_text"], strict=True)
    )
    plain = all(name.endswith(PERCENT) for name in names.values())
    token = NAMES.set({} if plain else names)
    try:
        yield
    finally:
        NAMES.reset(token)


def level_axis() -> str:
    """Return what levels are called on axes and legends."""
    return "Level" if NAMES.get({}) else "Sparsity (%)"


def level_name(level: float, method: str) -> str:
    """Return a level of a method with its unit."""
    return NAMES.get({}).get((method, level), f"{level:g}{PERCENT}")


def said(level: float) -> str:
    """Return a level as a figure writes it, for all methods that have this number."""
    names = NAMES.get({})
    if not names:
        return f"{level:g}"
    known = [name for (_, at), name in names.items() if at == level]
    return " or ".join(dict.fromkeys(known)) or f"{level:g}{PERCENT}"
