"""Figures of made-up tables, each drawn once."""

from functools import cache

from helpers.result_tables import DRAWN, MEASURES, ONE_ROW, TWO_ROWS, study
from pielab.figures import drawing, style

LOOK = {"measures": MEASURES, "drawn": DRAWN}


@cache
def tables(size):
    methods, made = study(size)
    for table in made.values():
        if "split" in table:
            table.drop(table[table["split"] != "test"].index, inplace=True)
    return methods, made


# Figures whose panels' size or place depends on how many datasets and models there are; in all
# others a row of panels is as many inches wide and high, whatever else is drawn
OF_ALL_PAIRS = ("overview", "scorecard", "pie_overlap")
OF_ALL_PAIRS += ("class_score", "class_pie_rate", "class_distribution")


# A panel for each of other things beside the others of its dataset and model, which are a row; rows
# above others are seen in figures of two pairs
IN_ROWS = ("score_on_pies", "flips", "complexity_of_pies", "influence_top", "tiers", "agreement")
IN_ROWS += ("fallback", "causes", "data_map", "seed_curve", "few_seeds")


def drawn_size(name, size):
    """Return the size of the study of which a figure is drawn, as large as its layout needs."""
    if size in ("one pair", "shipped") and name in IN_ROWS:
        return ONE_ROW
    is_large = size == "the paper" and name not in OF_ALL_PAIRS
    return TWO_ROWS if is_large else size


@cache
def draw(name, size="two pairs"):
    methods, read = tables(drawn_size(name, size))
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
