from collections import Counter
from functools import cache

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from helpers.dataset_settings import dataset, examples
from pielab.data import splits as data
from pielab.data.labels import class_counts, label_array
from pielab.data.splits import stratified_sample


def prepare(labels, test=None, named=None, **settings):
    frames = {"train": labels if isinstance(labels, pd.DataFrame) else examples(labels)}
    if test is not None:
        frames["test"] = examples(test)
        settings = {"files": {"train": "train.csv", "test": "test.csv"}} | settings
    return data.prepare(frames, named, dataset(**settings))


def refusal(*arguments, **settings):
    with pytest.raises(ValueError) as caught:
        prepare(*arguments, **settings)
    return str(caught.value)


def ids(splits, split):
    return set(splits[split]["example_id"])


def test_splits_have_the_columns_and_types_of_the_contract():
    splits, classes = prepare(["pos", "neg"] * 2, ["neg", "pos"])
    assert classes == ["neg", "pos"]
    assert list(splits) == ["train", "test"]
    assert list(splits["train"]) == ["example_id", "text", "text_pair", "label"]
    assert splits["train"]["label"].dtype == splits["train"]["example_id"].dtype == np.int64
    assert list(splits["train"]["label"]) == [1, 0, 1, 0]
    assert list(splits["test"]["label"]) == [0, 1]


def test_several_labels_stay_lists_and_may_be_empty():
    splits, classes = prepare(["b|a", "", "b"], ["a", "b", ""], task="multi-label")
    assert list(splits["train"]) == ["example_id", "text", "text_pair", "labels"]
    assert list(splits["train"]["labels"]) == [[0, 1], [], [1]]
    array = label_array(splits["train"], len(classes))
    assert array.dtype == np.uint8
    assert array.tolist() == [[1, 1], [0, 0], [0, 1]]


def test_numbered_classes_keep_their_order_beyond_nine():
    splits, classes = prepare(["10", "2", "1"], ["1", "2"])
    assert classes == ["1", "2", "10"]
    assert list(splits["train"]["label"]) == [2, 1, 0]


def test_stated_classes_keep_their_order_and_may_be_numbers():
    splits, classes = prepare(["2", "1", "2"], [1.0, 2], classes=[2, 1])
    assert classes == ["2", "1"]
    assert list(splits["train"]["label"]) == [0, 1, 0]
    assert list(splits["test"]["label"]) == [1, 0]


def test_labels_of_a_source_that_names_its_classes_are_positions():
    splits, classes = prepare([1, 0], [0, 1], ["negative", "positive"])
    assert classes == ["negative", "positive"]
    assert list(splits["train"]["label"]) == [1, 0]
    line = refusal([1, 2], [0, 1], ["negative", "positive"])
    assert "toy, train (train.csv), example 1: label '2'; expected one of the classes 0, 1" in line
    line = refusal([1, 0], [0, 1], ["negative", "positive"], classes=["a", "b"])
    assert "toy: classes ['a', 'b']; expected no such key" in line


def test_a_label_of_the_test_split_alone_is_a_class_missing_from_training():
    line = refusal(["a", "b"], ["a", "c"])
    assert line.startswith("toy, train (train.csv): no example of class 'c' among 2; expected some")


def test_a_stated_class_without_examples_is_missing_from_training():
    assert "no example of class 'z' among 2" in refusal(["a", "b"], ["a", "b"], classes=list("abz"))


def test_a_label_outside_the_stated_classes_is_named_with_file_and_example():
    line = refusal(["a", "b"], ["a", "x", "b"], classes=["a", "b"])
    assert line == "toy, test (test.csv), example 1: label 'x'; expected one of the classes a, b"


def test_a_split_with_one_class_or_none_is_refused():
    assert refusal(["a", "a"], ["a", "a"]) == (
        "toy, train (train.csv): class 'a' only; expected two classes or more"
    )
    assert "toy, test (test.csv): class 'a' only" in refusal(["a", "b"], ["a", "a"])
    assert "no class; expected two" in refusal(["", ""], ["", ""], task="multi-label")


