"""Slices: what could not have been found never passes, and what is confirmed is said."""

import math

import pytest
from scipy import stats

from helpers.gate import RULES, bound_rows, slice_rows
from pielab.gate.slices import judge_slices
from pielab.gate.verdicts import BLOCK, INCONCLUSIVE, PASS, WARN

LIMITS = RULES["worst_slice"]  # block 10, warn 5
NONE = slice_rows("a").head(0)
SMALL = {"slice": "channel = x", "texts": 40, "examples": 39.6, "example_variance": 0.0}


def judged(found=NONE, bounds=None, limits=LIMITS):
    return judge_slices(found, bound_rows(["a"]) if bounds is None else bounds, limits, 0.95)


def test_slices_that_are_large_enough_pass_where_none_loses_more():
    found = judged()
    assert (found.verdict, found.where) == (PASS, "")
    assert math.isnan(found.lost)
    assert found.note == "no slice stood out"
    assert found.open.high < 5


@pytest.mark.parametrize(
    ("number", "note"),
    [
        (1, "the slice that stood out is not confirmed"),
        (2, "none of 2 slices that stood out is confirmed"),
    ],
)
def test_slices_that_are_not_confirmed_are_counted(number, note):
    rows = slice_rows("a", confirmed=False, excess=0.0, low=-0.1, high=0.1)
    assert judged(rows.loc[rows.index.repeat(number)]).note == note


def test_a_slice_in_which_nothing_was_seen_cannot_pass_if_it_is_too_small_to_tell():
    # 40 texts without any change, as one of 20 slices looked at: z = 3.23, z^2 / 2 = 5.2 texts
    # more, half of them lost: 3.23 x sqrt(5.2) / (39.6 + 5.2) is 16 points
    found = judged(bounds=bound_rows(["a"], **SMALL))
    assert (found.verdict, found.open.where, found.open.examples) == (
        INCONCLUSIVE,
        "channel = x",
        40,
    )
    z = stats.norm.isf(0.025 / 40)
    assert found.open.high == pytest.approx(100 * z * (z**2 / 2) ** 0.5 / (39.6 + z**2 / 2))
    assert found.needs.examples > 40


@pytest.mark.parametrize(("texts", "verdict"), [(60, INCONCLUSIVE), (100, WARN), (300, PASS)])
def test_a_slice_passes_only_where_what_may_be_lost_is_little(texts, verdict):
    rows = bound_rows(["a"], texts=texts, examples=float(texts), example_variance=0.0)
    assert judged(bounds=rows).verdict == verdict


def test_the_more_slices_were_searched_the_more_texts_a_pass_takes():
    size = {"texts": 190, "examples": 190.0, "example_variance": 0.0}
    assert judged(bounds=bound_rows(["a"], **size, searched=20)).verdict == PASS
    assert judged(bounds=bound_rows(["a"], **size, searched=2000)).verdict == WARN


def test_a_confirmed_slice_blocks_and_pays_for_all_that_were_tested():
    sure = slice_rows("a", slice="class = tech", excess=0.18, low=0.13, high=0.23)
    alone = judged(sure)
    assert (alone.verdict, alone.where, alone.examples) == (BLOCK, "class = tech", 200)
    assert alone.lost == pytest.approx(18)
    many = slice_rows("a", confirmed=False, excess=0.0, low=-0.1, high=0.1)
    rows = [sure.iloc[0], *[many.iloc[0]] * 9]
    beside = judged(type(sure)(rows).astype({"confirmed": bool}))
    assert beside.high > alone.high + 0.5


def test_a_confirmed_slice_that_other_seeds_may_not_have_is_open_and_said():
    found = judged(slice_rows("a", slice="class = tech", p_replicates=0.3))
    assert (found.verdict, found.where) == (INCONCLUSIVE, "class = tech")
    assert found.lost == pytest.approx(30)
    assert "other models may not do so (p_replicates = 0.3)" in found.note


def test_of_too_few_seeds_for_a_test_a_confirmed_slice_blocks_these_models():
    assert judged(slice_rows("a", p_replicates=math.nan)).verdict == BLOCK


def test_a_confirmed_slice_does_not_hide_another_that_is_still_open():
    small = slice_rows("a", slice="class = tech", excess=0.02, low=0.015, high=0.025)
    found = judged(small, bound_rows(["a"], **SMALL))
    assert (found.verdict, found.where, found.open.where) == (
        INCONCLUSIVE,
        "class = tech",
        "channel = x",
    )


def test_what_is_surely_beyond_blocks_though_no_slice_is_confirmed():
    rows = bound_rows(["a"], loss=0.3, example_variance=0.0004, examples=400.0, texts=400)
    found = judged(bounds=rows)
    assert (found.verdict, found.open.where) == (BLOCK, "class = a")


def test_where_no_group_is_large_enough_nothing_passes():
    found = judged(bounds=bound_rows(["a"]).head(0))
    assert found.verdict == INCONCLUSIVE
    assert "large enough" in found.note
