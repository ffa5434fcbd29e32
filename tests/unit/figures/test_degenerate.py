"""Figures of studies that have hardly anything to show: true, or they say why they are empty."""

import re
from functools import cache

import numpy as np
import pandas as pd
import pytest

from helpers.drawn_figures import draw_changed, tables
from pielab.figures.catalogue import FIGURES
from pielab.figures.drawing import draw
from pielab.figures.style import look, style

every_figure = pytest.mark.parametrize("name", FIGURES)


@cache
def changed(study):
    """Return the tables of one pair, each as it is of such a study."""
    made = tables("one pair")[1]
    return {kind: STUDIES[study](kind, table.copy()) for kind, table in made.items()}


def said(figure):
    return [text.get_text() for axes in figure.axes for text in axes.texts]


COUNTED = {
    *("pies", "positive_flips", "negative_flips", "both_wrong", "certain", "likely"),
    *("pie_share", "pie_share_low", "pie_rate", "overlap"),
}
OF_PIES = re.compile(r".*_(on|of)_pies(_low|_high)?|cliffs_delta|matched|jaccard")


def without_pies(kind, table):
    """Return a table as it is of cells that have no PIEs."""
    for name in table:
        if name in COUNTED:
            table[name] = 0
        elif OF_PIES.fullmatch(name) or (kind == "complexity" and "_pies" in name):
            table[name] = np.nan
    if kind == "persistence":
        none = table["cells"] == 0
        table["examples"] = table["expected"] = np.where(none, table["examples"].sum(), 0)
    if kind == "scorecard":
        table[["effect", "low", "high", "matched"]] = np.nan
        table["note"] = "no compressed cell has PIEs"
    return table


def of_one_seed(kind, table):
    """Return a table as it is of one seed: nothing is known of how seeds vary."""
    unknown = ("excess", "excess_low", "excess_high", "noise_floor", "half_pies", "q")
    if kind == "seeds":
        return table[table["seeds"] == 1]
    if kind == "scores":
        return table[table["seed"] == 0]
    for name in unknown if kind == "pies" else ("low", "high") if kind == "scorecard" else ():
        table[name] = np.nan
    return table.assign(seeds=1) if "seeds" in table else table


STUDIES = {
    "no PIEs": without_pies,
    "one seed": of_one_seed,
    "one method": lambda _, t: t[t["method"] != "imp-wr"] if "method" in t else t,
    "no control": lambda _, t: (
        t[(t["baseline"] == "dense") & (t["method"] != "control")].assign(primary=True)
        if "baseline" in t and "primary" in t
        else t[t["method"] != "control"]
        if "method" in t
        else t
    ),
    "all collapsed": lambda _, t: t.assign(
        **{k: k == "collapsed" for k in ("collapsed", "without_collapsed") if k in t}
    ),
}


UNMARKED = ("scorecard", "complexity_effects", "layer_map")  # of claims, or of single flips
UNMARKED += ("slices", "causes", "data_map")  # which leave collapsed cells out
UNMARKED += ("tasks",)  # of a log's metrics, for which no collapse is defined


@pytest.mark.slow
@every_figure
@pytest.mark.parametrize("study", STUDIES)
def test_a_figure_of_a_study_with_little_to_show_is_drawn(name, study):
    made = dict(changed(study))
    if name == "pie_overlap" and study == "one method":
        made["pie_overlap"] = made["pie_overlap"].query("other_method != 'imp-wr'")
    if name == "pie_overlap" and study == "no control":
        made["pie_overlap"] = made["pie_overlap"].query("other_method != 'control'")
    whole, read = tables("one pair")[1], FIGURES[name].tables
    if all(made[table].equals(whole[table]) for table in read):
        return  # the figure of a whole study, which other tests draw
    figure = draw_changed(name, made, "one pair")
    if study == "all collapsed" and name not in UNMARKED:
        names = {text.get_text() for legend in figure.legends for text in legend.get_texts()}
        assert "collapsed" in names


@pytest.mark.parametrize(
    ("study", "name", "words"),
    [
        ("no PIEs", "class_distribution", "no PIEs"),
        ("no PIEs", "tokens_of_pies", "no PIEs"),
        ("no PIEs", "complexity_effects", "no PIEs"),
        ("no PIEs", "flips", "no PIEs"),
        ("no PIEs", "tiers", "no PIEs"),
        ("no PIEs", "pie_overlap", "no PIEs"),
        ("one seed", "excess", "too few seeds to tell"),
        ("one seed", "noise_floor", "too few seeds to tell"),
    ],
)
def test_a_panel_without_anything_says_why(study, name, words):
    figure = draw_changed(name, changed(study), "one pair")
    shown = [axes for axes in figure.axes if axes.get_label() != "<colorbar>"]
    assert said(figure) == [words] * len(shown)


def test_a_fallback_of_labels_alone_has_panels_that_say_so():
    rows = tables("one pair")[1]["fallback"].query("share == 0").assign(chosen=False)
    unknown = rows.assign(**dict.fromkeys(rows.columns[rows.columns.get_loc("sent") :][:8], np.nan))
    figure = draw_changed("fallback", {"fallback": unknown}, "one pair")
    assert said(figure) == ["labels do not tell"] * 2


def test_a_figure_of_a_table_without_rows_says_so():
    methods, made = tables("one pair")
    looks = look({"methods": methods, "palette": "colorblind", "measures": {}, "drawn": ()})
    for name, entry in FIGURES.items():
        empty = {table: made[table].iloc[:0] for table in entry.tables}
        with style():
            figure = draw(name, made | empty, looks)
        (words,) = said(figure)
        expected = f"Nothing to draw: {entry.tables[0]}.csv has no row for this figure."
        assert " ".join(words.split()) == expected


def test_a_study_without_a_published_cell_says_so():
    made = tables("one pair")[1]["paper_comparison"].assign(found="absent from the paper")
    figure = draw_changed("paper_comparison", {"paper_comparison": made}, "one pair")
    assert said(figure) == ["No cell of this study has a published\nscore."]


def test_data_sets_whose_classes_are_about_as_frequent_are_left_out_and_named():
    made = tables("shipped")[1]["classes"]
    even = made.assign(train_examples=made["train_examples"].where(made["dataset"] != "snli", 5000))
    for name in ("class_pie_rate", "class_distribution"):
        figure = draw_changed(name, {"classes": even}, "shipped")
        titles = [axes.get_title() for axes in figure.axes]
        assert titles == ["imdb, bilstm", "imdb, bert"]
        assert "Left out, since all classes are about as frequent: snli" in figure.get_suptitle()
        nothing = draw_changed(name, {"classes": made.assign(train_examples=5000)}, "shipped")
        assert "about as frequent: snli, imdb" in " ".join(said(nothing)[0].split())


def test_a_class_that_a_method_never_met_leaves_no_panel_out():
    made = tables("one pair")[1]["classes"]
    figure = draw_changed("class_score", {"classes": made.assign(score_compressed=np.nan)})
    assert pd.notna(figure.axes[0].collections[0].get_array()[:, 0]).all()
