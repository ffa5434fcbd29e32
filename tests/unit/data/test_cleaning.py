import numpy as np
import pandas as pd
import pytest

from helpers.dataset_settings import dataset, examples
from pielab.data import cleaning


def labels(values, **settings):
    return list(cleaning.clean(examples(values), "here", dataset(**settings))["label"])


def refusal(frame, **settings):
    with pytest.raises(ValueError) as caught:
        cleaning.clean(frame, "here", dataset(**settings))
    return str(caught.value)


@pytest.mark.parametrize(
    "values",
    [[0, 1], [0.0, 1.0], ["0", "1"], np.array([0, 1], np.int8), np.array([0, 1], np.float32)],
)
def test_whole_numbers_are_the_same_class_names_in_any_type(values):
    assert labels(values) == ["0", "1"]


def test_other_labels_keep_their_names_but_for_space_around_them():
    found = labels([" very good ", "NA", "null", "1e5", "nan", True, 0.5, "1.0", -1])
    assert found == ["very good", "NA", "null", "1e5", "nan", "True", "0.5", "1.0", "-1"]


@pytest.mark.parametrize("nothing", [None, np.nan, "", "  ", pd.NA, np.float32("nan")])
def test_a_missing_label_is_refused_or_left_out(nothing):
    frame = examples(["a", nothing, "b"])
    assert refusal(frame) == "here, example 1: no label; expected a class"
    kept = cleaning.clean(frame, "here", dataset(require_label=True))
    assert list(kept["example_id"]) == [0, 2]


@pytest.mark.parametrize("value", [["a", "b"], np.array(["a", "b"])])
def test_a_list_of_labels_is_refused_where_one_is_expected(value):
    line = refusal(examples([value, "c"]))
    assert line == "here, example 0: labels ['a', 'b']; expected one (or task: multi-label)"


@pytest.mark.parametrize(
    ("value", "names"),
    [
        ("a|b", ["a", "b"]),
        ("a| b c |a|", ["a", "b c"]),
        (["x", "y", "x"], ["x", "y"]),
        (np.array([2.0, np.nan, 1.0]), ["2", "1"]),
        ([None, "None"], ["None"]),
        ([], []),
        ("", []),
        (None, []),
        (np.nan, []),
        (np.float32("nan"), []),
        (3, ["3"]),
        (3.0, ["3"]),
        (True, ["True"]),
    ],
)
def test_several_labels_come_as_a_list_a_text_with_separators_or_a_single_value(value, names):
    assert labels([value, "z"], task="multi-label") == [names, ["z"]]


def test_examples_without_any_label_are_left_out_on_demand():
    frame = examples(["a", "", "b|a"])
    kept = cleaning.clean(frame, "here", dataset(task="multi-label", require_label=True))
    assert list(kept["example_id"]) == [0, 2]


def test_dropped_labels_leave_the_other_rows_their_ids():
    frame = cleaning.clean(examples([0, -1, 1, -1.0]), "here", dataset(drop_labels=[-1]))
    assert list(frame["example_id"]) == [0, 2]


@pytest.mark.parametrize("text", ["", "  ", "\n\t", "\x0c", "\u3000", None, np.nan, 5, b"x"])
def test_what_is_no_text_is_refused_or_left_out(text):
    frame = examples(["a", "b", "a"], ["fine", text, "fine too"])
    line = refusal(frame)
    assert line.startswith("here, example 1: text is ")
    assert line.endswith("expected a text that is not empty (or set drop_empty_text)")
    kept = cleaning.clean(frame, "here", dataset(drop_empty_text=True))
    assert list(kept["example_id"]) == [0, 2]


@pytest.mark.parametrize(
    "text", ["NA", "null", "nan", "1e5", "0", "\x00", "a\x0cb", "\u200b", "\ufeff"]
)
def test_a_text_that_looks_like_a_gap_or_number_is_a_text(text):
    frame = cleaning.clean(examples(["a"], [text]), "here", dataset())
    assert list(frame["text"]) == [text]


def test_a_pair_must_have_both_texts():
    frame = examples(["a", "b"], text_pair=["fine", None])
    assert "here, example 1: text_pair is None; expected a text" in refusal(frame)
    kept = cleaning.clean(frame, "here", dataset(drop_empty_text=True))
    assert list(kept["text_pair"]) == ["fine"]
    assert "here, example 0: text_pair is None" in refusal(examples(["a"], text_pair=[None]))


