"""Draw a figure of the catalogue by its name."""

import pandas as pd
from matplotlib.figure import Figure

from pielab import csv_tables
from pielab.figures import (
    causes,
    certainty,
    classes,
    compression,
    counts,
    data_map,
    fallback,
    influence,
    overview,
    probability,
    published,
    readability,
    scorecard,
    scores,
    sets,
    slices,
    slopes,
    stacks,
    tasks,
)
from pielab.figures.catalogue import FIGURES
from pielab.figures.levels import levels_of_study, placed
from pielab.figures.panels import add_note, without_panels
from pielab.figures.style import Look

MODULES = (
    *(
        causes,
        certainty,
        classes,
        compression,
        data_map,
        fallback,
        influence,
        overview,
        probability,
        published,
        readability,
    ),
    *(scorecard, scores, sets, slices, slopes, stacks, tasks),
)
FUNCTIONS = {
    f"{module.__name__.rsplit('.', 1)[1]}.{name}": function
    for module in MODULES
    for name, function in vars(module).items()
}


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
    looks = [getattr(look, field) for field in entry.look]
    with levels_of_study(pies):
        figure = FUNCTIONS[entry.function](*own_tables, *looks)
    counts.say_what_is_empty(figure, entry.empty)
    add_note(figure, counts.note(tables, entry.split))
    return figure
