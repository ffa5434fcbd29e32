import pandas as pd
import pytest

from pielab.data.data_warnings import data_warnings, texts_in_both


def split(*texts):
    rows = [text if isinstance(text, tuple) else (text, None) for text in texts]
    return pd.DataFrame(rows, columns=["text", "text_pair"], dtype=object)


def test_test_examples_with_the_text_of_a_training_example_are_counted():
    splits = {"train": split("a", "b", "b"), "test": split("b", "c", "b", "a ")}
    assert texts_in_both(splits) == 2
    assert data_warnings(2, [], {}) == ["2 test examples have the text of a training example"]


def test_a_pair_is_repeated_only_if_both_its_texts_are():
    splits = {"train": split(("a", "b")), "test": split(("a", "b"), ("a", "c"), ("b", "a"))}
    assert texts_in_both(splits) == 1


def test_a_column_that_is_read_twice_is_told_with_what_it_is_read_as():
    columns = {"text": "a", "text_pair": "a", "label": "b"}
    assert data_warnings(0, [], columns) == [
        "column 'a' is read as columns.text and as columns.text_pair"
    ]


def test_classes_that_differ_only_in_case_are_told():
    assert data_warnings(0, ["Pos", "neg", "pos"], {}) == [
        "classes 'Pos', 'pos' differ only in case"
    ]


def test_a_class_that_reads_like_a_missing_label_is_told():
    assert data_warnings(0, ["nan", "b"], {}) == [
        "class 'nan' reads like a missing label (see drop_labels)"
    ]


def test_there_is_nothing_to_say_of_good_data():
    columns = {"text": "text", "label": "label"}
    assert data_warnings(0, ["negative", "positive"], columns) == []


@pytest.mark.parametrize(
    "other", ["very  good", "very\u00a0good", "Very good", "very good\u200b", "ve\u00adry good"]
)
def test_classes_that_look_the_same_are_told(other):
    (said,) = data_warnings(0, ["very good", "bad", other], {})
    assert "'very good'" in said
    assert "differ only in case" in said


def test_letters_that_are_composed_in_two_ways_are_the_same_to_the_eye():
    (said,) = data_warnings(0, ["caf\u00e9", "cafe\u0301"], {})
    assert said == (
        "classes 'caf\\xe9', 'cafe\\u0301' differ only in case, spaces or invisible characters"
    )
