import numpy as np
import pytest

from pielab.causes import doubt


def test_doubt_is_what_the_label_lacks():
    chances = np.array([[0.9, 0.1], [0.3, 0.7]])
    assert doubt.of_label(chances, np.array([0, 0])) == pytest.approx([0.1, 0.7])


def test_of_several_labels_the_most_doubtful_counts():
    chances = np.array([[0.9, 0.4], [0.2, 0.1]])
    labels = np.array([[1, 0], [0, 1]], dtype=np.uint8)
    assert doubt.of_label(chances, labels) == pytest.approx([0.4, 0.9])
    assert doubt.is_doubted(
        np.array([[0.9], [0.1], [0.8]]), np.array([[1], [1], [1]])
    ).tolist() == [
        False,
        False,
        False,
    ]


def test_a_label_is_doubted_only_by_what_is_as_sure_as_the_other_class_is():
    labels = np.array([0, 0, 1, 1, 0])
    chances = np.array([[0.9, 0.1], [0.6, 0.4], [0.2, 0.8], [0.4, 0.6], [0.25, 0.75]])
    # class 1 is 0.7 sure on the mean of its two texts: the last text is taken for it
    assert doubt.is_doubted(chances, labels).tolist() == [False, False, False, False, True]
    chances[4] = 0.35, 0.65  # more probable than its label, but not as sure as class 1 is
    assert not doubt.is_doubted(chances, labels).any()


def test_wrong_labels_are_found_by_regressions_that_did_not_see_them():
    rng = np.random.default_rng(0)
    truth = rng.integers(0, 3, 300)
    embeddings = np.eye(3)[truth] + rng.normal(0, 0.2, (300, 3))
    wrong = rng.permutation(300)[:15]
    labels = truth.copy()
    labels[wrong] = (truth[wrong] + 1) % 3
    found = doubt.of_label(doubt.cross_validated(embeddings, labels, 3), labels)
    assert set(np.argsort(-found)[:15]) == set(wrong)


def test_a_class_of_one_text_tells_nothing():
    labels = np.array([0, 0, 0, 1])
    assert np.isnan(doubt.cross_validated(np.eye(4), labels, 2)).all()
