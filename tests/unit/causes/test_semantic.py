import numpy as np
import pytest

from pielab.causes import semantic


def unit(values):
    values = np.array(values, dtype=np.float32)
    return values / np.linalg.norm(values, axis=1, keepdims=True)


def test_the_nearest_training_texts_come_first_and_say_how_many_have_another_label():
    training = unit([[1, 0], [1, 0.1], [0, 1], [-1, 0]])
    sets = semantic.label_sets(np.array([0, 1, 1, 1]), 2)
    found = semantic.neighbours(unit([[1, 0.02]]), sets[:1], training, sets)
    assert found.nearest.tolist() == [[0, 1, 2]]
    assert found.other_label.tolist() == [0.75]
    cosines = unit([[1, 0.02]]) @ training.T
    assert found.distance == pytest.approx(1 - cosines.mean())


def test_a_training_text_is_not_its_own_neighbour():
    training = unit([[1, 0], [1, 0.1], [0, 1]])
    sets = semantic.label_sets(np.array([0, 0, 1]), 2)
    found = semantic.neighbours(training, sets, training, sets, is_training=True)
    assert found.nearest[:, 0].tolist() == [1, 0, 1]
    assert found.other_label.tolist() == [0.5, 0.5, 1.0]


def test_without_training_texts_nothing_is_known():
    empty = np.empty((0, 2), dtype=np.float32)
    found = semantic.neighbours(unit([[1, 0]]), np.eye(2)[:1], empty, np.empty((0, 2)))
    assert found.nearest.tolist() == [[-1, -1, -1]]
    assert np.isnan([found.distance[0], found.other_label[0]]).all()


def test_of_several_labels_the_part_that_differs_counts():
    sets = np.array([[1, 1, 0], [0, 0, 0]], dtype=np.float32)
    own = np.array([[1, 0, 0]], dtype=np.float32)
    found = semantic.neighbours(unit([[1, 0]]), own, unit([[1, 0], [1, 0]]), sets)
    assert found.other_label.tolist() == [pytest.approx((0.5 + 1) / 2)]


def test_neighbours_are_those_of_all_pairs():
    rng = np.random.default_rng(0)
    training, texts = unit(rng.normal(size=(60, 4))), unit(rng.normal(size=(20, 4)))
    labels = rng.integers(0, 3, 60)
    sets = semantic.label_sets(labels, 3)
    found = semantic.neighbours(texts, sets[:20], training, sets)
    for row in range(20):
        order = sorted(range(60), key=lambda other: -float(texts[row] @ training[other]))[:10]
        assert found.nearest[row].tolist() == order[:3]
        assert found.other_label[row] == pytest.approx(np.mean(labels[order] != labels[row]))


def test_typical_is_what_points_to_where_the_class_does():
    training = unit([[1, 0], [0, 1], [-1, 0]])
    sets = semantic.label_sets(np.array([0, 0, 1]), 2)
    texts = unit([[1, 1], [1, 0]])
    found = semantic.typicality(texts, sets[[0, 2]], training, sets)
    assert found == pytest.approx([1, -1])


def test_a_training_text_is_left_out_of_its_class():
    training = unit([[1, 0], [0, 1], [-1, 0]])
    sets = semantic.label_sets(np.array([0, 0, 1]), 2)
    found = semantic.typicality(training, sets, training, sets, is_training=True)
    assert found[:2] == pytest.approx([0, 0])
    assert np.isnan(found[2])  # the only one of its class