def test_an_empty_split_is_refused():
    assert refusal([], ["a"]) == "toy, train (train.csv): no examples; expected at least one"
    assert refusal(["a", "b"], []) == "toy, test (test.csv): no examples; expected at least one"
    assert refusal(["a", "b"]) == "toy, test (drawn from train): no examples; expected at least one"


def test_rare_classes_go_with_the_examples_that_have_no_other():
    labels, test = ["a", "a", "b", "b", "c"], ["a", "b", "c"]
    splits, classes = prepare(labels, test, min_class_count=2)
    assert classes == ["a", "b"]
    assert ids(splits, "train") == {0, 1, 2, 3}
    assert ids(splits, "test") == {0, 1}


def test_rare_classes_of_several_go_and_the_rest_are_renumbered():
    labels, test = ["b|a", "a|z", "b", "z|q"], ["q", "z|b", "a"]
    settings = {"task": "multi-label", "classes": ["q", "z", "a", "b"], "min_class_count": 2}
    splits, classes = prepare(labels, test, **settings)
    assert classes == ["z", "a", "b"]
    assert list(splits["train"]["labels"]) == [[1, 2], [0, 1], [2], [0]]
    assert list(splits["test"]["labels"]) == [[0, 2], [1]]
    assert ids(splits, "test") == {1, 2}


def test_a_class_is_rare_if_what_is_left_for_training_has_too_few_of_it():
    labels = ["a"] * 20 + ["b"] * 20 + ["c"] * 10  # 16, 16 and 8 after two of ten c are drawn
    splits, classes = prepare(labels, min_class_count=8)
    assert classes == ["a", "b", "c"]
    assert class_counts(splits["train"], classes)["c"] == 8
    splits, classes = prepare(labels, min_class_count=9)
    assert classes == ["a", "b"]
    assert ids(splits, "test") == {row for row in ids(prepare(labels)[0], "test") if row < 40}


def test_examples_without_a_label_stay_and_those_that_lose_their_last_one_go():
    labels, test = ["a|b", "", "a", "b", "z"], ["", "z", "a|z", "b"]
    splits, classes = prepare(labels, test, task="multi-label", min_class_count=2)
    assert classes == ["a", "b"]
    assert list(splits["train"]["labels"]) == [[0, 1], [], [0], [1]]
    assert list(splits["test"]["labels"]) == [[], [0], [1]]


def test_dropping_all_classes_is_refused():
    assert "no examples" in refusal(["a", "b"], ["a", "b"], min_class_count=5)


def test_rows_keep_their_ids_through_every_filter():
    frame = examples(["a", "x", "b", "b", "a"], ["1", "2", " ", "4", "5"])
    splits, _ = data.prepare(
        {"train": frame, "test": frame}, None, dataset(drop_labels=["x"], drop_empty_text=True)
    )
    assert list(splits["train"]["example_id"]) == [0, 3, 4]
    assert list(splits["train"]["text"]) == ["1", "4", "5"]


def test_the_drawn_test_split_is_disjoint_complete_stratified_and_seeded():
    labels = ["a"] * 60 + ["b"] * 30 + ["c"] * 10
    splits, _ = prepare(labels)
    train, test = ids(splits, "train"), ids(splits, "test")
    assert train | test == set(range(100))
    assert not train & test
    assert Counter(splits["test"]["label"]) == {0: 12, 1: 6, 2: 2}
    assert ids(prepare(labels)[0], "test") == test
    assert ids(prepare(labels, split_seed=1)[0], "test") != test


@cache
def whole_of(seed):
    return prepare(["a", "b"] * 40, split_seed=seed)[0]


@given(st.integers(2, 60), st.none() | st.integers(4, 60), st.none() | st.integers(2, 12))
def test_a_limit_of_one_split_never_changes_the_other(max_train, other_max_train, max_test):
    labels = ["a", "b"] * 40
    one, _ = prepare(labels, max_train=max_train, max_test=max_test)
    other, _ = prepare(labels, max_train=other_max_train, max_test=max_test)
    pd.testing.assert_frame_equal(one["test"], other["test"])
    assert len(one["train"]) == min(max_train, 64)
    assert ids(one, "test") <= ids(whole_of(0), "test")
    assert ids(one, "train") <= ids(whole_of(0), "train")


