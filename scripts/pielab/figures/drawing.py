"""Draw a figure of the catalogue by its name."""

import inspect
from collections.abc import Callable
from importlib import import_module

import pandas as pd
from matplotlib.figure import Figure

from pielab import csv_tables
from pielab.figures import counts
from pielab.figures.catalogue import FIGURES
from pielab.figures.levels import levels_of_study, placed
from pielab.figures.panels import add_note, without_panels
from pielab.figures.style import Look


def read_table(path: str) -> pd.DataFrame:
    """Return the rows of a table of results/tables that figures show.

    Of the test split. Where cells are counted with and without the collapsed ones: without, if any
    work.
    """
    table = csv_tables.read_csv(path)
    shown = {"split": "test", "comparison": "primary"}
    for column, value in shown.items():
        if column in table:
            table = table[table[column] == value]
    table = csv_tables.of_first_measure(table)
    if "without_collapsed" in table:
        some_work = table.groupby(["dataset", "model"])["without_collapsed"].transform("max")
        table = table[table["without_collapsed"] == some_work]
    return table


def function_of(name: str) -> Callable[..., Figure]:
    """Return what draws a figure of the catalogue."""
    function: Callable[..., Figure] = getattr(
        import_module(f"pielab.figures.{FIGURES[name].module}"), name
    )
    return function


def draw(name: str, tables: dict[str, pd.DataFrame], look: Look) -> Figure:
    """Return the figure of this name, drawn of `tables` of the test split by their names.

    Of comparisons the primary ones, unless the figure shows each.
    """
    entry = FIGURES[name]
    pies = placed(tables["pies"], tables["pies"])
    own_tables = [placed(tables[table], tables["pies"]) for table in entry.tables]
    if not entry.both:
        own_tables = [t[t["primary"]] if "primary" in t else t for t in own_tables]
    if own_tables[0].empty:
        return without_panels(f"Nothing to draw: {entry.tables[0]}.csv has no row for this figure.")
    function = function_of(name)
    fields = list(inspect.signature(function).parameters)[len(own_tables) :]
    with levels_of_study(pies):
        figure = function(*own_tables, *(getattr(look, field) for field in fields))
    counts.say_what_is_empty(figure, entry.empty)
    add_note(figure, counts.note(tables, entry.split))
    return figure
