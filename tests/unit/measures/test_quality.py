"""Measures of single models, against scikit-learn and by hand."""

import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import accuracy_score, f1_score, log_loss, precision_score, recall_score

from helpers.cells import cell_of
from pielab.measures import columns_of, describe
from pielab.measures.quality import scores_per_seed
from pielab.pies.cell import Cell
from pielab.pies.decisions import decide
from pielab.pies.scores import decision_measures

RNG = np.random.default_rng(0)


def test_measures_of_several_labels_are_those_of_scikit_learn():
    truth = RNG.random((60, 4)) < 0.3
    truth[:, 3] = False  # a class without labels, which some models decide for
    models = RNG.random((3, 60, 4)) < 0.4
    found = decision_measures(models, truth)
    for row, model in enumerate(models):
        micro = f1_score(truth, model, average="micro", zero_division=0)
        precision = precision_score(truth, model, average="macro", zero_division=0)
        recall = recall_score(truth, model, average="macro", zero_division=0)
        assert found["micro_f1"][row] == pytest.approx(micro)
        assert found["macro_precision"][row] == pytest.approx(precision)
        assert found["macro_recall"][row] == pytest.approx(recall)
        assert found["subset_accuracy"][row] == pytest.approx(accuracy_score(truth, model))


def made_cell(n_examples):
    labels = RNG.integers(0, 3, n_examples)
    logits = RNG.normal(size=(2, 4, n_examples, 3)).astype(np.float32)
    sides = [decide({"train": side}, labels)["train"] for side in logits]
    return Cell(*sides, labels, np.arange(n_examples), "lowest"), logits


def test_the_loss_is_the_mean_cross_entropy_and_one_label_s_micro_f1_its_accuracy():
    cell, logits = made_cell(50)
    table = describe(cell)["scores"]
    first = np.exp(logits[0, 0].astype(float))
    expected = log_loss(cell.labels, first / first.sum(axis=1, keepdims=True), labels=[0, 1, 2])
    assert table["loss"][0] == pytest.approx(expected)
    assert table["micro_f1"].tolist() == pytest.approx(table["score"].tolist())
    assert table["subset_accuracy"].tolist() == table["score"].tolist()
    assert len(table) == 2 * 4


def test_the_generalisation_gap_is_the_loss_in_training_minus_that_in_testing():
    tables = []
    for split, size in (("train", 40), ("test", 20)):
        cell, _ = made_cell(size)
        tables.append(describe(cell)["scores"].assign(split=split))
    both = pd.concat(tables, ignore_index=True)
    names = {"dataset": "d", "model": "m", "method": "x", "level": 90.0, "baseline": "control"}
    scores = scores_per_seed([names], [both])
    assert scores[["method", "level"]].drop_duplicates().values.tolist() == [
        ["control", 0.0],
        ["x", 90.0],
    ]
    row = scores[(scores["method"] == "control") & (scores["seed"] == 2)].iloc[0]
    own = both[(both["side"] == "baseline") & (both["seed"] == 2)].set_index("split")
    assert row["generalisation_gap"] == own.loc["train", "loss"] - own.loc["test", "loss"]
    measured = list(columns_of("scores"))
    assert row[measured].tolist() == own.loc["test", measured].tolist()


def test_no_examples_and_no_labels_break_no_measure():
    cell = cell_of(np.zeros((2, 3, 2), bool), np.zeros((2, 3, 2), bool))
    found = decision_measures(cell.baseline.decisions, cell.truth)
    assert found["micro_f1"].tolist() == [0, 0]
    assert found["subset_accuracy"].tolist() == [1, 1]
