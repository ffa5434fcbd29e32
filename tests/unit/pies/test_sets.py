import itertools

import numpy as np
import pytest
from sklearn.metrics import jaccard_score

from pielab.pies.sets import overlaps, persistence


def test_persistence_counts_the_examples_by_their_cells_and_what_independence_would_give():
    pies = np.array([[1, 1, 0, 0], [0, 1, 0, 0]], dtype=bool)
    table = persistence(pies)
    assert list(table["cells"]) == [0, 1, 2]
    assert list(table["examples"]) == [2, 1, 1]
    assert list(table["expected"]) == [4 * 0.5 * 0.75, 4 * (0.5 * 0.75 + 0.5 * 0.25), 4 * 0.125]


def test_overlaps_are_those_of_scikit_learn_and_empty_sets_are_equal():
    pies = np.random.default_rng(0).random((4, 60)) < 0.3
    pies[3] = False
    found = overlaps(pies)
    for a, b in itertools.product(range(3), repeat=2):
        assert found[a, b] == pytest.approx(jaccard_score(pies[a], pies[b]))
    assert list(found[3]) == [0.0, 0.0, 0.0, 1.0]
