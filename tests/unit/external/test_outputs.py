"""Outputs of models that were made elsewhere, matched with the classes of a dataset."""

import numpy as np
import pytest

from pielab.external import outputs


def match(names, classes, **labels):
    described = {"id2label": dict(enumerate(names))}
    settings = {"multi_label": False, "labels": labels.get("labels")}
    return outputs.match(described, len(names), classes, settings, "model")


def test_classes_that_differ_by_case_alone_get_their_own_outputs():
    assert match(["us", "US"], ["US", "us"]) == ([1, 0], False)


def test_names_that_fit_only_without_their_case_still_fit():
    assert match(["No", "YES"], ["yes", "no"]) == ([1, 0], False)


def test_numbers_fit_with_or_without_decimals():
    assert match(["1.0", "0.0"], ["0", "1"]) == ([1, 0], False)
    assert match(["1", "0"], ["0.0", "1.0"]) == ([1, 0], False)


@pytest.mark.parametrize(
    ("names", "columns"),
    [
        (["NEGATIVE", "POSITIVE"], [0, 1]),
        (["positive", "negative"], [1, 0]),
        (["1", "0"], [1, 0]),  # the other model has the names of the dataset
    ],
)
def test_classes_are_found_by_what_the_config_says_they_are_called(names, columns):
    labels = {"0": "NEGATIVE", "1": "POSITIVE"}
    assert match(names, ["0", "1"], labels=labels) == (columns, False)


def test_a_mapping_goes_before_equal_names():
    assert match(["neg", "pos"], ["neg", "pos"], labels={"neg": "pos", "pos": "neg"})[0] == [1, 0]


@pytest.mark.parametrize("form", ["LABEL_{}", "label_{}", "{}"])
def test_outputs_without_names_can_be_named(form):
    labels = {name: form.format(at) for name, at in [("a", 2), ("b", 0), ("c", 1)]}
    unnamed = ["LABEL_0", "LABEL_1", "LABEL_2"]
    assert match(unnamed, ["a", "b", "c"], labels=labels) == ([2, 0, 1], False)
    assert match(unnamed, ["a", "b", "c"]) == ([0, 1, 2], True)


def test_a_single_output_can_be_named():
    for name, columns in (("bad", [0, outputs.ZERO]), ("good", [outputs.ZERO, 0])):
        assert match(["LABEL_0"], ["bad", "good"], labels={name: "LABEL_0"}) == (columns, False)
    assert match(["LABEL_0"], ["bad", "good"]) == ([outputs.ZERO, 0], True)


def test_names_of_other_classes_are_refused_with_the_key_that_maps_them():
    with pytest.raises(ValueError, match=r"outputs NEGATIVE, POSITIVE; .*predictions\.labels maps"):
        match(["NEGATIVE", "POSITIVE"], ["0", "1"])


def test_classes_that_differ_in_case_never_get_the_output_of_another():
    assert match(["A", "a"], ["a", "A"]) == ([1, 0], False)
    with pytest.raises(ValueError, match="outputs A, a, B; expected the classes a, A, b"):
        match(["A", "a", "B"], ["a", "A", "b"])


@pytest.mark.parametrize("name", ["very  good", "Very\u00a0good", "very good\u200b"])
def test_names_that_look_the_same_are_the_same(name):
    assert match(["bad", name], ["very good", "bad"]) == ([1, 0], False)


def test_numbers_of_outputs_in_another_order_are_names():
    labels = {"neg": "LABEL_0", "pos": "LABEL_1"}
    assert match(["LABEL_1", "LABEL_0"], ["neg", "pos"], labels=labels) == ([1, 0], False)
    with pytest.raises(ValueError, match="outputs LABEL_1, LABEL_0; expected the classes"):
        match(["LABEL_1", "LABEL_0"], ["neg", "pos"])


def test_a_mapping_of_a_part_of_the_outputs_is_refused():
    with pytest.raises(ValueError, match=r"predictions\.labels: .*; expected each of the classes"):
        match(["LABEL_0", "LABEL_1"], ["neg", "pos"], labels={"neg": "LABEL_1"})


@pytest.mark.parametrize("levels", [255, 256])
def test_many_probabilities_of_a_byte_each_may_miss_1_by_their_rounding(levels):
    rng = np.random.default_rng(0)
    shares = rng.uniform(0.0005, 0.0018, (60, 150)).astype(np.float32)
    shares[:, 0] = rng.uniform(0.2, 0.7, 60)
    shares[:, 1] += 1 - shares.sum(axis=1)
    said = np.round(shares * levels) / np.float32(levels)
    assert np.abs(said.sum(axis=1) - 1).max() > outputs.SUM_OFF
    logits = outputs.as_logits(said, "softmax", False, "m.onnx")
    assert (logits.argmax(axis=1) == said.argmax(axis=1)).all()
    with pytest.raises(ValueError, match="add up to"):
        outputs.as_logits(said * np.float32(0.5), "softmax", False, "m.onnx")
    with pytest.raises(ValueError, match="add up to"):
        outputs.as_logits(shares * np.float32(0.9), "softmax", False, "m.onnx")
