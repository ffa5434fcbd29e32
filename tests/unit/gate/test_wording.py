"""What a rule found, in words: losses and gains, limits, and what would decide."""

import pytest

from helpers.dataset_settings import SCHEMA
from pielab.gate.verdicts import BLOCK, INCONCLUSIVE, PASS
from pielab.gate.wording import LOST, sentence

VERSION = {"differ_by": "seed", "replicates": 9}
FOUND = {"rule": "score", "verdict": BLOCK, "where": "", "lost": 13.8, "low": 10.1, "high": 17.3}
FOUND |= {"block": 2.0, "warn": 1.0, "examples": 400, "replicates": 9, "note": "", "open": None}
FOUND |= {"needs": {"examples": None, "replicates": None, "times": None}}


def said(**changes):
    return sentence(FOUND | changes, VERSION)


def test_each_rule_has_words():
    gate = SCHEMA["properties"]["gate"]["properties"]
    assert set(LOST) == set(gate["rules"]["properties"])


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({}, "score: 13.8 points lower (10.1 to 17.3); limit 2"),
        (
            {"lost": -5.2, "low": -8.1, "high": -2.3, "verdict": PASS},
            "score: 5.2 points higher (2.3 to 8.1); up to 1 counts as little",
        ),
        (
            {"lost": -0.6, "low": -2.4, "high": 1.2, "verdict": PASS},
            "score: 0.6 points higher (2.4 higher to 1.2 lower); up to 1 counts as little",
        ),
        (
            {"lost": 0.4, "low": 0.0, "high": 0.9, "verdict": PASS},
            "score: 0.4 points lower (0.0 to 0.9); up to 1 counts as little",
        ),
        (
            {"rule": "calibration", "lost": -5.2, "low": -6.0, "high": -4.4, "verdict": PASS},
            "calibration error: 5.2 points lower (4.4 to 6.0); up to 1 counts as little",
        ),
        (
            {"rule": "negative_flips", "lost": 14.5, "low": 10.6, "high": 18.2},
            "newly wrong answers (negative flips): 14.5 % of the texts more than retraining causes "
            "(10.6 to 18.2); limit 2",
        ),
        (
            {"rule": "worst_class", "where": "tech", "lost": 69.4, "low": 49.4, "high": 82.6},
            "class hurt most, tech: recall 69.4 points lower (49.4 to 82.6); limit 2",
        ),
    ],
)
def test_a_gain_is_told_as_a_gain_and_no_number_has_a_minus(changes, words):
    assert said(**changes) == words


def test_what_retraining_is_depends_on_what_models_differ_by():
    flips = FOUND | {"rule": "negative_flips", "lost": 3.0, "low": 2.1, "high": 3.9}
    assert "than a rerun causes" in sentence(flips, {"differ_by": "rerun", "replicates": 9})
    assert "than another draw causes" in sentence(flips, {"differ_by": "draw", "replicates": 9})
    assert sentence(flips, {"differ_by": "seed", "replicates": 1}).startswith(
        "newly wrong answers: 3.0 % of the texts more than newly right ones (2.1 to 3.9)"
    )


def test_what_would_decide_names_the_class_whose_texts_are_counted():
    needs = {"examples": 326, "replicates": 31, "times": None}
    changes = {"verdict": INCONCLUSIVE, "rule": "worst_class", "where": "tech", "needs": needs}
    assert said(**changes, lost=3.0, low=-2.0, high=8.0, examples=148) == (
        "class hurt most, tech: recall 3.0 points lower (2.0 higher to 8.0 lower); limit 2. About "
        "330 test texts of this class instead of 148 or about 31 seeds instead of 9 would decide "
        "this"
    )


@pytest.mark.parametrize(("times", "shown"), [(2.8, "2.8"), (50.3, "51"), (262, "270")])
def test_how_much_more_of_both_would_decide_has_two_digits(times, shown):
    needs = {"examples": None, "replicates": None, "times": times}
    changes = {"verdict": INCONCLUSIVE, "rule": "score", "needs": needs}
    line = said(**changes, lost=3.0, low=-2.0, high=8.0)
    assert f"About {shown} times as many test texts and seeds would decide" in line


def test_a_verdict_that_is_due_to_another_class_names_it():
    other = {"where": "arts", "lost": -1.0, "low": -9.0, "high": 7.0, "examples": 40}
    assert "; the verdict rests on arts, 1.0 points higher (9.0 higher to 7.0 lower). " in said(
        **{"verdict": INCONCLUSIVE, "rule": "worst_class", "where": "tech", "open": other}
    )
