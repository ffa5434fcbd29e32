import numpy as np
import pytest

from pielab.analysis.layers import right


def test_the_majority_is_right_if_it_is_about_the_class_or_about_every_label():
    decisions = np.array([[[1, 0], [0, 1]], [[1, 0], [0, 1]], [[0, 1], [1, 0]]], dtype=bool)
    truth = np.array([[1, 0], [1, 0]], dtype=bool)
    assert right(decisions, truth, "lowest", False).tolist() == [True, False]
    several = np.array([[[1, 1], [0, 0]], [[1, 1], [0, 1]], [[0, 1], [0, 0]]], dtype=bool)
    assert right(several, np.array([[1, 1], [0, 1]]) == 1, "lowest", True).tolist() == [True, False]


@pytest.mark.parametrize(("ties", "expected"), [("lowest", False), ("highest", True)])
def test_ties_go_by_the_studys_rule(ties, expected):
    decisions = np.array([[[1, 0]], [[0, 1]]], dtype=bool)
    truth = np.array([[0, 1]], dtype=bool)
    assert right(decisions, truth, ties, False).tolist() == [expected]
