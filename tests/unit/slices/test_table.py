"""Slices of many comparisons: adjusted together, the worst first."""

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from pielab.slices.table import COLUMNS, adjusted, most_hurt, slice_texts, worst

CELL = {"dataset": "films", "model": "bert", "method": "imp-ft", "level": 90.0}
CELL |= {"baseline": "control", "is_compressed": True, "primary": True, "collapsed": False}
ROW = CELL | {
    "candidate": 0,
    "slice": "class = a",
    "examples": 40,
    "negative_flips": 4,
    "tested": 20,
}
ROW |= {"harm": 0.3, "average": 0.1, "excess": 0.2, "low": 0.1, "high": 0.3, "p": 0.01}
ROW |= {"p_replicates": np.nan, "error": 0.05, "freedom": 18.0}


def table(*changes):
    return pd.DataFrame([ROW | change for change in changes])


def test_q_is_over_all_comparisons_of_a_kind_and_no_other():
    p = [0.001, 0.02, 0.04, 0.5]
    own = [{"p": one, "method": f"m{at}"} for at, one in enumerate(p)]
    others = [{"p": 1e-9, "collapsed": True}, {"p": 1e-9, "primary": False}] * 20
    found = adjusted(table(*own, *others))
    primary = found[found["primary"] & ~found["collapsed"]]
    np.testing.assert_allclose(primary["q"], stats.false_discovery_control(p))


def test_a_slice_is_confirmed_if_both_q_and_the_interval_say_so():
    found = adjusted(table({"p": 0.001}, {"p": 0.001, "low": -0.01}, {"p": 0.9}))
    assert found["confirmed"].tolist() == [True, False, False]


def test_confirmed_slices_come_first_in_their_comparison_then_the_highest_lower_end():
    changes = [{"p": 0.9, "low": 0.2}, {"p": 0.001, "low": 0.05}, {"p": 0.001, "low": 0.07}]
    found = adjusted(table(*changes, *({"method": "rp-ai"} | one for one in changes)))
    assert found["low"].tolist() == [0.07, 0.05, 0.2] * 2
    assert found["method"].tolist() == ["imp-ft"] * 3 + ["rp-ai"] * 3


def test_the_detectable_excess_is_found_in_four_of_five_cases():
    (reach,) = adjusted(table({"freedom": 1e9}))["detectable"]
    assert stats.norm.sf(stats.norm.isf(0.05) - reach / ROW["error"]) == pytest.approx(0.8)


def test_an_empty_table_keeps_its_header():
    found = adjusted(table({}).iloc[:0])
    assert {"q", "confirmed", "detectable", "slice"} <= set(found)
    assert found.empty
    assert worst(found, 10).empty


def test_the_worst_are_of_what_is_primary_and_other_models_would_do_go_first():
    rows = table(
        {"slice": "lucky", "low": 0.5, "p_replicates": 0.4},
        {"slice": "sure", "p_replicates": 0.01},
        {"slice": "unknown"},
        {"slice": "open", "p": 0.9, "low": 0.9},
        {"slice": "collapsed", "collapsed": True},
        {"slice": "other", "primary": False},
        {"slice": "control", "is_compressed": False},
    )
    assert worst(adjusted(rows), 10)["slice"].tolist() == ["sure", "unknown", "lucky", "open"]
    assert len(worst(adjusted(rows), 2)) == 2


PIES = pd.DataFrame(
    {
        "example_id": [4, 3, 2],
        "label": [0, 0, 1],
        "baseline_label": [0, 0, 1],
        "compressed_label": [1, 0, 0],
        "baseline_votes": [[2, 0]] * 3,
        "compressed_votes": [[0, 2], [1, 1], [2, 0]],
        "flip": ["negative", None, "negative"],
        "tier": "seed noise",
        "replicate_harm": [[1.0, 0.0], [1.0, 0.5], [1.0, 1.0]],
    }
)
FRAME = pd.DataFrame({"text": list("abc"), "text_pair": None})


def test_a_slice_shows_negative_flips_first_then_the_greatest_harm_and_nothing_unhurt():
    harm = np.array([0.5, 0.75, 1.0, 0.0, 0.75, 1.0, 0.2])
    bad = np.array([True, False, True, False, False, False, True])
    inside = np.arange(7) < 5
    assert most_hurt(inside, harm, bad).tolist() == [2, 0, 1]
    assert most_hurt(inside, -harm, bad).tolist() == []


def test_what_is_shown_of_an_example_is_said_in_words():
    shown = slice_texts(ROW, PIES, FRAME, ["neg", "pos"])
    assert shown["harm"].tolist() == [0.5, 0.75, 1.0]
    assert shown["label"].tolist() == ["neg", "neg", "pos"]
    assert shown["compressed_votes"].tolist() == ["pos 2", "neg 1|pos 1", "neg 2"]
    assert shown["text"].tolist() == ["a", "b", "c"]
    assert list(shown) == COLUMNS
    assert list(slice_texts(ROW, PIES[:0], FRAME[:0], ["neg", "pos"])) == COLUMNS