def test_without_pairs_the_second_text_is_null():
    assert list(cleaning.clean(examples(["a"]), "here", dataset())["text_pair"]) == [None]


def test_no_examples_at_all_or_none_that_are_kept_are_refused():
    for frame in (examples([]), examples(["x", "x"])):
        assert refusal(frame, drop_labels=["x"]) == "here: no examples; expected at least one"
        assert "no examples" in refusal(
            frame.assign(text=""), drop_empty_text=True, task="multi-label"
        )


def test_own_ids_become_strings():
    frame = examples("abc").assign(example_id=pd.Series([7, 8.0, "x y"], dtype=object))
    assert list(cleaning.clean(frame, "here", dataset(columns={"id": "i"}))["example_id"]) == [
        "7",
        "8",
        "x y",
    ]


def test_own_ids_that_occur_twice_or_are_missing_are_refused_with_their_rows():
    frame = examples("abcd")
    twice = frame.assign(example_id=["x", "1", "y", "1"])
    said = "here, rows 1 and 3 (from 0): both have the id '1'; expected unique ids"
    assert refusal(twice, columns={"id": "i"}) == said
    mixed = frame.assign(example_id=pd.Series(["x", 1, "y", "1"], dtype=object))
    assert refusal(mixed, columns={"id": "i"}) == said
    for nothing in (None, np.nan, ""):
        gap = frame.assign(example_id=pd.Series(["x", "y", nothing, "z"], dtype=object))
        line = refusal(gap, columns={"id": "i"})
        assert line == "here, row 2 (from 0): no id; expected a unique one"


def test_the_given_frame_is_left_as_it_is():
    frame = examples([1.0, 2.0])
    before = frame.copy(deep=True)
    cleaning.clean(frame, "here", dataset())
    pd.testing.assert_frame_equal(frame, before)


@pytest.mark.parametrize(
    ("names", "order"),
    [
        (["10", "2", "1"], ["1", "2", "10"]),
        (["1", "-1", "0"], ["-1", "0", "1"]),
        (["01", "1", "001"], ["001", "01", "1"]),
        (["10", "2", "x"], ["10", "2", "x"]),
        (["b", "a a", "B"], ["B", "a a", "b"]),
        (["1e5", "nan", "inf"], ["1e5", "inf", "nan"]),
    ],
)
def test_classes_are_sorted_as_numbers_if_all_are_whole_numbers_else_as_text(names, order):
    assert cleaning.find_classes({"train": examples(names)}, multi_label=False) == order
    assert cleaning.find_classes({"train": examples([names])}, multi_label=True) == order


def test_classes_come_from_all_splits():
    frames = {"train": examples(["b"]), "test": examples(["a", "b"])}
    assert cleaning.find_classes(frames, multi_label=False) == ["a", "b"]


def test_a_label_outside_the_classes_is_refused_with_its_example():
    frame = cleaning.clean(examples(["a", "b", "c"]), "here", dataset())
    with pytest.raises(ValueError) as caught:
        cleaning.index_labels(frame, {"a": 0, "b": 1}, "here", multi_label=False)
    said = "here, example 2: label 'c'; expected one of the classes a, b"
    assert str(caught.value) == said


def test_labels_become_positions_and_several_are_sorted():
    frame = cleaning.index_labels(examples(["b", "a"]), {"a": 0, "b": 1}, "here", False)
    assert frame["label"].dtype == np.int64
    assert list(frame["label"]) == [1, 0]
    several = cleaning.index_labels(examples([["b", "a"], []]), {"a": 0, "b": 1}, "here", True)
    assert list(several["labels"]) == [[0, 1], []]


def test_labels_that_are_the_same_number_are_one_class():
    frames = {"train": examples(["0", "1"]), "test": examples(["0.0", "1"])}
    classes = cleaning.find_classes(frames, False)
    assert classes == ["0", "1"]
    found = cleaning.index_labels(frames["test"], {"0": 0, "1": 1}, "here", False)
    assert list(found["label"]) == [0, 1]


def test_numbers_with_decimals_alone_keep_their_names():
    assert cleaning.find_classes({"train": examples(["1.0", "2.0"])}, False) == ["1.0", "2.0"]
