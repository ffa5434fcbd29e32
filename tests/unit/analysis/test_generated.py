"""Generated answers as texts: whether they changed, where, and what no longer parses."""

import numpy as np
import pandas as pd
import pytest

from pielab.analysis import generated


def side(answers, parsed=None, values=None, run="a", task="sums"):
    names = [f"{task}{number}" for number in range(len(answers))]
    frame = pd.DataFrame({"example_id": names, "run": run, "task": task, "answer": answers})
    frame["parsed"] = answers if parsed is None else parsed
    return frame.assign(value=1.0 if values is None else values, better=1)


def test_texts_that_change_are_counted_whatever_the_metric_says():
    before = side(["it is 4", "it is 5", "so 6", "7"])
    after = side(["it is 4", "it is 55", "thus 6", "8"], values=[1, 1, 1, 0])
    row = generated.compare_answers(before, after).iloc[0]
    assert (row["documents"], row["changed"]) == (4, 0.75)
    assert 0 <= row["changed_low"] < 0.75 < row["changed_high"] <= 1
    assert row["changed_same_verdict"] == 0.5
    assert row["first_difference"] == 0  # of 7, 0 and 0 characters the median
    assert row["length_baseline"] == pytest.approx((7 + 7 + 4 + 1) / 4)
    assert row["length_change"] == pytest.approx(3 / 4)
    assert np.isnan(row["changed_floor"])


def test_how_early_is_the_number_of_characters_before_the_first_that_differs():
    assert generated.first_difference("it is 4", "it is 5") == 6
    assert generated.first_difference("it", "it is") == 2
    assert generated.first_difference("", "it") == 0


@pytest.mark.parametrize(
    ("answer", "refuses"),
    [
        ("I cannot help with that.", True),
        ("I'm sorry, but no", True),
        ("Sorry, I do not know", True),
        ("As an AI language model, I", True),
        ("  I can’t", True),
        ("I can do this: 4", False),
        ("Asia", False),
        ("The answer is that I cannot be sure", False),
        ("", False),
    ],
)
def test_a_refusal_is_told_by_how_an_answer_begins(answer, refuses):
    assert generated.is_refusal(answer) is refuses


@pytest.mark.parametrize(
    ("answer", "parsed", "unparsed"),
    [
        ("no number", "[invalid]", True),
        ("no number", "", True),
        ("no number", None, True),
        ("4", "4", False),
        ("  ", "[invalid]", False),  # empty, which is counted by itself
    ],
)
def test_an_answer_does_not_parse_if_it_has_text_and_the_filter_finds_none(
    answer, parsed, unparsed
):
    assert generated.is_unparsed(answer, parsed) is unparsed


def test_answers_that_no_longer_parse_and_flips_by_that_are_counted():
    before = side(["#### 4", "#### 5", "none"], ["4", "5", "[invalid]"], [1, 0, 0])
    after = side(["so 4", "so 6", "none"], ["[invalid]", "[invalid]", "[invalid]"], [0, 0, 0])
    row = generated.compare_answers(before, after).iloc[0]
    assert row["unparsed_baseline"] == pytest.approx(1 / 3)
    assert row["unparsed_compressed"] == 1
    assert row["newly_unparsed"] == pytest.approx(2 / 3)
    assert row["negative_flips_unparsed"] == 1


def test_reruns_of_the_baseline_say_how_many_texts_change_without_compression():
    dense = pd.concat([side(["a", "b"]), side(["a", "c"], run="b")])
    row = generated.compare_answers(dense, side(["a", "b"])).iloc[0]
    assert row["changed_floor"] == 0.5
    assert row["changed"] == 0.25  # none of the first run's, one of the second's


def test_choices_have_no_row():
    none = side(["x"]).assign(answer=None)
    assert generated.compare_answers(none, none).empty
    assert generated.shown_answers(none, none).empty


def test_shown_answers_are_whole_or_cut_around_the_first_difference():
    long = "x" * 6000
    before, after = side(["4", f"{long}a"]), side(["5", f"{long}b"])
    shown = generated.shown_answers(before, after)
    assert shown[["before", "after"]].iloc[0].tolist() == ["4", "5"]
    for name, last in (("before", "a"), ("after", "b")):
        text = shown[name].iloc[1]
        assert text == f"…{'x' * 1000}{last}"