def test_fewer_rows_than_classes_are_refused():
    line = refusal(list("abc") * 10, list("abc"), max_train=2)
    assert "no example of class" in line
    assert "max_train" in line


@given(st.integers(1, 70), st.integers(0, 5))
def test_a_class_is_thinned_alone_and_in_training_only(limit, seed):
    labels = ["a", "b"] * 40
    whole = whole_of(seed)
    thinned, classes = prepare(labels, split_seed=seed, max_train_by_class={"b": limit})
    pd.testing.assert_frame_equal(thinned["test"], whole["test"])
    kept = min(limit, 32)
    assert class_counts(thinned["train"], classes) == {"a": 32, "b": kept}
    assert ids(thinned, "train") <= ids(whole, "train")
    assert thinned["train"]["example_id"].is_monotonic_increasing


def test_what_is_thinned_depends_on_the_seed_and_holds_after_max_train():
    labels = ["a", "b"] * 40
    limits = {"max_train": 20, "max_train_by_class": {"b": 4}}
    one, classes = prepare(labels, **limits)
    assert class_counts(one["train"], classes) == {"a": 10, "b": 4}
    assert ids(prepare(labels, split_seed=1, **limits)[0], "train") != ids(one, "train")


def test_a_limit_of_no_class_is_refused():
    line = refusal(["a", "b"] * 9, max_train_by_class={"c": 4})
    assert line == "toy, max_train_by_class: 'c'; expected one of the classes a, b"


def test_limits_over_the_number_of_rows_change_nothing():
    splits, _ = prepare(["a", "b"] * 3, ["a", "b"], max_train=6, max_test=99)
    assert ids(splits, "train") == set(range(6))


def test_a_class_with_a_single_example_goes_to_training():
    for seed in range(5):
        splits, _ = prepare(["b"] + ["a", "c"] * 10, split_seed=seed)
        assert 0 in ids(splits, "train")


strata_of = st.lists(st.integers(-1, 5), min_size=1, max_size=80).map(np.array)


@given(strata_of, st.data(), st.integers(0, 9))
def test_a_stratified_sample_is_in_proportion_in_every_stratum(strata, drawn, seed):
    size = drawn.draw(st.integers(0, len(strata)))
    rows = stratified_sample(strata, size, np.random.default_rng(seed))
    assert len(rows) == size
    assert (np.diff(rows) > 0).all()
    for stratum in set(strata.tolist()):
        share = (strata == stratum).sum() * size / len(strata)
        assert abs((strata[rows] == stratum).sum() - share) < 1


@given(strata_of, st.data())
def test_every_stratum_is_in_the_sample_where_rounding_allows(strata, drawn):
    size = drawn.draw(st.integers(1, len(strata)))
    counts = np.unique(strata, return_counts=True)[1]
    without = (counts * size < len(strata)).sum()
    spare = size - (counts * size // len(strata)).sum()
    rows = stratified_sample(strata, size, np.random.default_rng(0))
    missing = len(counts) - len(set(strata[rows].tolist()))
    assert missing == max(0, without - spare)


def test_every_row_of_a_stratum_is_as_likely_to_be_drawn():
    strata = np.array([0] * 8 + [1] * 4)
    generator = np.random.default_rng(0)
    drawn = Counter()
    for _ in range(3000):
        drawn.update(stratified_sample(strata, 6, generator).tolist())
    shares = np.array([drawn[row] for row in range(12)]) / 3000
    assert np.abs(shares - 0.5).max() < 0.04  # over 4 standard errors


def test_several_labels_are_stratified_by_the_rarest():
    labels = ["common"] * 80 + ["common|rare"] * 20
    splits, classes = prepare(labels, task="multi-label")
    assert class_counts(splits["test"], classes) == {"common": 20, "rare": 4}


def test_class_counts_name_classes_without_examples():
    frame = pd.DataFrame({"label": [0, 0, 2]})
    assert class_counts(frame, ["x", "y", "z"]) == {"x": 2, "y": 0, "z": 1}
