"""Examples are chosen by the change of their votes."""

import numpy as np
import pandas as pd

from pielab.pies.examples import label_names, shown_flips, vote_words


def cell(**columns):
    return pd.DataFrame(columns)


def test_the_strongest_flips_of_each_kind_come_first_and_equals_by_id():
    found = cell(
        example_id=[7, 3, 5, 9, 1],
        label=[0, 0, 0, 1, 1],
        baseline_votes=[[4, 0], [3, 1], [4, 0], [3, 1], [4, 0]],
        compressed_votes=[[0, 4], [1, 3], [0, 4], [1, 3], [4, 0]],
        flip=["negative", "negative", "negative", "positive", None],
    )
    picked = shown_flips(found.assign(q=1.0), n_models=4, most=2, most_sure=0)
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
    assert shown_flips(found.assign(q=1.0), n_models=4, most=2, most_sure=5).empty


def test_the_surest_flips_have_the_smallest_q_and_of_equals_the_greatest_change():
    found = cell(
        example_id=[1, 2, 3, 4, 5],
        label=0,
        baseline_votes=[[9, 0]] * 5,
        compressed_votes=[[0, 9], [4, 5], [2, 7], [1, 8], [9, 0]],
        flip=["negative", "negative", "negative", "negative", None],
        q=[0.5, 0.01, 0.01, 0.2, 0.001],
    )
    picked = shown_flips(found, n_models=9, most=1, most_sure=3)
    assert picked["surest"].isna().tolist() == [True, False, False, False]
    places = picked.set_index("example_id")["surest"].dropna()
    assert places.to_dict() == {3: 1, 2: 2, 4: 3}


def test_votes_are_said_by_class_the_most_first():
    votes = pd.Series([np.array([2, 0, 7]), np.array([0, 0, 0])])
    assert vote_words(votes, ["neg", "both", "pos"]) == ["pos 7|neg 2", ""]
