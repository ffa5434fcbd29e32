"""Class tables and the test of whether PIEs' classes differ."""

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from helpers.cells import cell_of
from pielab.analysis import classes
from pielab.measures.pies import find_pies


def find(dense, pruned, labels, n_classes=None):
    return find_pies(cell_of(dense, pruned, labels, n_classes=n_classes))


def test_rates_and_accuracies_of_a_hand_made_cell():
    labels = np.array([0, 0, 1, 1])
    dense = [[0, 0, 1, 1], [0, 0, 1, 0], [0, 1, 1, 0]]
    pruned = [[1, 0, 1, 0], [1, 0, 1, 0], [0, 0, 1, 1]]
    found = find(dense, pruned, labels, n_classes=3)
    truth = classes.truth_array(found, 3)
    table = classes.class_table(found, truth, 3, ["a", "b", "c"], np.random.default_rng(0))
    assert list(table["examples"]) == [2, 2, 0]
    assert list(table["pies"]) == [1, 0, 0]
    np.testing.assert_allclose(table["pie_rate"], [0.5, 0, np.nan])
    np.testing.assert_allclose(table["score_baseline"], [5 / 6, 4 / 6, np.nan])
    np.testing.assert_allclose(table["score_compressed"], [4 / 6, 4 / 6, np.nan])


def test_f1_of_several_labels_counts_the_decisions_of_all_seeds():
    rng = np.random.default_rng(0)
    labels = (rng.random((30, 4)) < 0.3).astype(np.uint8)
    dense, pruned = rng.random((2, 5, 30, 4)) < 0.4
    found = find(dense, pruned, labels)
    truth = classes.truth_array(found, 4)
    np.testing.assert_array_equal(truth, labels)
    table = classes.class_table(found, truth, 5, list("abcd"), rng)
    hits = (dense & labels.astype(bool)).sum(axis=(0, 1))
    expected = 2 * hits / (dense.sum(axis=(0, 1)) + 5 * labels.sum(axis=0))
    np.testing.assert_allclose(table["score_baseline"], expected)
    assert list(table["pies"]) == [found.loc[labels[:, c] == 1, "pie"].sum() for c in range(4)]


def test_p_value_is_fishers_for_two_classes():
    # Two classes: as far off as observed or farther, by Pearson's distance, either way
    truth = np.repeat(np.eye(2, dtype=bool), [12, 8], axis=0)
    pie = np.isin(np.arange(20), [0, 1, 2, 3, 4, 5, 6, 12])
    chances = stats.hypergeom(20, 12, 8).pmf(np.arange(9))
    off = (np.arange(9) - 8 * 12 / 20) ** 2
    expected = chances[off >= (7 - 4.8) ** 2 - 1e-9].sum()
    found = classes.class_test(truth, pie, np.random.default_rng(0), draws=40000)
    assert found == pytest.approx(expected, abs=0.01)


def test_p_values_of_several_labels_are_uniform_without_an_effect_and_small_with_one():
    rng = np.random.default_rng(0)
    truth = rng.random((200, 5)) < [0.5, 0.3, 0.2, 0.1, 0.05]
    found = [classes.class_test(truth, rng.random(200) < 0.2, rng, 199) for _ in range(200)]
    assert stats.kstest(found, "uniform").pvalue > 0.001
    follows = rng.random(200) < np.where(truth[:, 2], 0.6, 0.1)
    assert classes.class_test(truth, follows, rng) < 0.01


def test_without_pies_or_with_nothing_else_there_is_no_p_value():
    truth = np.eye(3, dtype=bool)
    for pie in (np.zeros(3, dtype=bool), np.ones(3, dtype=bool)):
        assert np.isnan(classes.class_test(truth, pie, np.random.default_rng(0)))


def test_lists_of_labels_survive_a_parquet_file(tmp_path):
    labels = np.array([[1, 0, 1], [0, 0, 0]], dtype=np.uint8)
    decisions = np.ones((2, 2, 3), dtype=bool)
    found = find(decisions, ~decisions, labels)
    found.to_parquet(tmp_path / "pies.parquet")
    read = pd.read_parquet(tmp_path / "pies.parquet")
    np.testing.assert_array_equal(classes.truth_array(read, 3), labels)


def test_flips_between_classes_are_counted_by_pair():
    dense, pruned = [[0, 0, 1, 2, 2]] * 3, [[1, 1, 0, 2, 0]] * 3
    found = find(dense, pruned, np.zeros(5, dtype=int))
    pairs = classes.flipped_pairs(found, ["a", "b", "c"])
    assert pairs.to_numpy().tolist() == [["a", "b", 2], ["b", "a", 1], ["c", "a", 1]]
    rng = np.random.default_rng(0)
    table = classes.class_table(found, classes.truth_array(found, 3), 3, list("abc"), rng)
    assert table["pies_as_baseline"].tolist() == [2, 1, 1]
    assert table["pies_as_compressed"].tolist() == [2, 2, 0]


def test_of_several_labels_gained_and_lost_ones_are_counted():
    dense = np.tile([[True, False], [True, True]], (3, 1, 1))
    pruned = np.tile([[True, True], [False, True]], (3, 1, 1))
    found = find(dense, pruned, np.zeros((2, 2), dtype=np.uint8))
    pairs = classes.flipped_pairs(found, ["a", "b"]).fillna("-")
    assert pairs.to_numpy().tolist() == [["a", "-", 1], ["-", "b", 1]]


def test_the_frequency_of_classes_is_compared_by_data_set():
    table = pd.DataFrame(
        {"dataset": ["even"] * 2 + ["skewed"] * 3, "train_examples": [10, 12, 8, 2, 0]}
    )
    assert classes.frequency_ratios(table).to_dict() == {"even": 1.2, "skewed": 8}
