"""What the first screen's table says of each cell, and against what."""

import pandas as pd
import pytest

from helpers.judged_cells import (
    AT_ONCE,
    CLASS,
    CONTROL,
    DENSE,
    FEW,
    NOT_MORE,
    PERHAPS,
    SURELY,
    cells,
    row,
)
from pielab.analysis.cell_tables import with_levels
from pielab.pages.cells import judged, of_members, shown, signed


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (SURELY, "yes"),
        (PERHAPS, "probably"),
        (NOT_MORE, "no"),
        ({}, "unclear"),
        ({"q": 0.01}, "unclear"),
        (SURELY | {"seeds": 5}, "too few seeds"),
        (FEW, "too few seeds"),
        (SURELY | {"collapsed": True}, "collapsed"),
    ],
)
def test_how_sure_a_cell_is_follows_interval_and_test(change, words):
    assert cells(change)["sure"].tolist() == [words]


def test_a_comparison_says_whether_its_baseline_trained_as_long():
    table = cells({}, DENSE, AT_ONCE, CONTROL)
    words = ["control, as long", "dense, less long", "dense, as long", "dense, less long"]
    assert table["against"].tolist() == words


def test_a_cell_s_comparisons_stand_together_the_primary_one_first_and_controls_last():
    (pair,) = shown(cells(CONTROL, DENSE, {}, AT_ONCE | SURELY))
    assert [cell["name"] for cell in pair["cells"]] == [
        *("imp-ft at 90 %", "ibp-ai at 90 %", "control (not compressed)")
    ]
    first = pair["cells"][0]["rows"]
    assert [row["primary"] for row in first] == [True, False]
    assert (
        pair["finding"] == "of 2 compressed versions, more changed than by seeds: 1 yes, 1 unclear"
    )


def test_a_row_has_shares_of_the_texts_with_signs_and_yardsticks():
    (pair,) = shown(cells(SURELY))
    (row,) = pair["cells"][0]["rows"]
    assert (row["score"], row["change"]) == ("80.0 %", "−10.0")
    assert (row["excess"], row["interval"]) == ("+15.0 %", "+10.0 to +20.0")
    assert (row["negative"], row["negative_share"], row["positive"]) == ("30", "7.5 %", "8")
    assert (row["churn"], row["churn_of_seeds"]) == ("12.0 %", "10.0 %")
    assert (row["worst"], row["worst_texts"], row["by_chance"]) == (
        "negative 87 → 67",
        "200",
        False,
    )


def test_what_is_not_known_is_a_dash_and_no_class_is_named_where_none_falls():
    (pair,) = shown(cells(FEW, falls=-0.01))
    (row,) = pair["cells"][0]["rows"]
    assert (row["interval"], row["worst"]) == ("", "")
    assert signed(float("nan")) == "–"


def test_small_falls_show_their_difference_and_may_be_called_chance():
    pies = pd.DataFrame([row()])
    keys = pies[["dataset", "model", "method", "level", "baseline"]]
    classes = pd.concat(
        [
            keys.assign(**CLASS | {"class": name, "q": 0.3}, score_baseline=0.9)
            for name in ("up", "down")
        ]
    ).assign(score_compressed=[0.95, 0.898])
    agreement = keys.assign(churn_same_seed=0.1, churn_baseline=0.1)
    ((pair),) = shown(judged(pies, agreement, classes, []))
    (own,) = pair["cells"][0]["rows"]
    assert (own["worst"], own["by_chance"]) == ("down 90.0 → 89.8", True)


@pytest.mark.parametrize(("share", "words"), [(0.0004, "0.0"), (-0.0004, "0.0"), (-0.01, "−1.0")])
def test_a_sign_stands_before_what_does_not_round_to_nothing(share, words):
    assert signed(share) == words


def test_many_cells_are_closed_a_pair_at_a_time_few_are_open():
    many = [{"level": float(level), "model": model} for level in range(1, 30) for model in "ab"]
    assert [pair["open"] for pair in shown(cells(*many))] == [False, False]
    assert [pair["open"] for pair in shown(cells({}, {"model": "b"}))] == [True, True]


def test_a_level_is_said_with_its_unit_and_nothing_uncompressed_has_one():
    bits = {"method": "int8", "level": 8.0, "level_text": "8 bits", "baseline": "dense"}
    (pair,) = shown(cells(bits, CONTROL))
    names = [cell["name"] for cell in pair["cells"]]
    assert names == ["int8 at 8 bits", "control (not compressed)"]


def test_luck_is_that_of_seeds_however_many_draws_each_has():
    few = {"seeds": 15, "units": 3, "members": "seed and draw"} | SURELY
    assert cells(few)["sure"].tolist() == ["too few seeds"]
    assert cells(few | {"units": 15, "members": "draw"})["sure"].tolist() == ["yes"]


def test_other_tables_of_cells_take_their_levels_from_the_table_of_pies():
    pies = pd.DataFrame([row(), row(method="int8", level=8.0, level_text="8 bits")])
    table = pd.DataFrame({"method": ["int8", "imp-ft", "dense"], "level": [8.0, 90.0, 0.0]})
    assert with_levels(table, pies)["level_text"].tolist()[:2] == ["8 bits", "90 %"]
    assert len(with_levels(table, pies)) == 3


def test_what_is_said_of_seeds_is_said_of_reruns():
    said = {"finding": "more than other random seeds would", "rows": ["6 seeds", 3, None]}
    assert of_members(said, "rerun") == {
        "finding": "more than other reruns would",
        "rows": ["6 reruns", 3, None],
    }
    kept = "luck is that of draws, and says nothing of other seeds."
    assert of_members(kept, "draw") == kept
    assert of_members(said, "seed") is said
