"""Verdicts from intervals: of a rule, of the worst of classes or slices, and of a version."""

import math
from dataclasses import replace

import numpy as np
import pytest

from helpers.cells import cell_of
from helpers.gate import bound_rows, slice_rows
from pielab.analysis.harm import harm_table
from pielab.gate.verdicts import (
    BLOCK,
    INCONCLUSIVE,
    PASS,
    WARN,
    decide,
    judge_all,
    judge_rule,
    worst,
)
from pielab.gate.versions import SliceTables, judge
from pielab.measures.collapse import collapse_row
from pielab.stats.harm import Harm, harm_interval

LIMITS = {"block": 5.0, "warn": 3.0}
RULES = {
    "negative_flips": {"block": 1.0, "warn": 0.5},
    "score": {"block": 2.0, "warn": 1.0},
    "worst_class": LIMITS,
    "worst_slice": {"block": 10.0, "warn": 5.0},
    "calibration": LIMITS,
}


@pytest.mark.parametrize(
    ("low", "high", "verdict"),
    [
        *((5.1, 9, BLOCK), (-2, 3, PASS), (-2, 3.1, WARN), (3.5, 5, WARN), (4, 6, INCONCLUSIVE)),
        *((-9, 9, INCONCLUSIVE), (5, 5, WARN), (5, 5.1, INCONCLUSIVE), (3, 3, PASS)),
        *((math.nan, math.nan, INCONCLUSIVE), (math.nan, 1, INCONCLUSIVE)),
    ],
)
def test_a_verdict_follows_from_where_the_interval_lies(low, high, verdict):
    assert decide(low, high, LIMITS) == verdict


def test_the_worst_verdict_is_a_block_then_what_cannot_be_told_yet():
    assert worst([PASS, WARN]) == WARN
    assert worst([INCONCLUSIVE, WARN, PASS]) == INCONCLUSIVE
    assert worst([INCONCLUSIVE, BLOCK, WARN]) == BLOCK


def harm(percent, error, examples=10_000):
    """Return a harm in percent with its standard error, of so many examples that these count."""
    return Harm(percent / 100, (error / 100) ** 2, 0.0, examples, 9)


def test_the_worst_class_is_judged_by_intervals_that_hold_at_once():
    # Alone 7 +- 1.96 x 0.9 lies above 5; as the worst of 20 classes it is 7 +- 3.02 x 0.9
    alone = judge_rule("worst_class", [("a", harm(7, 0.9))], LIMITS, 0.95)
    assert alone.verdict == BLOCK
    many = [("a", harm(7, 0.9)), *((f"c{index}", harm(0, 0.5)) for index in range(19))]
    found = judge_rule("worst_class", many, LIMITS, 0.95)
    assert (found.verdict, found.where) == (INCONCLUSIVE, "a")
    assert found.high - found.low == pytest.approx(2 * 3.023 * 0.9, rel=0.02)


def test_a_rare_class_that_may_lose_much_keeps_the_others_from_passing():
    rare = Harm(0.0, 0.0, 0.0, 6, 9)  # six texts, none lost: up to a third might be
    common = ("common", harm(0, 0.3))
    assert judge_rule("worst_class", [common], LIMITS, 0.95).verdict == PASS
    found = judge_rule("worst_class", [common, ("rare", rare)], LIMITS, 0.95)
    assert (found.verdict, found.open.where) == (INCONCLUSIVE, "rare")
    assert 60 < found.needs.examples < 1000


def test_the_class_with_the_largest_drop_is_shown_beside_the_one_that_is_open():
    # Frequent a loses 4 points for sure; of rare b, which gains, it is not known yet
    frequent, rare = Harm(0.04, 0.003**2, 0.0, 4000, 1), Harm(-0.02, 0.05**2, 0.0, 30, 1)
    found = judge_rule("worst_class", [("b", rare), ("a", frequent)], LIMITS, 0.95)
    assert (found.verdict, found.where, found.examples) == (INCONCLUSIVE, "a", 4000)
    assert found.lost == pytest.approx(4)
    assert (found.open.where, found.open.examples) == ("b", 30)
    assert found.open.lost == pytest.approx(-2)
    assert found.open.high > 5 > found.high
    assert found.needs.examples > 30


def test_a_class_that_is_surely_beyond_is_named_beside_a_larger_drop_that_is_not():
    sure, unsure = Harm(0.09, 0.01**2, 0.0, 900, 1), Harm(0.2, 0.2**2, 0.0, 6, 1)
    found = judge_rule("worst_class", [("sure", sure), ("unsure", unsure)], LIMITS, 0.95)
    assert (found.verdict, found.where, found.open.where) == (BLOCK, "unsure", "sure")


def test_where_all_classes_pass_the_largest_drop_is_all_that_is_said():
    most, wide = Harm(0.01, 0.001**2, 0.0, 9000, 1), Harm(0.0, 0.006**2, 0.0, 5000, 1)
    found = judge_rule("worst_class", [("wide", wide), ("most", most)], LIMITS, 0.95)
    assert (found.verdict, found.where, found.open) == (PASS, "most", None)


def test_a_class_beyond_the_threshold_is_planned_for_first():
    over = Harm(0.08, 0.02**2, 0.0, 100, 1), Harm(0.06, 0.02**2, 0.0, 100, 1)
    found = judge_rule("worst_class", [("b", over[1]), ("a", over[0])], LIMITS, 0.95)
    assert (found.verdict, found.where, found.open) == (INCONCLUSIVE, "a", None)
    assert found.needs.examples > 100


