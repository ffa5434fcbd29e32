"""How columns group examples, and what the groups are called."""

import numpy as np
import pandas as pd
import pytest

from pielab.slices.conditions import LONGEST, MOST_VALUES, conditions

EIGHT = np.tile([[True, False], [False, True]], (4, 1))


def grouped(tokens=(5,) * 8, ease=(50.0,) * 8, named=None, truth=EIGHT, classes=("pos", "neg")):
    complexity = pd.DataFrame({"tokens": tokens, "flesch_reading_ease": ease})
    columns = pd.DataFrame({name: pd.Series(v, dtype="str") for name, v in (named or {}).items()})
    found = conditions(truth, classes, complexity, columns)
    holds = [np.flatnonzero(own).tolist() for own in found.holds]
    return dict(zip(found.words, holds, strict=True)), found


def test_classes_group_examples_and_what_is_the_same_for_all_groups_nothing():
    groups, found = grouped()
    assert groups == {"class = pos": [0, 2, 4, 6], "class = neg": [1, 3, 5, 7]}
    assert found.columns.tolist() == [0, 0]


def test_several_labels_group_an_example_by_each():
    truth = np.array([[True, True], [True, False], [False, False]])
    groups, _ = grouped([5] * 3, [50.0] * 3, truth=truth)
    assert groups == {"class = pos": [0, 1], "class = neg": [0]}


def test_numbers_are_cut_into_quarters_whose_names_say_their_ends():
    groups, _ = grouped(tokens=[1, 2, 3, 4, 5, 6, 7, 1200])
    assert groups["tokens 1 to 2"] == [0, 1]
    assert groups["tokens 7 to 1,200"] == [6, 7]


def test_equal_quartiles_make_fewer_groups_and_missing_is_one():
    ease = [-12.34, -12.34, -12.34, -12.34, -12.34, 61.25, np.nan, np.nan]
    groups, _ = grouped(ease=ease)
    assert groups["Flesch reading ease −12.3"] == [0, 1, 2, 3, 4]
    assert groups["Flesch reading ease is missing"] == [6, 7]


def test_few_values_are_groups_of_their_own_numbers_too():
    groups, _ = grouped(named={"stars": ["1", "5", None, "1", "5", "5", "5", "1"]})
    assert groups["stars = 1"] == [0, 3, 7]
    assert groups["stars is missing"] == [2]


def test_many_numbers_are_cut_and_many_words_keep_the_most_frequent():
    rows, truth = 100, np.tile([[True, False], [False, True]], (50, 1))
    named = {
        "price": [*(str(n / 2) for n in range(rows - 1)), None],
        "town": ["a"] * 40 + [f"t{n:02}" for n in range(60)],
    }
    groups, _ = grouped([5] * rows, [50.0] * rows, named, truth)
    assert len([name for name in groups if name.startswith("price ")]) == 5
    assert groups["price is missing"] == [99]
    towns = [name for name in groups if name.startswith("town = ")]
    assert towns[0] == "town = a"
    assert len(towns) == MOST_VALUES
    rest = groups[f"town is none of the {MOST_VALUES} most frequent"]
    assert len(rest) == 61 - MOST_VALUES


def test_a_long_value_is_cut_and_stands_on_one_line():
    groups, _ = grouped(named={"note": ["a\nb" + "x" * 90] + ["c"] * 7})
    (name,) = (name for name in groups if name.startswith("note = a"))
    assert name == f"note = a b{'x' * (LONGEST - 3)}…"


def test_one_class_alone_makes_no_condition():
    groups, found = grouped(truth=np.tile([[True, False]], (8, 1)))
    assert groups == {}
    assert found.holds.shape == (0, 8)


@pytest.mark.parametrize("value", ["inf", "nan?", "1e999"])
def test_what_is_no_finite_number_makes_a_column_of_words(value):
    values = [str(number) for number in range(49)] + [value]
    truth = np.tile([[True, False], [False, True]], (25, 1))
    groups, _ = grouped([5] * 50, [50.0] * 50, {"n": values}, truth)
    assert "n = 0" in groups


def named(values):
    """Return the groups of one column, by name."""
    column = pd.DataFrame({"url": pd.Series(values, dtype="str")})
    complexity = pd.DataFrame({"tokens": [1] * len(values), "flesch_reading_ease": 1.0})
    found = conditions(np.ones((len(values), 1), bool), ["a"], complexity, column)
    return dict(zip(found.words, found.holds.sum(axis=1).tolist(), strict=True))


def test_values_that_begin_alike_are_groups_of_their_own():
    long = "https://example.org/a/rather/long/path/to/"
    found = named([long + end for end in "aabbbcccccd"])
    assert sorted(found.values()) == [1, 2, 3, 5]
    assert all(name.startswith("url = https://example.org/") for name in found)
    assert [name[-1] for name in sorted(found)] == list("abcd")


def test_values_that_are_alike_at_both_ends_are_numbered():
    ends = "x" * 40
    found = named([f"{ends}{middle}{ends}" for middle in "abbccc"])
    assert sorted(found.values()) == [1, 2, 3]


def test_values_that_differ_by_spaces_alone_are_groups_of_their_own():
    assert named(["a b", "a  b", "a  b", "c"]) == {
        "url = a b": 2,
        "url = a b (2)": 1,
        "url = c": 1,
    }


def test_quartiles_of_nearly_equal_numbers_have_different_names():
    values = [f"{0.9990 + number / 100000:.5f}" for number in range(40)]
    found = named(values)
    assert sorted(found.values()) == [10, 10, 10, 10]
    assert "url 0.999 to 0.99909" in found


def test_whole_numbers_of_four_digits_that_are_near_are_told_apart():
    values = [f"{1000 + number / 8}" for number in range(32)]
    assert sorted(named(values).values()) == [8, 8, 8, 8]
