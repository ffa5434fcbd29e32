"""Shifts of log odds and PIE probabilities of made-up cells."""

import numpy as np
import pytest

from helpers.cells import row_of
from pielab.measures import cell_margins, describe
from pielab.measures.shifts import example_shifts
from pielab.pies.cell import Cell, Predictions
from pielab.pies.decisions import decide

RNG = np.random.default_rng(0)
EXAMPLES, SEEDS = 200, 6


def cell_of_logits(baseline, compressed, labels):
    sides = [
        decide({"train": side.astype(np.float32)}, labels)["train"]
        for side in (baseline, compressed)
    ]
    return Cell(*sides, labels, np.arange(len(labels)), "lowest")


def moved_cell(n_classes, moved, by=-3.0):
    """Return a cell whose label's logit moves by so much on the first examples."""
    labels = RNG.integers(0, n_classes, EXAMPLES)
    own = RNG.normal(0, 1, (EXAMPLES, n_classes))
    sides = [own + RNG.normal(0, 0.5, (SEEDS, EXAMPLES, n_classes)) for _ in range(2)]
    rows = np.arange(moved)
    sides[1][:, rows, labels[rows]] += by
    return cell_of_logits(*sides, labels)


@pytest.mark.parametrize("n_classes", [2, 4])
def test_log_odds_that_fall_for_the_label_are_a_shift_below_zero_that_is_sure(n_classes):
    cell = moved_cell(n_classes, moved=20)
    table = example_shifts(cell, cell_margins(cell))
    assert (table["shift"][:20] < -1).all()
    assert (table["shift_low"] <= table["shift"]).all()
    assert (table["shift"] <= table["shift_high"]).all()
    assert (table["shift_q"][:20] <= 0.05).mean() > 0.9
    assert (table["shift_q"][20:] <= 0.05).mean() < 0.05
    probable = table["pie_probability"]
    assert probable[:20].mean() > probable[20:].mean()


def test_models_that_are_surer_everywhere_shift_no_standardised_example():
    labels = RNG.integers(0, 2, EXAMPLES)
    own = RNG.normal(0, 1, (EXAMPLES, 2)) + RNG.normal(0, 0.1, (SEEDS, EXAMPLES, 2))
    cell = cell_of_logits(own, 4 * own, labels)  # a power of two rounds nothing
    row = row_of(cell)
    assert row["shifted"] > EXAMPLES / 4
    assert row["shifted_standardised"] == 0
    assert row["expected_pies"] < 0.05 * EXAMPLES


def test_of_several_labels_a_shift_towards_the_truth_is_above_zero():
    truth = (RNG.random((EXAMPLES, 3)) < 0.4).astype(np.uint8)
    signs = np.where(truth, 1.0, -1.0)
    own = signs + RNG.normal(0, 0.3, (SEEDS, EXAMPLES, 3))
    sides = [
        Predictions(side.astype(np.float32), side > 0, True, np.full(SEEDS, 0.5))
        for side in (own, own + signs)
    ]
    cell = Cell(*sides, truth, np.arange(EXAMPLES), "lowest")
    table = example_shifts(cell, cell_margins(cell))
    assert table["shift"].to_numpy() == pytest.approx(np.ones(EXAMPLES), rel=1e-5)
    assert table["shift_low"].isna().all()


def test_one_seed_knows_neither_shifts_nor_probabilities_for_sure():
    labels = RNG.integers(0, 2, EXAMPLES)
    cell = cell_of_logits(*RNG.normal(size=(2, 1, EXAMPLES, 2)), labels)
    sides = cell_margins(cell)
    table = example_shifts(cell, sides)
    assert table["shift"].notna().all()
    assert table[["shift_q", "pie_probability"]].isna().all(axis=None)
    row = row_of(cell)
    assert np.isnan([row["expected_pies"], row["shifted"], row["certain_by_shift"]]).all()
    assert row["expected_note"] == "one model on each side does not show how models differ"


def test_pies_are_counted_by_the_tiers_of_their_shift():
    cell = moved_cell(2, moved=20)
    tables = describe(cell)
    row, table = tables["row"].iloc[0], tables["examples"]
    q = table["shift_q"][table["pie"]]
    assert row["certain_by_shift"] == (q <= 0.05).sum() > 5
    assert row["likely_by_shift"] == ((q > 0.05) & (q <= 0.2)).sum()
    assert row["expected_note"] == ""
