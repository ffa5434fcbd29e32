"""How figures say levels: as before in percent alone, with their units where some are bits."""

import pandas as pd
import pytest

from helpers.drawn_figures import draw_changed, tables
from pielab.figures.levels import level_axis, level_name, levels_of_study, said

PERCENT = pd.DataFrame(
    {"method": "imp-ft", "level": [50.0, 99.5], "level_text": ["50 %", "99.5 %"]}
)
BITS = pd.DataFrame(
    {
        "method": ["imp-ft", "int8", "control"],
        "level": [8.0, 8.0, 0.0],
        "level_text": ["8 %", "8 bits", "not compressed"],
    }
)


def test_percent_alone_stands_without_a_replicate():
    with levels_of_study(PERCENT):
        assert (level_axis(), said(99.5), level_name(50.0, "imp-ft")) == (
            "Sparsity (%)",
            "99.5",
            "50 %",
        )


def test_bits_and_percent_of_the_same_number_are_told_apart():
    with levels_of_study(BITS):
        assert (level_axis(), said(8.0), said(50.0)) == ("Level", "8 % or 8 bits", "50 %")
        assert (level_name(8.0, "int8"), level_name(8.0, "imp-ft")) == ("8 bits", "8 %")
    assert level_axis() == "Sparsity (%)"


@pytest.mark.parametrize("name", ["pie_share", "flips", "excess", "class_score", "seed_curve"])
def test_no_figure_of_a_study_with_bits_speaks_of_sparsity(name):
    _, made = tables("one pair")
    quantised = {
        key: table.replace({"level": {50.0: 8.0}})
        for key, table in made.items()
        if "level" in table
    }
    pies = quantised["pies"]
    quantised["pies"] = pies.assign(level_text=pies["level_text"].replace({"50 %": "8 bits"}))
    figure = draw_changed(name, quantised, "one pair")
    words = [axes.get_xlabel() for axes in figure.axes]
    words += [tick.get_text() for axes in figure.axes for tick in axes.get_xticklabels()]
    for legend in figure.legends:
        words += [legend.get_title().get_text(), *(text.get_text() for text in legend.get_texts())]
    assert "Sparsity (%)" not in words
    assert {"8 bits", "90 %"} <= set(words)
    assert "8" not in words
