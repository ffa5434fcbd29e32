"""Labels of examples that may have several, in the forms that people write them in."""

import numpy as np
import pandas as pd
import pytest

from helpers.dataset_settings import dataset
from pielab.data import cleaning, label_names


@pytest.mark.parametrize(
    "value",
    ["a|b c", ["a", "b c"], np.array(["a", "b c"]), '["a", "b c"]', "['a', 'b c']", "['a' 'b c']"],
)
def test_lists_of_labels_are_read_as_people_print_them(value):
    assert label_names.several_names(value, "|", "f.csv") == ["a", "b c"]


@pytest.mark.parametrize("value", ["[a, b]", "[['a'], ['b']]", "['a', b]", "[1 2]", '[{"a": 1}]'])
def test_what_looks_like_a_list_and_is_none_is_refused(value):
    with pytest.raises(ValueError, match=r"^f\.csv: labels"):
        label_names.several_names(value, "|", "f.csv")


@pytest.mark.parametrize("other", [",", ", ", ";", "/", " ", "\t"])
def test_labels_that_hold_others_with_another_separator_are_refused_by_its_key(other):
    names = ["anger", "joy", f"anger{other}joy"]
    with pytest.raises(ValueError, match=r"'anger' and 'joy' are labels too; expected label_sep"):
        label_names.check_separator(names, "|", "emotions")


def test_labels_that_never_occur_alone_are_told_too():
    with pytest.raises(ValueError, match="label_separator: ','"):
        label_names.check_separator(["a,b", "b,c", "a,c"], "|", "emotions")


@pytest.mark.parametrize(
    "names",
    [
        ["Paris, France", "Lyon, France"],
        ["machine learning", "deep learning", "machine vision", "deep vision"],
        ["crude", "crude oil", "veg-oil"],
        ["a", "b,"],
    ],
)
def test_names_with_commas_and_spaces_are_names(names):
    label_names.check_separator(names, "|", "emotions")


@pytest.mark.parametrize("value", ["('a', 'b c')", "{'a', 'b c'}", ("a", "b c"), '("a", "b c")'])
def test_tuples_and_sets_are_lists_too(value):
    assert label_names.several_names(value, "|", "f.csv") == ["a", "b c"]
    assert label_names.several_names("('a',)", "|", "f.csv") == ["a"]
    assert label_names.several_names("(a b)", "|", "f.csv") == ["(a b)"]


@pytest.mark.parametrize("value", [{"a": 1, "b": 0}, "{'a': 1, 'b': 0}", '{"a": 1}'])
def test_an_object_is_no_list_of_labels(value):
    with pytest.raises(ValueError, match=r"^f\.csv: labels .*expected a list such as"):
        label_names.several_names(value, "|", "f.csv")


@pytest.mark.parametrize("other", ["+", " & ", "\n", ":", " and ", "-", "_", "\\", "•", "、"])
def test_unusual_separators_are_told_where_the_parts_are_labels_alone(other):
    names = ["anger", "joy", f"anger{other}joy"]
    with pytest.raises(ValueError, match=r"'anger' and 'joy' are labels too; expected label_sep"):
        label_names.check_separator(names, "|", "emotions")
    label_names.check_separator([f"anger{other}joy", f"fear{other}joy", "anger"], "|", "emotions")


SWITCHES = [
    [[0, 1, 0], [1, 1, 0]],
    [np.array([0, 1]), np.array([0, 0])],
    ["[0, 1, 0]", "[1, 1, 0]"],
    [[True, False, False], [False, True, False]],
    ["0 1 0", "1 1 0"],
    ["0,1,0", "1,1,0"],
    ["010", "110"],
]


@pytest.mark.parametrize("values", SWITCHES)
def test_switches_for_each_class_are_refused(values):
    with pytest.raises(ValueError, match=r"^f\.csv: labels .* seem to be a switch for each class"):
        label_names.check_switches(values, "f.csv")


@pytest.mark.parametrize(
    "values",
    [[[0, 1], [2]], [[0], [1]], ["0", "1"], [[0, 1], [1, 0]], ["a", "010"], [], [[], [0]], [None]],
)
def test_names_that_are_numbers_are_no_switches(values):
    label_names.check_switches(values, "f.csv")


def test_texts_that_are_classes_by_name_are_no_switches():
    label_names.check_switches(["010", "110"], "f.csv", texts=False)
    frame = pd.DataFrame({"example_id": [0, 1], "text": ["a", "b"]})
    frame["label"] = ["010", "110"]
    own = dataset(task="multi-label", classes=["010", "110"])
    assert list(cleaning.clean(frame, "here", own)["label"]) == [["010"], ["110"]]
    with pytest.raises(ValueError, match="seem to be a switch"):
        cleaning.clean(frame, "here", dataset(task="multi-label"))


def test_lists_of_numpys_texts_and_numbers_are_read():
    text = str(list(np.array(["a", "b c"])))
    assert label_names.several_names(text, "|", "f.csv") == ["a", "b c"]
    assert label_names.several_names("[np.int64(3), np.int64(1)]", "|", "f.csv") == ["3", "1"]
    label_names.check_switches(["[np.int64(0)]", "[np.int64(1)]"], "f.csv")
    with pytest.raises(ValueError, match="seem to be a switch"):
        label_names.check_switches(["[np.int64(0), np.int64(0)]"], "f.csv")
