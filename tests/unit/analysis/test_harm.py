"""What compression takes away: negative flips, score, recall by class, calibration."""

import numpy as np
import pytest
from scipy.special import softmax

from helpers.cells import cell_of
from pielab.analysis.harm import (
    calibration_harm,
    class_harms,
    flip_p,
    harm_table,
    negative_flip_harm,
    score_harm,
)
from pielab.pies.cell import Cell, Predictions
from pielab.pies.scores import model_scores
from pielab.stats.agreement import calibration_error, calibration_parts
from pielab.stats.harm import harm_interval, measure
from pielab.stats.negative_flips import negative_flips


def random_cell(replicates, several=False, examples=60):
    rng = np.random.default_rng(0)
    if several:
        dense = rng.random((replicates, examples, 3)) < 0.5
        labels = (rng.random(dense.shape[1:]) < 0.5).astype(np.uint8)
        return cell_of(dense, dense ^ (rng.random(dense.shape) < 0.2), labels)
    labels = rng.integers(0, 3, examples)
    dense = np.where(rng.random((replicates, examples)) < 0.8, labels, 0)
    pruned = np.where(rng.random(dense.shape) < 0.3, 1, dense)
    return cell_of(dense, pruned, labels, n_classes=3)


def test_two_models_of_four_texts_by_hand():
    # Dense right about texts 0, 1, 2, pruned about 2, 3: two negative, one positive flip
    cell = cell_of([[0, 0, 1, 0]], [[1, 1, 1, 1]], [0, 0, 1, 1])
    assert negative_flip_harm(cell, np.random.default_rng(0)).loss == 0.25
    assert score_harm(cell).loss == 0.25
    assert [(name, harm.loss, harm.examples) for name, harm in class_harms(cell, "ab")] == [
        ("a", 1.0, 2),
        ("b", -0.5, 2),
    ]
    assert flip_p(cell) == 1.0  # 2 against 1 could hardly be less telling


def test_negative_flips_of_many_models_are_those_of_the_table_of_cells():
    cell = random_cell(9)
    found, table = (
        of(cell, np.random.default_rng(0)) for of in (negative_flip_harm, negative_flips)
    )
    assert found.loss * 60 == pytest.approx(table.excess.estimate)
    _, low, high = harm_interval(found, 0.95)
    assert high - low >= (table.excess.high - table.excess.low) / 60
    assert np.isnan(flip_p(cell))


def test_of_two_or_three_seeds_the_negative_flips_have_no_interval():
    for replicates in (2, 3):
        found = negative_flip_harm(random_cell(replicates), np.random.default_rng(0))
        assert np.isfinite(found.loss)
        assert np.isnan(harm_interval(found, 0.95).low)


@pytest.mark.parametrize("several", [False, True])
def test_recall_by_class_is_that_of_a_slow_reference(several):
    cell = random_cell(5, several)
    for (name, harm), index in zip(class_harms(cell, "abc"), range(3), strict=True):
        rows = [i for i in range(60) if cell.truth[i, index]]
        recalls = [
            np.mean([[model[i, index] for i in rows] for model in side.decisions])
            for side in cell.sides
        ]
        assert name == "abc"[index]
        assert harm.loss == pytest.approx(recalls[0] - recalls[1])
        assert harm.examples == len(rows)


@pytest.mark.parametrize("several", [False, True])
def test_the_loss_of_score_is_the_difference_of_mean_scores(several):
    cell = random_cell(5, several)
    means = [model_scores(side.decisions, cell.truth, several).mean() for side in cell.sides]
    assert score_harm(cell).loss == pytest.approx(means[0] - means[1])


def test_a_class_without_examples_loses_nothing_and_is_not_judged():
    cell = cell_of([[0, 0]], [[0, 0]], [0, 0], n_classes=3)
    assert [name for name, _ in class_harms(cell, "abc")] == ["a"]
    table = harm_table(cell, "abc", np.random.default_rng(0)).set_index("rule")
    assert table.loc[["worst_class"], "where"].tolist() == ["a"]


def test_draws_of_one_seed_are_its_replicates():
    cell = random_cell(6)
    cell = Cell(cell.baseline, cell.compressed, cell.labels, cell.ids, cell.ties, draws=6)
    table = harm_table(cell, "abc", np.random.default_rng(0))
    assert set(table["replicates"]) == {6}
    assert set(table["differ_by"]) == {"draw"}


def logits_of(confidence, right):
    """Return logits of two classes, of which 1 is answered with this confidence."""
    chance = np.log(confidence / (1 - confidence))
    return np.stack([np.zeros(len(right)), chance], axis=1).astype(np.float32), right.astype(int)


def slow_error(logits, labels, rng, halvings=20_000):
    """Return the corrected error from random halves of the examples."""
    probabilities = softmax(logits.astype(np.float64), axis=1)
    confidence = probabilities.max(axis=1)
    gaps = (probabilities.argmax(axis=1) == labels) - confidence
    bins = np.ceil(np.round(confidence * 15, 9)).astype(int)
    total = 0.0
    for number in np.unique(bins):
        own = gaps[bins == number]
        first = rng.integers(0, 2, (halvings, len(own))) @ own
        total += 2 * np.mean(np.sign(first) * (own.sum() - first))
    return total / len(labels)


def test_corrected_calibration_is_the_mean_over_halves_of_the_examples():
    rng = np.random.default_rng(0)
    logits, labels = rng.normal(0, 2, (150, 3)).astype(np.float32), rng.integers(0, 3, 150)
    found = calibration_parts(logits, labels).mean()
    assert found == pytest.approx(slow_error(logits, labels, rng), abs=5e-3)


def test_a_model_that_is_far_too_sure_has_its_whole_error():
    right = np.arange(1000) % 2 == 0  # right half of the time, and 90 % sure
    logits, labels = logits_of(np.full(1000, 0.9), right)
    whole = Predictions(logits[None], logits[None] > 0, multi_label=False)
    assert calibration_parts(logits, labels).mean() == pytest.approx(0.4)
    assert calibration_error(whole, labels) == pytest.approx(0.4)


def test_calibrated_models_with_other_confidences_add_no_error_but_by_chance():
    rng, plain, corrected, covered = np.random.default_rng(0), [], [], []
    for _ in range(200):
        sure, unsure = np.full(200, 0.97), rng.uniform(0.51, 0.99, 200)
        # Labels that both are calibrated for: those of the sure one are drawn apart
        first = logits_of(sure, rng.random(200) < sure)
        second = logits_of(unsure, rng.random(200) < unsure)
        parts = [calibration_parts(*one) for one in (first, second)]
        sides = [Predictions(one[0][None], one[0][None] > 0, False) for one in (first, second)]
        errors = [
            calibration_error(side, one[1])[0]
            for side, one in zip(sides, (first, second), strict=True)
        ]
        plain.append(errors[1] - errors[0])
        added = parts[1] - parts[0]
        _, low, high = harm_interval(measure(added, added[None]), 0.95)
        corrected.append(added.mean())
        covered.append(low <= 0 <= high)
    assert np.mean(plain) > 0.05
    assert abs(np.mean(corrected)) < 0.01
    assert np.mean(covered) > 0.94


def test_of_several_labels_each_pair_is_a_prediction():
    cell = random_cell(5, several=True)
    assert abs(calibration_harm(cell).loss) < 1
    assert calibration_harm(cell).examples == 60
