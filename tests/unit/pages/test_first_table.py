"""The table of the first screen: a row a version, the control apart, numbers that have words."""

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
from pielab.pages.cells import judged
from pielab.pages.first_table import shown


def test_a_version_has_one_row_against_its_primary_baseline_and_the_control_stands_apart():
    (pair,) = shown(cells(CONTROL, DENSE, {}, AT_ONCE | SURELY))
    assert [(row["name"], row["against"]) for row in pair["rows"]] == [
        ("imp-ft at 90 %", "control"),
        ("ibp-ai at 90 %", "dense"),
    ]
    assert [row["name"] for row in pair["controls"]] == ["control (not compressed)"]
    assert [row["primary"] for row in pair["all_rows"]].count(False) == 1
    assert len(pair["all_rows"]) == 4


def test_a_pair_says_how_many_texts_and_models_and_how_many_versions_change_more():
    (pair,) = shown(
        cells({}, AT_ONCE | SURELY, {"level": 50.0} | PERHAPS, {"level": 20} | NOT_MORE)
    )
    assert pair["size"] == "400 texts, 9 seeds"
    assert pair["finding"] == (
        "4 compressed versions; more changes than by retraining: 1 yes, 1 probably, 1 unclear, 1 no"
    )
    (one,) = shown(cells(FEW | {"seeds": 1}))
    assert one["size"] == "400 texts, one model of each version"
    (mixed,) = shown(cells({}, {"seeds": 1}, AT_ONCE))
    assert mixed["size"] == "400 texts, up to 9 seeds"


def test_the_changed_answers_of_a_row_add_up():
    (pair,) = shown(cells(SURELY))
    (row,) = pair["rows"]
    parts = [int(row[name]) for name in ("negative", "positive", "other")]
    assert (row["changed"], parts) == ("40", [30, 8, 2])
    assert sum(parts) == 40


def test_a_row_has_shares_of_the_texts_with_signs():
    (pair,) = shown(cells(SURELY))
    (row,) = pair["rows"]
    assert (row["score"], row["change"]) == ("80.0 %", "−10.0")
    assert (row["excess"], row["interval"]) == ("+15.0 %", "+10.0 to +20.0")
    assert (row["churn"], row["churn_of_seeds"]) == ("12.0 %", "10.0 %")
    assert (row["worst"], row["worst_change"]) == ("negative", "87 → 67 %")
    assert (row["worst_texts"], row["by_chance"]) == ("200", False)


def test_what_is_not_known_is_left_out_and_no_class_is_named_where_none_falls():
    (pair,) = shown(cells(FEW, falls=-0.01))
    (row,) = pair["rows"]
    assert (row["interval"], row["worst"], row["worst_change"]) == ("", "", "")


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
    (own,) = pair["rows"]
    assert (own["worst_change"], own["by_chance"]) == ("90.0 → 89.8 %", True)


def test_a_row_has_the_verdict_of_the_gate_on_its_own_comparison():
    verdicts = {("films", "bert", "imp-ft", 90.0, "control"): "BLOCK"}
    (pair,) = shown(cells({}, AT_ONCE), verdicts)
    assert [row["verdict"] for row in pair["rows"]] == ["BLOCK", ""]


@pytest.mark.parametrize(("levels", "is_open"), [(31, False), (15, True)])
def test_many_versions_are_closed_a_pair_at_a_time_few_are_open(levels, is_open):
    many = [{"level": float(one), "model": model} for one in range(1, levels) for model in "ab"]
    assert [pair["open"] for pair in shown(cells(*many))] == [is_open, is_open]


def test_a_level_is_said_with_its_unit_and_nothing_uncompressed_has_one():
    bits = {"method": "int8", "level": 8.0, "level_text": "8 bits", "baseline": "dense"}
    (pair,) = shown(cells(bits, CONTROL))
    names = [row["name"] for row in pair["all_rows"]]
    assert names == ["int8 at 8 bits", "control (not compressed)"]
