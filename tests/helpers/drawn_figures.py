"""Figures of made-up tables, each drawn once."""

from functools import cache

from helpers.result_tables import DRAWN, MEASURES, study
from pielab.figures import drawing, style

LOOK = {"measures": MEASURES, "drawn": DRAWN}


@cache
def tables(size):
    methods, made = study(size)
    for table in made.values():
        if "split" in table:
            table.drop(table[table["split"] != "test"].index, inplace=True)
    return methods, made


@cache
def draw(name, size="two pairs"):
    methods, read = tables(size)
    look = style.look({"methods": methods, "palette": "colorblind", **LOOK})
    with style.style():
        figure = drawing.draw(name, read, look)
        figure.draw_without_rendering()
    return figure


def draw_changed(name, changed, size="two pairs"):
    """Return a figure with some of its tables changed."""
    methods, made = tables(size)
    look = style.look({"methods": methods, "palette": "colorblind", **LOOK})
    with style.style():
        return drawing.draw(name, made | changed, look)
