"""Every figure of made tables: what it says, that it says it all, and that all can be read."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from matplotlib.colors import to_rgb
from matplotlib.text import Text

from helpers.drawn_figures import draw, draw_changed, drawn_size, tables
from helpers.result_tables import CLASSES, DRAWN, SIZES, pairs_of
from pielab.figures import catalogue, certainty, drawing, panels, probability, scores, stacks, style
from pielab.figures.catalogue import FIGURES
from pielab.vocabulary import COMPLEXITY

ROOT = Path(__file__).parents[3]

LEVEL = "Sparsity (%)"
BIN = "EL2N bin (right: most influential)"
COUNT = "Training examples of the class"
# name: what stands below its panels and left of them
AXES = {
    "overview": ("Accuracy change (points)", "(% of texts)"),
    "score_by_level": (LEVEL, "(test)"),
    "agreement": (LEVEL, "(% of predictions)"),
    "paper_comparison": (LEVEL, "(std)"),
    "tasks": ("Change of the score", ""),
    "pie_share": (LEVEL, "% of test examples"),
    "score_on_pies": (LEVEL, "(test)"),
    "flips": (LEVEL, "% of test"),
    "pie_overlap": ("", ""),
    "persistence": ("PIE in so many of 12 cells", "examples (%)"),
    "noise_floor": (LEVEL, "of half the models (%)"),
    "excess": (LEVEL, "(% of test)"),
    "tiers": (LEVEL, "% of test"),
    "seed_curve": ("Seeds", "(% of test)"),
    "few_seeds": ("Seeds", ""),
    "vote_or_probability": ("PIEs by vote (%)", "PIEs by probability (%)"),
    "frontier": ("Size (% of dense)", "(% of test)"),
    "fallback": ("Texts sent, least sure first (%)", "(% of test)"),
    "layer_map": ("Negative flips", "Layer put back"),
    "class_score": (LEVEL, ""),
    "class_pie_rate": (COUNT, "% of its test examples"),
    "class_distribution": ("Class among all test examples (%)", "among PIEs (%)"),
    "slices": ("Harm beyond the rest (points of models that are right)", ""),
    "influence_pies": (BIN, "PIEs (%)"),
    "influence_loss": (BIN, "(nats)"),
    "influence_loss_ratio": (BIN, "compressed / baseline"),
    "influence_top": (LEVEL, "% of the examples"),
    "complexity_of_pies": (LEVEL, ", "),
    "tokens_of_pies": (LEVEL, "Tokens"),
    "complexity_effects": ("Cliff's delta (right: PIEs have more)", ""),
    "data_map": ("Its standard deviation", "Probability of the label, mean"),
    "causes": (None, ""),  # each outcome has a replicate of its own
    "scorecard": (None, ""),  # each claim has a replicate of its own
}
BY_METHOD = ("pie_share", "tokens_of_pies", "score_by_level", "paper_comparison")
every_figure = pytest.mark.parametrize("name", FIGURES)
every_size = pytest.mark.parametrize("size", SIZES)


def panels_of(figure):
    """Return the visible axes but those of colour bars."""
    return [one for one in figure.axes if one.get_visible() and one.get_label() != "<colorbar>"]


def panel(figure, title):
    (found,) = (one for one in figure.axes if one.get_title() == title)
    return found


def cells(kind, dataset, model, size="two pairs"):
    table = tables(size)[1][kind]
    pair = table[(table["dataset"] == dataset) & (table["model"] == model)]
    pair = pair[pair["primary"]] if "primary" in pair else pair
    return pair[pair["level"] > 0] if "level" in pair else pair


def working(rows):
    """Return the cells that work of each sparsity, or all of it, a level at a time."""
    levels = [own for _, own in rows.groupby("level")]
    return pd.concat(own if own["collapsed"].all() else own[~own["collapsed"]] for own in levels)


def method_of(axes):
    return axes.get_title().split("\n")[0]


def of_collapsed(axes):
    """Return the places and heights of hollow markers, one row a marker."""
    hollow = [line.get_xydata() for line in axes.get_lines() if line.get_mfc() == "white"]
    points = np.concatenate([np.empty((0, 2)), *hollow])
    return points[np.isfinite(points).all(axis=1)]


def texts(figure):
    """Return what is written and seen: ticks out of view are not."""
    seen = [text for text in figure.findobj(Text) if text.get_visible() and text.get_text().strip()]
    of_ticks, shown = set(), set()
    for one in figure.axes:
        for axis in (one.xaxis, one.yaxis) if one.get_visible() else ():
            low, high = sorted(axis.get_view_interval())
            for tick in [*axis.get_major_ticks(), *axis.get_minor_ticks()]:
                of_ticks |= {tick.label1, tick.label2}
                if low <= tick.get_loc() <= high:
                    shown |= {tick.label1, tick.label2}
    hidden = {text for one in figure.axes if not one.get_visible() for text in one.findobj(Text)}
    return [text for text in seen if text not in hidden and (text not in of_ticks or text in shown)]


def test_every_figure_has_a_caption_and_every_caption_a_figure():
    captions = {path.stem for path in (ROOT / "workflow/report").glob("*.rst")} - {"workflow"}
    assert captions == set(FIGURES)
    assert set(AXES) == set(FIGURES)


def test_every_figure_is_drawn_by_a_job_of_tables_that_the_job_reads():
    for name, entry in FIGURES.items():
        assert entry.rule in catalogue.RULES
        assert set(entry.tables) <= set(catalogue.tables_of([entry]))
        assert callable(drawing.function_of(name)), name


def test_planning_a_graph_imports_no_plotting_library():
    command = "import sys, pielab.figures.catalogue; print('matplotlib' in sys.modules)"
    run = [sys.executable, "-c", command]
    library = str(ROOT / "scripts")
    assert subprocess.check_output(run, env={"PYTHONPATH": library}, text=True) == "False\n"


@every_figure
@every_size
def test_there_is_a_panel_for_each_dataset_and_model(name, size):
    pairs, methods = pairs_of(drawn_size(name, size)), SIZES[size][2]
    columns = {
        "score_on_pies": len(methods) + 1,  # the control too
        "flips": len(methods),
        "complexity_of_pies": len(DRAWN),
        "scorecard": 6 / len(pairs),
        "influence_top": len(methods),
        "tiers": len(methods),
        "pie_overlap": 1 / len(SIZES[size][1]),
        "seed_curve": len(certainty.CURVES),
        "few_seeds": len(probability.SCORES),
        "agreement": len(scores.AGREEMENT),
        "fallback": 2,
        "causes": 3,
        "data_map": 2,
    }
    found = panels_of(draw(name, size))
    assert len(found) == len(pairs) * columns.get(name, 1)


@pytest.mark.slow
@every_figure
def test_every_axis_has_its_label_and_replicate(name):
    below, left = AXES[name]
    for one in panels_of(draw(name)):
        assert one.get_xlabel() == below if below is not None else one.get_xlabel()
        if one.get_subplotspec().is_first_col():
            assert left in one.get_ylabel()


@pytest.mark.slow
def test_the_colours_of_a_class_s_score_are_named():
    bars = [one for one in draw("class_score", "the paper").axes if one.get_label() == "<colorbar>"]
    said = [one.get_ylabel() for one in bars]
    assert said == ["Accuracy on the class"] * 4 + ["F1 of the class"] * 4


@every_figure
@every_size
def test_the_legend_says_all_that_is_drawn(name, size):
    figure, methods = draw(name, size), tables(size)[0]
    drawn = set(panels.labelled(figure.axes))
    said = [text.get_text() for legend in figure.legends for text in legend.get_texts()]
    assert drawn <= set(said)
    assert len(said) == len(set(said))
    if name in ("class_score", "pie_overlap", "layer_map"):  # a colour bar, or words, say the rest
        assert said == ["collapsed"] * ("collapsed" in drawn)
    else:
        assert len(said) > 1
    if name in BY_METHOD:
        own = methods if name in ("pie_share", "score_by_level") else methods[:-1]
        assert [label for label in said if label in methods] == own  # in the config's order


@every_figure
@every_size
def test_all_words_lie_in_the_figure_and_none_on_another(name, size):
    figure = draw(name, size)
    written = texts(figure)
    boxes = np.array([text.get_window_extent().extents for text in written])
    low, high = boxes[:, :2], boxes[:, 2:]
    outside = (low < -1).any(axis=1) | (high > np.array(figure.bbox.size) + 1).any(axis=1)
    assert not [text.get_text() for text, out in zip(written, outside, strict=True) if out]
    shared = np.minimum(high[:, None], high) - np.maximum(low[:, None], low)
    close = (shared > [-2, 1]).all(axis=2)  # pixels: words of a line want a gap
    onto = np.argwhere(np.triu(close, 1))
    assert not [(written[a].get_text(), written[b].get_text()) for a, b in onto]


@every_figure
@every_size
def test_no_marker_is_cut_off_at_the_side_of_its_panel(name, size):
    for axes in panels_of(draw(name, size)):
        left, _, right, _ = axes.bbox.extents
        for line in axes.get_lines():
            points = line.get_xydata()
            points = points[np.isfinite(points).all(axis=1)]
            is_cut = line.get_marker() not in ("None", "", None) and line.get_clip_on()
            if is_cut and len(points):
                x, _ = axes.transData.transform(points).T  # pixels
                assert left + 3 < x.min() <= x.max() < right - 3


@every_figure
@pytest.mark.parametrize("size", ["one pair", "the paper"])
def test_letters_have_the_size_of_print(name, size):
    assert min(text.get_fontsize() for text in texts(draw(name, size))) >= 6


LINES = {  # figure: table, column, factor, what has a line of its own
    "pie_share": ("pies", "pie_share", 100, "method"),
    "score_by_level": ("scores", "score", 1, "method"),
    "tokens_of_pies": ("complexity", "mean_pies", 1, "method"),
    "paper_comparison": ("paper_comparison", "difference_in_std", 1, "method"),
}


@pytest.mark.parametrize("name", LINES)
def test_a_line_is_a_method_s_mean_at_each_sparsity(name):
    kind, column, factor, key = LINES[name]
    rows = cells(kind, "imdb", "minilm")
    if name == "tokens_of_pies":
        rows = rows[rows["measure"] == "tokens"]
    lines = {line.get_label(): line for line in panel(draw(name), "imdb, minilm").get_lines()}
    for method, own in rows.groupby(key):
        expected = factor * own.groupby("level")[column].mean()
        np.testing.assert_allclose(lines[method].get_ydata(), expected)


@pytest.mark.parametrize(
    ("name", "column", "factor"),
    [("influence_pies", "pie_share", 100), ("influence_loss", "loss_change", 1)],
)
def test_a_line_of_bins_is_the_mean_over_methods_without_the_control(name, column, factor):
    lines = {line.get_label(): line for line in panel(draw(name), "imdb, minilm").get_lines()}
    for level, rows in working(cells("influence_bins", "imdb", "minilm")).groupby("level"):
        expected = factor * rows.groupby("bin")[column].mean()
        np.testing.assert_allclose(lines[f"{level:g}"].get_ydata(), expected)


def test_the_most_influential_are_drawn_by_method_with_interval_and_chance():
    figure, rows = draw("influence_top"), cells("influence_top", "imdb", "minilm")
    second = [one for one in panels_of(figure) if one.get_subplotspec().rowspan.start == 1]
    for axes in second:
        own = rows[rows["method"] == method_of(axes)]
        lines = {line.get_label(): line for line in axes.get_lines()}
        *intervals, matched, chance = (drawn.get_segments() for drawn in axes.collections)
        for (percent, top), segments in zip(own.groupby("top_percent"), intervals, strict=True):
            marks, segments = lines[f"top {percent:g} % by EL2N"], np.array(segments)
            np.testing.assert_allclose(marks.get_ydata(), 100 * top["pie_share"])
            ends = 100 * top[["pie_share_low", "pie_share_high"]]
            np.testing.assert_allclose(segments[:, :, 1], ends)
            np.testing.assert_allclose(segments[:, 0, 0], marks.get_xdata())  # its own interval
        heights = [part[0, 1] for part in matched if np.isfinite(part).all()]
        np.testing.assert_allclose(heights, 100 * own["chance_matched"].dropna())
        expected = 100 * own.groupby("level")["chance"].first()
        np.testing.assert_allclose([part[0, 1] for part in chance], expected)


@pytest.mark.slow
def test_classes_are_drawn_by_frequency_as_means_over_methods():
    rows = working(cells("classes", "aapd", "bert", "the paper"))
    dots = {
        dot.get_label(): np.asarray(dot.get_offsets())
        for dot in panel(draw("class_pie_rate", "the paper"), "aapd, bert").collections
    }
    for level, own in rows.groupby("level"):
        means = own.groupby("train_examples")["pie_rate"].mean()
        np.testing.assert_allclose(dots[f"{level:g}"], np.column_stack([means.index, 100 * means]))
    axes = panel(draw("class_score", "the paper"), "aapd, bert")
    drawn = axes.collections[0].get_array()
    means = rows.groupby(["train_examples", "level"])["score_compressed"].mean().unstack()
    assert drawn.shape == (CLASSES["aapd"], 6)
    np.testing.assert_allclose(drawn[:, 0], 0.8)  # baseline
    np.testing.assert_allclose(drawn[:, 1:], means[::-1])  # frequent classes first


def test_flips_stack_up_to_the_share_of_pies():
    figure, rows = draw("flips"), cells("pies", "imdb", "minilm")
    second = [one for one in panels_of(figure) if one.get_subplotspec().rowspan.start == 1]
    for axes in second:
        own = rows[rows["method"] == method_of(axes)]
        tops = {}
        for bar in axes.patches:
            place = round(bar.get_x() + bar.get_width() / 2)
            tops[place] = max(tops.get(place, 0), bar.get_y() + bar.get_height())
        np.testing.assert_allclose([tops[place] for place in sorted(tops)], 100 * own["pie_share"])


def test_a_kind_of_flip_that_there_is_none_of_is_not_in_the_legend():
    pies = tables("one pair")[1]["pies"].assign(both_wrong=0)
    (legend,) = draw_changed("flips", {"pies": pies}, "one pair").legends
    said = [text.get_text() for text in legend.get_texts()]
    assert said[:2] == ["positive", "negative"]
    assert "both wrong" not in said


@pytest.mark.parametrize(
    ("seeds", "tiers"),
    [(3, ["unclear"]), (5, ["probably", "unclear"]), (6, ["yes", "probably", "unclear"])],
)
def test_a_tier_that_so_few_seeds_cannot_reach_is_not_drawn(seeds, tiers):
    methods, made = tables("one pair")
    pies = made["pies"].query("primary").assign(replicates=seeds)
    (legend,) = stacks.tiers(pies, methods).legends
    assert [text.get_text() for text in legend.get_texts()] == [*tiers, "collapsed"]


@pytest.mark.parametrize(("numbers", "drawn"), [([2, 3, 4, 5], [3, 5]), ([2], [2])])
def test_curves_of_seeds_have_odd_numbers_only_which_make_no_ties(numbers, drawn):
    made = tables("one pair")[1]
    cell = made["seeds"].iloc[[0]].drop(columns="seeds")
    figure = certainty.seed_curve(
        cell.merge(pd.DataFrame({"seeds": numbers}), "cross"), made["pies"]
    )
    assert figure.axes[0].get_lines()[0].get_xdata().tolist() == drawn


def test_slopes_go_from_the_baseline_s_score_to_the_method_s_with_intervals_on_pies():
    axes = panels_of(draw("score_on_pies"))[1]
    rows = cells("pies", "imdb", "bilstm")
    own = rows[rows["method"] == method_of(axes)]
    slopes = [line for line in axes.get_lines() if len(line.get_xdata()) and line.get_ls() == "-"]
    intervals = [np.array(part.get_segments())[:, :, 1] for part in axes.collections]
    for cell, on_all, on_pies, ends in zip(
        own.to_dict("records"), slopes[::2], slopes[1::2], intervals, strict=True
    ):
        sides = ("score_baseline", "score_compressed")
        np.testing.assert_allclose(on_all.get_ydata(), [cell[side] for side in sides])
        sides = [f"{side}_on_pies" for side in sides]
        np.testing.assert_allclose(on_pies.get_ydata(), [cell[side] for side in sides])
        np.testing.assert_allclose(
            ends, [[cell[f"{side}_{end}"] for end in ("low", "high")] for side in sides]
        )


def test_boxes_have_the_median_of_pies_left_of_that_of_the_others():
    rows = working(cells("complexity", "imdb", "bilstm"))
    rows = rows[rows["measure"] == "tokens"]
    axes = panels_of(draw("complexity_of_pies"))[0]
    medians = [line for line in axes.get_lines() if line.get_color() == "black"]
    drawn = {}
    for line in medians:
        x, y = line.get_data()
        if y[0] == y[1] and np.ptp(x) > 0.3:
            drawn[round(float(np.mean(x)), 1)] = y[0]
    means = rows.groupby("level")[["median_pies", "median_others"]].mean()
    assert list(drawn) == [-0.2, 0.8, 1.8, 0.2, 1.2, 2.2]
    np.testing.assert_allclose(list(drawn.values()), means.to_numpy().T.ravel())


def test_crosses_say_how_often_two_draws_disagree_where_there_are_draws():
    table = tables("two pairs")[1]["agreement"]
    drawn = table.assign(churn_draws=(table["churn_same_seed"] / 2).where(table["level"] == 90))
    figure = draw_changed("agreement", {"agreement": drawn})
    axes = panels_of(figure)[0]
    rows = drawn.dropna(subset="churn_draws")
    first = (rows[["dataset", "model"]] == rows[["dataset", "model"]].iloc[0]).all(axis=1)
    rows = rows[first & rows["primary"]].set_index("method")
    crosses = [line for line in axes.get_lines() if line.get_marker() == "x"]
    assert [line.get_label() for line in crosses] == [f"{name} (two draws)" for name in rows.index]
    found = [line.get_xydata().tolist() for line in crosses]
    assert found == [[[1, pytest.approx(100 * churn)]] for churn in rows["churn_draws"]]


def test_methods_of_the_same_size_stand_side_by_side_around_it():
    table = tables("one pair")[1]["frontier"].assign(size_share=0.5)
    axes = panels_of(draw_changed("frontier", {"frontier": table}, "one pair"))[0]
    lines = [line for line in axes.get_lines() if line.get_label() in set(table["method"])]
    places = np.sort(np.concatenate([line.get_xdata() for line in lines]))
    assert len(places) == len(table)
    assert (np.diff(places) > 1).all()
    assert places.mean() == pytest.approx(50)


def test_a_fallback_is_drawn_of_the_level_with_most_flips_that_loses_little_score():
    table = tables("one pair")[1]["fallback"]
    lost = table["level"].map({50.0: 0.01, 90.0: 0.04, 99.0: 0.2}) * (table["share"] == 0)
    table = table.assign(score=0.9 - lost, collapsed=False)
    figure = draw_changed("fallback", {"fallback": table}, "one pair")
    left, right = panels_of(figure)
    assert left.get_title() == "imdb, bilstm: 90\u00a0%"
    line = next(line for line in left.get_lines() if line.get_label() == "imp-ft")
    own = table.query("method == 'imp-ft' and level == 90 and baseline == 'dense'")
    own = own[own["sent"] <= 0.5]
    np.testing.assert_allclose(line.get_xydata(), 100 * own[["sent", "flips_left"]])
    assert right.get_title().startswith("both models stored: 1.18")


CELLS = [  # figures of cells, and of means over them: made-up BiLSTMs at 99 % have all collapsed
    *("score_by_level", "agreement", "paper_comparison", "pie_share", "score_on_pies"),
    *("flips", "pie_overlap", "noise_floor", "excess", "tiers", "seed_curve", "class_score"),
    *("class_pie_rate", "class_distribution", "influence_pies", "influence_loss"),
    *("influence_loss_ratio", "influence_top", "complexity_of_pies", "tokens_of_pies"),
]


@pytest.mark.parametrize("name", CELLS)
def test_collapsed_cells_are_named_in_every_figure_that_shows_cells_and_only_if_any(name):
    made = tables("one pair")[1].items()
    alive = {kind: one.assign(collapsed=False) for kind, one in made if "collapsed" in one}
    for shown, named in ((draw(name, "one pair"), 1), (draw_changed(name, alive, "one pair"), 0)):
        said = [text.get_text() for legend in shown.legends for text in legend.get_texts()]
        assert said.count("collapsed") == named
        assert not named or said[-1] == "collapsed"


@pytest.mark.parametrize(
    ("name", "column"), [("pie_share", "pie_share"), ("agreement", "churn_same_seed")]
)
def test_the_markers_of_collapsed_cells_alone_are_hollow(name, column):
    axes = panels_of(draw(name))[{"pie_share": 1, "agreement": len(scores.AGREEMENT)}[name]]
    rows = cells("pies" if name == "pie_share" else name, "imdb", "minilm")
    heights = 100 * rows.loc[rows["collapsed"], column]
    np.testing.assert_allclose(of_collapsed(axes), [[2, height] for height in heights])


def test_a_level_at_which_no_cell_works_is_hollow_and_a_mean_of_those_that_work_is_filled():
    figure = draw("influence_pies")
    hollow = of_collapsed(panel(figure, "imdb, bilstm"))
    rows = cells("influence_bins", "imdb", "bilstm").query("level == 99")
    np.testing.assert_allclose(hollow[:, 1], 100 * rows.groupby("bin")["pie_share"].mean())
    assert not len(of_collapsed(panel(figure, "imdb, minilm")))


def test_bars_of_collapsed_cells_are_hatched():
    for axes in panels_of(draw("flips")):
        model = "bilstm" if axes.get_subplotspec().rowspan.start == 0 else "minilm"
        for bar in axes.patches:
            is_last = round(bar.get_x() + bar.get_width() / 2) == 2
            collapsed = is_last and (model == "bilstm" or method_of(axes) == "imp-wr")
            assert bool(bar.get_hatch()) == collapsed
    (legend,) = draw("flips").legends
    said = [text.get_text() for text in legend.get_texts()]
    patches = dict(zip(said, legend.legend_handles, strict=True))
    hatched = [bool(patches[part].get_hatch()) for part in ("positive", "negative", "collapsed")]
    assert hatched == [False, False, True]


def test_effects_of_a_pair_are_of_its_cells_that_work_and_hollow_if_none_does():
    rows = cells("complexity", "imdb", "minilm").query("measure == 'tokens'")
    expected = rows.loc[~rows["collapsed"], "cliffs_delta"].mean()
    lines = {
        line.get_label(): line for line in panel(draw("complexity_effects"), "imdb, minilm").lines
    }
    drawn = lines["against all other examples (mean over cells)"].get_xdata()
    assert drawn[0] == pytest.approx(expected)
    dead = tables("one pair")[1]["complexity"].assign(collapsed=True)
    (axes,) = panels_of(draw_changed("complexity_effects", {"complexity": dead}, "one pair"))
    assert len(of_collapsed(axes)) == 2 * len(COMPLEXITY)


def test_persistence_of_a_pair_without_a_working_cell_is_hatched():
    rows = tables("one pair")[1]["persistence"].assign(without_collapsed=False)
    figure = draw_changed("persistence", {"persistence": rows})
    assert all(bar.get_hatch() for bar in panels_of(figure)[0].patches)


@pytest.mark.parametrize(("name", "column"), [("noise_floor", "half_pies"), ("excess", "excess")])
def test_both_comparisons_of_a_cell_are_drawn_and_that_with_dense_is_paler(name, column):
    rows = tables("two pairs")[1]["pies"]
    own = rows[(rows["model"] == "minilm") & (rows["method"] == "imp-ft")]
    colour = style.method_colours(tables("two pairs")[0], "colorblind")["imp-ft"]
    drawn = {}
    for line in panel(draw(name), "imdb, minilm").get_lines():
        for y in line.get_ydata() if line.get_marker() == "o" else ():
            drawn.setdefault(round(float(y), 6), to_rgb(line.get_color()))
    for row in own.itertuples():
        shade = drawn[round(100 * getattr(row, column) / row.examples, 6)]
        paler = tuple(1 - certainty.PALE * (1 - part) for part in colour)
        assert shade == pytest.approx(colour if row.primary else paler)


def test_the_noise_floor_is_drawn_of_each_baseline():
    lines = {line.get_label(): line for line in panel(draw("noise_floor"), "imdb, bilstm").lines}
    floors = [lines[panels.FLOOR.format(name)].get_ydata()[0] for name in ("dense", "control")]
    assert floors == pytest.approx([20, 15])


@pytest.mark.slow
def test_a_column_of_a_method_says_what_it_is_compared_with_where_methods_differ_in_it():
    titles = {axes.get_title() for axes in panels_of(draw("flips", "the paper"))}
    assert {"imp-ft\nagainst control", "rp-ai\nagainst dense"} <= titles
    methods, made = tables("one pair")
    pies = made["pies"].query("baseline == 'dense'").assign(primary=True)
    axes = draw_changed("flips", {"pies": pies}, "one pair").axes
    assert [one.get_title() for one in axes] == methods[:-1]


def test_tables_are_read_of_the_test_split_and_without_collapsed_cells_if_any_work(tmp_path):
    table = pd.DataFrame(
        {
            "dataset": "imdb",
            "model": ["a", "a", "b", "a"],
            "split": ["test"] * 3 + ["train"],
            "without_collapsed": [False, True, False, True],
        }
    )
    table.to_csv(tmp_path / "table.csv", index=False)
    assert drawing.read_table(tmp_path / "table.csv").index.tolist() == [1, 2]


def test_a_method_has_the_same_colour_in_every_figure_and_dense_is_black():
    colours = style.method_colours(tables("two pairs")[0], "colorblind")
    for name in BY_METHOD:
        for line in panel(draw(name), "imdb, bilstm").get_lines():
            expected = colours.get(line.get_label())
            assert expected is None or line.get_color() == expected
            assert line.get_label() != "dense" or to_rgb(line.get_color()) == (0, 0, 0)


def test_a_figure_of_the_same_content_is_the_same_file(tmp_path):
    paths = [tmp_path / f"{name}.{suffix}" for name in "ab" for suffix in ("svg", "pdf", "png")]
    for name in "ab":
        with style.style():
            figure = scores.pie_share(
                tables("one pair")[1]["pies"], {"imp-ft": "C0", "imp-wr": "C1", "control": "C2"}
            )
            style.save(figure, [path for path in paths if path.stem == name], 50)
    for one, other in zip(paths[:3], paths[3:], strict=True):
        assert one.read_bytes() == other.read_bytes()


def test_layers_on_the_map_have_names_of_their_own_and_the_best_is_at_the_top():
    layer = "encoder.encoder.layer.0"
    layers = [f"{layer}.attention.output.dense", f"{layer}.output.dense"]
    rows = [
        {"layer": name, "flip": flip, "lightened": value}
        for name, value in zip(layers, (1.0, 0.0), strict=True)
        for flip in range(3)
    ]
    cell = {"dataset": "d", "model": "m", "method": "int4", "level": 4.0}
    axes = panels_of(draw_changed("layer_map", {"layer_map": pd.DataFrame(rows).assign(**cell)}))[0]
    said = [tick.get_text() for tick in axes.get_yticklabels()]
    assert said == ["layer.0.attention.output.dense", "layer.0.output.dense"]
    assert axes.yaxis_inverted()
    assert axes.collections[0].get_array().tolist() == [[1, 1, 1], [0, 0, 0]]


def test_a_panel_of_tasks_has_groups_first_and_then_those_that_lose_most():
    rows = [("group", "g", -0.1, "higher"), ("task", "gains", 0.2, "higher")]
    rows += [("task", "worse", 0.3, "lower"), ("task", "loses", -0.2, "higher")]
    table = pd.DataFrame(rows, columns=["kind", "task", "change", "better"])
    table = table.assign(dataset="d", model="m", method="int4", level=4.0, metric="acc", q=0.5)
    table = table.assign(change_low=table["change"] - 0.1, change_high=table["change"] + 0.1)
    figure = draw_changed("tasks", {"tasks": table})
    (own,) = panels_of(figure)
    said = [label.get_text() for label in own.get_yticklabels()]
    assert said == ["g", "worse (less is better)", "loses", "gains"]


def test_tasks_that_are_a_dataset_each_have_one_panel():
    tasks = ["a", "b"]
    table = pd.DataFrame({"dataset": tasks, "task": tasks, "change": [0.1, 0.0], "kind": "task"})
    table = table.assign(model="m", method="int4", level=4.0, metric="acc", q=0.5, better="higher")
    table = table.assign(change_low=-0.1, change_high=0.2)
    assert len(panels_of(draw_changed("tasks", {"tasks": table}))) == 1
