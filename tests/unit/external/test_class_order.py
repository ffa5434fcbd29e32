"""The order of a model's outputs is checked against the true labels."""

import itertools

import numpy as np
import pandas as pd
import pytest

from pielab.external import class_order

CLASSES = ["Business", "Sci/Tech", "Sports", "World"]
ORDER = [2, 3, 1, 0]  # the output of each class


def answers(labels, accuracy, order=ORDER, models=1, seed=0, n_classes=4):
    """Return logits in the order of outputs, right for a share of the texts."""
    rng = np.random.default_rng(seed)
    outputs = np.asarray(order)[labels]
    logits = np.zeros((models, len(labels), n_classes))
    for own in logits:
        wrong = rng.integers(0, n_classes, len(labels))
        said = np.where(rng.random(len(labels)) < accuracy, outputs, wrong)
        own[np.arange(len(labels)), said] = 1
    return logits


def frame_of(labels):
    return pd.DataFrame({"label": labels})


LABELS = np.random.default_rng(1).integers(0, 4, 300)


def test_the_best_order_is_that_of_a_search_through_all():
    rng = np.random.default_rng(2)
    for _ in range(20):
        is_class, said = rng.random((30, 4)) < 0.3, rng.random((30, 4)) < 0.4

        def agree(order, is_class=is_class, said=said):
            return (said[:, list(order)] == is_class).sum()

        found = class_order.best_order(said.astype(float), is_class.astype(np.uint8))
        assert agree(found) == max(map(agree, itertools.permutations(range(4))))


@pytest.mark.parametrize("models", [1, 3])
def test_outputs_without_names_in_another_order_are_refused_with_the_one_that_fits(models):
    logits = answers(LABELS, 0.8, models=models)
    with pytest.raises(ValueError) as error:
        class_order.check(logits, frame_of(LABELS), CLASSES, [0, 1, 2, 3], "m.onnx")
    assert str(error.value).startswith("m.onnx: outputs without names fit the labels best in")
    assert str(error.value).endswith(
        "expected predictions.labels: "
        "{Business: LABEL_2, Sci/Tech: LABEL_3, Sports: LABEL_1, World: LABEL_0}"
    )


def test_the_refusal_counts_from_the_outputs_and_not_from_the_order_that_was_tried():
    tried = [1, 0, 3, 2]
    logits = answers(LABELS, 0.8)[:, :, tried]
    with pytest.raises(ValueError, match=r"Business: LABEL_2, .* World: LABEL_0}"):
        class_order.check(logits, frame_of(LABELS), CLASSES, tried, "m.onnx")


def test_the_right_order_is_nothing_to_say():
    logits = answers(LABELS, 0.6, order=[0, 1, 2, 3])
    assert class_order.check(logits, frame_of(LABELS), CLASSES, [0, 1, 2, 3], "m") == []


def test_named_outputs_in_another_order_are_a_note():
    (note,) = class_order.check(answers(LABELS, 0.8), frame_of(LABELS), CLASSES, None, "m")
    assert "Sports as Business, World as Sci/Tech, Sci/Tech as Sports, Business as World" in note
    assert note.endswith("are its classes named in the right order?")


def test_a_collapsed_model_has_no_order_and_is_a_note_only_without_names():
    labels = np.repeat([0, 1, 1, 1], 100)
    logits = answers(labels, 1.0, order=[0, 0], n_classes=2)
    assert class_order.check(logits, frame_of(labels), ["a", "b"], None, "m") == []
    (note,) = class_order.check(logits, frame_of(labels), ["a", "b"], [0, 1], "m")
    assert "labels do not confirm (75.0 % right instead of 25.0 %" in note


def test_a_single_output_for_the_other_class_is_refused_with_its_name():
    labels = np.random.default_rng(3).integers(0, 2, 200)
    logits = answers(labels, 0.9, order=[1, 0], n_classes=2)
    with pytest.raises(ValueError, match=r"expected predictions\.labels: {bad: LABEL_0}"):
        class_order.check(logits, frame_of(labels), ["bad", "good"], [-1, 0], "m")


def test_rare_classes_and_good_models_are_refused_too():
    labels = (np.arange(1000) % 25 == 0).astype(int)
    logits = answers(labels, 0.99, order=[1, 0], n_classes=2)
    with pytest.raises(ValueError, match="a: LABEL_1, b: LABEL_0"):
        class_order.check(logits, frame_of(labels), ["a", "b"], [0, 1], "m")


def test_many_classes_are_refused_from_few_texts_of_each():
    labels = np.arange(900) % 150
    order = np.random.default_rng(4).permutation(150)
    logits = answers(labels, 0.7, order=order, n_classes=150)
    classes = [f"c{number}" for number in range(150)]
    with pytest.raises(ValueError, match=r"LABEL_\d+, \.\.\.}"):
        class_order.check(logits, frame_of(labels), classes, range(150), "m")


def test_several_labels_are_checked_too():
    rng = np.random.default_rng(5)
    is_class = rng.random((300, 3)) < [0.2, 0.4, 0.6]
    on = np.where(rng.random((300, 3)) < 0.15, ~is_class, is_class)
    logits = np.where(on, 2.0, -2.0)[None][:, :, [1, 2, 0]]
    frame = pd.DataFrame({"labels": [np.flatnonzero(row).tolist() for row in is_class]})
    with pytest.raises(ValueError, match="a: LABEL_2, b: LABEL_0, c: LABEL_1"):
        class_order.check(logits, frame, ["a", "b", "c"], [0, 1, 2], "m")


def test_models_without_skill_are_hardly_ever_refused():
    refused = 0
    for seed in range(200):
        rng = np.random.default_rng(seed)
        labels = rng.choice(4, 200, p=[0.4, 0.3, 0.2, 0.1])
        logits = np.eye(4)[rng.choice(4, 200, p=[0.1, 0.2, 0.3, 0.4])][None]
        try:
            class_order.check(logits, frame_of(labels), CLASSES, [0, 1, 2, 3], "m")
        except ValueError:
            refused += 1
    assert refused <= 2
