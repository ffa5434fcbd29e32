"""Collapsed models: those that answer one class, and those whose score says no more."""

import numpy as np
import pytest
from sklearn.metrics import f1_score

from helpers.cells import cell_of
from pielab.measures.collapse import best_constant, collapse_row

RNG = np.random.default_rng(0)
LABELS = RNG.integers(0, 2, 400)


def models(skill, seeds=6):
    """Return ids of models that are right with this probability."""
    return np.where(RNG.random((seeds, 400)) < skill, LABELS, 1 - LABELS)


def test_models_that_answer_one_class_have_collapsed_and_working_ones_have_not():
    working, constant = models(0.9), np.zeros((6, 400), dtype=int)
    row = collapse_row(cell_of(working, constant, LABELS))
    assert row["collapsed"]
    assert (row["top_answer_compressed"], row["constant_models_compressed"]) == (1.0, 6)
    assert row["constant_models_baseline"] == 0
    assert row["above_constant_baseline_low"] > 0.3
    assert not collapse_row(cell_of(working, models(0.8), LABELS))["collapsed"]


def test_models_that_guess_have_collapsed_though_they_answer_both_classes():
    row = collapse_row(cell_of(models(0.9), models(0.5), LABELS))
    assert row["collapsed"]
    assert row["top_answer_compressed"] < 0.6


def test_dense_models_that_have_collapsed_make_the_cell_a_collapsed_one():
    assert collapse_row(cell_of(models(0.5), models(0.9), LABELS))["collapsed"]


def test_the_best_constant_answer_is_the_most_frequent_class_whatever_the_models_say():
    labels = np.array([0] * 30 + [1] * 70)
    zeros = np.zeros((4, 100), dtype=int)
    row = collapse_row(cell_of(zeros, zeros, labels))
    assert row["constant_score"] == 0.7
    assert row["above_constant_compressed"] == pytest.approx(-0.4)


def test_models_have_not_collapsed_where_one_answer_is_right_for_all_examples():
    ones = np.ones(400, dtype=int)
    answers = (RNG.random((6, 400)) < 0.3).astype(int)
    row = collapse_row(cell_of(answers, answers, ones))
    assert not row["collapsed"]
    assert row["constant_score"] == 1


def test_of_several_labels_no_constant_answer_beats_all_labels_at_once():
    truth = (RNG.random((200, 3)) < [0.5, 0.3, 0.1]).astype(np.uint8)
    cell = cell_of(np.ones((4, 200, 3), bool), np.zeros((4, 200, 3), bool), truth)
    scores = [
        f1_score(truth, np.tile(answer, (200, 1)), average="macro", zero_division=0)
        for answer in np.ndindex(2, 2, 2)
    ]
    assert best_constant(cell).all()
    row = collapse_row(cell)
    assert row["constant_score"] == pytest.approx(max(scores))
    assert row["above_constant_baseline"] == pytest.approx(0)
    assert row["collapsed"]


def test_one_seed_is_judged_over_examples_alone():
    assert not collapse_row(cell_of(models(0.9, 1), models(0.9, 1), LABELS))["collapsed"]
    assert collapse_row(cell_of(models(0.9, 1), models(0.5, 1), LABELS))["collapsed"]