def test_where_no_class_is_beyond_the_one_that_may_lose_most_is_told():
    near, far = Harm(0.045, 0.02**2, 0.0, 100, 1), Harm(0.01, 0.03**2, 0.0, 50, 1)
    found = judge_rule("worst_class", [("far", far), ("near", near)], LIMITS, 0.95)
    assert (found.where, found.examples, found.open.where) == ("near", 100, "far")
    alone = judge_all([near], LIMITS, 0.95, tests=2)
    assert found.needs.examples >= alone.needs.examples / 2 > 50  # both grow in proportion


def test_without_an_interval_nothing_is_told_and_more_seeds_are_asked_for():
    unknown = Harm(0.5, math.nan, math.nan, 400, 3)
    found = judge_rule("negative_flips", [("", unknown)], LIMITS, 0.95)
    assert found.verdict == INCONCLUSIVE
    assert found.note == "an interval needs at least 4 models on each side"
    assert found.needs == (None, None, None)


def judged(cell, rules=RULES, names="abc"):
    table = harm_table(cell, names, np.random.default_rng(0))
    none = SliceTables(slice_rows("none").head(0), bound_rows(["a"]))
    row = collapse_row(cell) | {"examples": len(cell.ids), "replicates": cell.n_replicates}
    return {found.rule: found for found in judge(table, row, none, rules, 0.95)}


def test_models_that_do_not_change_pass_if_there_are_enough_texts():
    labels = np.arange(3000) % 3
    models = np.where(np.arange(3000) % 10 == 0, 0, labels)  # right about most
    found = judged(cell_of([models] * 5, [models] * 5, labels))
    assert {one.verdict for one in found.values()} == {PASS}
    assert list(found) == ["negative_flips", "score", "worst_class", "worst_slice", "calibration"]


def test_models_that_do_not_change_on_a_few_texts_cannot_be_told_safe():
    labels = np.arange(30) % 3
    found = judged(cell_of([labels] * 5, [labels] * 5, labels))
    assert found["negative_flips"].verdict == found["worst_class"].verdict == INCONCLUSIVE
    assert found["negative_flips"].needs.examples > 100


def test_a_collapsed_version_is_blocked_by_its_score():
    labels = np.arange(300) % 3
    found = judged(cell_of([labels] * 5, [labels * 0] * 5, labels))
    assert found["score"].verdict == found["worst_class"].verdict == BLOCK
    assert found["collapse"].verdict == INCONCLUSIVE
    assert "the compressed models are no better" in found["collapse"].note


def test_a_version_of_a_baseline_that_has_collapsed_cannot_pass_though_it_loses_nothing():
    labels = np.arange(3000) % 3
    found = judged(cell_of([labels * 0] * 5, [labels * 0] * 5, labels))
    assert found["score"].verdict == PASS
    assert worst(one.verdict for one in found.values()) == INCONCLUSIVE
    assert "the baseline and the compressed models" in found["collapse"].note


def test_one_model_a_side_is_judged_over_examples_and_says_so():
    labels = np.zeros(1000, dtype=int)
    after = (np.arange(1000) < 60).astype(int)
    found = judged(cell_of([labels], [after], labels), names="ab")
    assert found["negative_flips"].verdict == found["score"].verdict == BLOCK
    assert "chance makes as many newly right as newly wrong answers" in found["negative_flips"].note
    assert "McNemar p = 1.7e-18" in found["negative_flips"].note
    assert found["score"].note.startswith("for these two models only")
    few = judged(cell_of([labels[:100]], [after[40:140]], labels[:100]), names="ab")
    assert few["score"].verdict == BLOCK
    assert few["score"].needs.replicates is None


def test_a_loss_in_one_of_ten_passages_is_open_though_as_many_documents_of_their_own_would_block():
    labels = np.zeros(1000, dtype=int)
    after = (np.arange(1000) < 60).astype(int)
    cell = replace(cell_of([labels], [after], labels), clusters=np.arange(1000) // 100)
    found = judged(cell, names="ab")
    assert found["negative_flips"].verdict == found["score"].verdict == INCONCLUSIVE
    assert "McNemar" not in found["negative_flips"].note
    assert "newly right" in found["negative_flips"].note


def test_a_single_class_in_the_truth_is_the_worst_class():
    labels = np.zeros(1000, dtype=int)
    found = judged(cell_of([labels] * 5, [labels] * 5, labels, n_classes=3))
    assert found["worst_class"].where == "a"


def test_a_rule_that_is_null_is_not_judged():
    labels = np.arange(300) % 3
    found = judged(cell_of([labels] * 5, [labels] * 5, labels), RULES | {"worst_class": None})
    assert "worst_class" not in found


def test_what_is_needed_decides_when_it_has_come():
    undecided = harm(6, 1.0, 1000)._replace(replicates=1)
    found = judge_rule("score", [("", undecided)], LIMITS, 0.95)
    assert found.verdict == INCONCLUSIVE
    size = found.needs.examples
    more = undecided._replace(example_variance=0.01**2 * 1000 / size, examples=size)
    assert harm_interval(more, 0.95).low > 0.05
