"""What all figures share: colours that paper shows, n said once, sparsity without hue."""

import numpy as np
import pandas as pd
import pytest
from matplotlib.colors import to_rgb

from helpers.drawn_figures import draw, tables
from pielab.figures import counts, panels, style
from pielab.figures.catalogue import APPENDIX, COUNTS, FIGURES, RULES, drawn_by, tables_of
from pielab.pages.exhibits import caption

BY_LEVEL = ("seed_curve", "influence_pies", "influence_loss", "influence_loss_ratio")


def test_the_contrast_of_a_colour_with_white_is_that_of_the_standard():
    assert style.contrast("white") == pytest.approx(1)
    assert style.contrast("black") == pytest.approx(21)
    assert style.contrast("#777777") == pytest.approx(4.48, abs=0.01)  # WCAG's known example


def test_a_dark_colour_stays_and_a_pale_one_is_darkened_as_little_as_need_be():
    assert style.darkened("#0173b2") == to_rgb("#0173b2")
    darker = style.darkened("#de8f05")
    assert 3 <= style.contrast(darker) < 3.3
    ratios = np.array(darker) / to_rgb("#de8f05")
    np.testing.assert_allclose(ratios, ratios[0])  # the same hue


@pytest.mark.parametrize("palette", ["colorblind", "deep", "tab10", "Set2"])
@pytest.mark.parametrize("number", [3, 9, 14])
def test_methods_have_colours_of_their_own_that_paper_shows(palette, number):
    colours = style.method_colours([f"method {index}" for index in range(number)], palette)
    assert len(set(colours.values())) == number
    assert min(map(style.contrast, colours.values())) >= 3


def test_sparsities_have_colours_that_paper_shows_darker_the_higher():
    contrasts = [style.contrast(one) for one in style.level_colours([20, 50, 70, 90, 99]).values()]
    assert contrasts == sorted(contrasts)
    assert contrasts[0] >= 3


@pytest.mark.parametrize("name", BY_LEVEL)
def test_sparsities_are_told_apart_without_hue(name):
    for axes in draw(name, "shipped").axes:
        lines = [line for line in axes.get_lines() if line.get_label() in ("50", "90", "99")]
        assert len({line.get_marker() for line in lines}) == len(lines) == 3


@pytest.mark.parametrize("name", FIGURES)
@pytest.mark.parametrize("size", ["shipped"])
def test_how_many_examples_and_seeds_there_are_is_said_once(name, size):
    examples = "2,000 training" if FIGURES[name].split == "train" else "1,000 test"
    assert draw(name, size).get_suptitle() == f"n: {examples} examples, 30 seeds"


def test_numbers_that_differ_are_said_by_data_set_and_model():
    pies = tables("two pairs")[1]["pies"]
    more = pies.assign(dataset="snli", examples=9824, replicates=30)
    more.loc[more["model"] == "bilstm", "replicates"] = 9
    both = {"pies": pd.concat([pies[pies["model"] == "bilstm"].assign(replicates=6), more])}
    expected = "n: 1,000 (imdb), 9,824 (snli) test examples, 6 to 9 (bilstm), 30 (minilm) seeds"
    assert counts.note(both, "test") == expected


def test_one_seed_is_a_seed():
    one = {"pies": tables("one pair")[1]["pies"].assign(replicates=1)}
    assert counts.note(one, "test") == "n: 1,000 test examples, 1 seed"


def test_draws_of_one_model_are_not_called_seeds():
    drawn = tables("one pair")[1]["pies"].assign(replicates=10, differ_by="draw")
    assert counts.note({"pies": drawn}, "test") == "n: 1,000 test examples, 10 draws"


def test_every_job_that_draws_reads_how_many_there_are():
    for rule in RULES:
        assert set(COUNTS) <= set(tables_of(drawn_by(rule).values()))


def test_what_repeats_another_figure_comes_last_and_says_which_it_repeats():
    categories = dict.fromkeys(entry.category for entry in FIGURES.values())  # as pages do
    assert list(categories)[-1] == APPENDIX
    for name, entry in FIGURES.items():
        with open(f"workflow/report/{name}.rst", encoding="utf-8") as file:
            words = " ".join(caption(file.read(), {}).split())
        assert ("In the appendix because" in words) == (entry.category == APPENDIX), name


def test_the_noise_floor_is_drawn_in_the_shares_of_pies_and_of_flips():
    floor = {"dense": 20, "control": 15}
    for name in ("pie_share", "flips"):
        for axes in draw(name, "shipped").axes:
            drawn = {
                line.get_label(): line.get_ydata()[0]
                for line in axes.get_lines()
                if len(line.get_ydata())
            }
            found = {one: drawn.get(panels.FLOOR.format(one)) for one in floor}
            shown = {one: height for one, height in found.items() if height is not None}
            assert shown
            assert shown == pytest.approx({one: floor[one] for one in shown})


@pytest.mark.parametrize("name", ["score_by_level", "score_on_pies"])
def test_the_score_of_a_constant_answer_is_in_every_panel_of_scores(name):
    for axes in draw(name, "shipped").axes:
        (line,) = (one for one in axes.get_lines() if one.get_label() == "best constant answer")
        assert set(line.get_ydata()) == {0.4}


@pytest.mark.parametrize("name", FIGURES)
@pytest.mark.parametrize("size", ["two pairs", "shipped"])
def test_nothing_drawn_lies_above_or_below_its_panel(name, size):
    for axes in draw(name, size).axes:
        low, high = sorted(axes.get_ylim())
        lines = [line for line in axes.get_lines() if line.get_transform() == axes.transData]
        heights = np.concatenate([[high], *(np.asarray(line.get_ydata(), float) for line in lines)])
        tops = [bar.get_y() + bar.get_height() for drawn in axes.containers for bar in drawn]
        heights = np.append(heights[np.isfinite(heights)], tops)
        assert low - 1e-9 <= heights.min() <= heights.max() <= high + 1e-9


def test_panels_that_are_to_be_compared_have_one_axis():
    assert len({axes.get_ylim() for axes in draw("persistence", "shipped").axes}) == 1
    columns = {}
    for axes in draw("agreement").axes:
        columns.setdefault(axes.get_subplotspec().colspan.start, set()).add(axes.get_ylim())
    assert [len(limits) for limits in columns.values()] == [1] * 4
