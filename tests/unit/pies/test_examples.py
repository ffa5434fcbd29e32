"""Examples are chosen by the change of their votes."""

import numpy as np
import pandas as pd

from pielab.pies.examples import label_names, strongest_flips


def cell(**columns):
    return pd.DataFrame(columns)


def test_the_strongest_flips_of_each_kind_come_first_and_equals_by_id():
    found = cell(
        example_id=[7, 3, 5, 9, 1],
        label=[0, 0, 0, 1, 1],
        baseline_votes=[[4, 0], [3, 1], [4, 0], [3, 1], [4, 0]],
        compressed_votes=[[0, 4], [1, 3], [0, 4], [1, 3], [4, 0]],
        flip=["bad", "bad", "bad", "good", None],
    )
    picked = strongest_flips(found, n_seeds=4, most=2)
    assert list(picked["example_id"]) == [9, 5, 7]
    np.testing.assert_allclose(picked["vote_change"], [0.5, 1, 1])


def test_labels_are_named_several_joined_and_none_empty():
    names = ["neg", "pos"]
    assert label_names(pd.Series([1, 0, -1]), names) == ["pos", "neg", ""]
    lists = pd.Series([np.array([0, 1]), np.array([], dtype=int)])
    assert label_names(lists, names) == ["neg|pos", ""]


def test_a_cell_without_pies_gives_no_examples():
    found = cell(
        example_id=[1], label=[0], baseline_votes=[[4, 0]], compressed_votes=[[4, 0]], flip=[None]
    )
    assert strongest_flips(found, n_seeds=4, most=2).empty
