"""Tests per example and their power; churn, loyalty, divergence, calibration, overlaps."""

import itertools
from math import log, sqrt

import numpy as np
import pytest
from scipy.spatial.distance import jensenshannon
from scipy.special import expit, softmax
from scipy.stats import entropy

from helpers.benchmark_script import load
from helpers.cells import cell_of
from pielab.pies.cell import Cell, Predictions
from pielab.stats import agreement


@pytest.fixture(scope="module")
def simulation():
    return load("simulate_statistics")


def logits(seed, scale=3.0, shape=(4, 50, 3)):
    return (scale * np.random.default_rng(seed).standard_normal(shape)).astype(np.float32)


def cell_of_logits(dense, pruned, multi_label=False):
    labels = np.zeros(dense.shape[1:] if multi_label else dense.shape[1], dtype=int)
    sides = (Predictions(side, side > 0, multi_label) for side in (dense, pruned))
    return Cell(*sides, labels, np.arange(len(labels)), "lowest")


def calibration_error(logits, labels, bins=15):
    logits = np.asarray(logits)
    predictions = Predictions(logits, logits > 0, labels.ndim == 2)
    return agreement.calibration_error(predictions, labels, bins)


@pytest.mark.parametrize("multi_label", [False, True])
def test_churn_is_the_mean_over_pairs_of_models(multi_label):
    dense, pruned = logits(0), logits(1)
    if multi_label:
        dense, pruned = dense > 0, pruned > 0
    else:
        dense, pruned = (side.argmax(axis=2).astype(np.int8) for side in (dense, pruned))
    within = list(itertools.combinations(range(4), 2))
    across = list(itertools.permutations(range(4), 2))
    expected = [
        np.mean([(dense[a] != dense[b]).mean() for a, b in within]),
        np.mean([(pruned[a] != pruned[b]).mean() for a, b in within]),
        np.mean([(dense[a] != pruned[a]).mean() for a in range(4)]),
        np.mean([(dense[a] != pruned[b]).mean() for a, b in across]),
        np.nan,
    ]
    np.testing.assert_allclose(agreement.churn(cell_of(dense, pruned)), expected)


def test_churn_of_one_seed_is_known_only_within_it():
    found = agreement.churn(cell_of([[0, 1]], [[0, 0]]))
    assert found.same_seed == 0.5
    assert np.isnan([found.baseline, found.compressed, found.other_seed]).all()


def test_closeness_of_a_hand_computed_case():
    # Dense (1/2, 1/2), pruned (1, 0) nearly: JS = H(3/4, 1/4) - H(1/2, 1/2) / 2 bits
    dense, pruned = np.zeros((1, 1, 2)), np.array([[[40.0, 0.0]]])
    js = entropy([0.75, 0.25], base=2) - 0.5
    found = agreement.closeness(cell_of_logits(dense, pruned))
    assert found.probability_loyalty == pytest.approx(1 - sqrt(js))
    assert found.kl_divergence == pytest.approx(0.5 * log(0.5) + 0.5 * (log(0.5) + 40))


@pytest.mark.parametrize("multi_label", [False, True])
def test_closeness_is_that_of_scipy(multi_label):
    dense, pruned = logits(0), logits(1)
    if multi_label:
        p, q = (np.stack([1 - expit(x), expit(x)], -1, dtype=float) for x in (dense, pruned))
    else:
        p, q = (softmax(x.astype(float), axis=2) for x in (dense, pruned))
    found = agreement.closeness(cell_of_logits(dense, pruned, multi_label))
    loyalty = 1 - jensenshannon(p, q, base=2, axis=-1).mean()
    assert found.probability_loyalty == pytest.approx(loyalty, rel=1e-6)
    assert found.kl_divergence == pytest.approx(entropy(p, q, axis=-1).mean(), rel=1e-5)


def test_equal_models_are_loyal_and_opposite_ones_are_not():
    dense = logits(0, scale=300)
    same = agreement.closeness(cell_of_logits(dense, dense))
    assert same == (1.0, 0.0)
    sure = np.array([[[1e4, 0.0]]])
    opposite = agreement.closeness(cell_of_logits(sure, -sure))
    assert opposite.probability_loyalty == pytest.approx(0.0)
    assert opposite.kl_divergence == pytest.approx(1e4)


def test_calibration_error_of_a_hand_computed_case():
    # Confidences 3/4, 3/4 and 0.9 of which one of two and none are right
    rows = [[log(3), 0], [log(3), 0], [log(9), 0]]
    found = calibration_error([rows], np.array([0, 1, 1]))
    assert found == pytest.approx([(2 * 0.25 + 0.9) / 3])


def slow_calibration_error(confidence, right, bins):
    error = 0.0
    for index in range(bins):
        low, high = index / bins, (index + 1) / bins
        inside = (confidence > low) & (confidence <= high)
        if inside.any():
            error += inside.mean() * abs(right[inside].mean() - confidence[inside].mean())
    return error


@pytest.mark.parametrize("bins", [1, 10, 15])
def test_calibration_error_is_that_of_a_loop_over_bins(bins):
    values = logits(0, scale=1.0)
    labels = np.random.default_rng(0).integers(0, 3, 50)
    probabilities = softmax(values.astype(float), axis=2)
    expected = [
        slow_calibration_error(p.max(axis=1), p.argmax(axis=1) == labels, bins)
        for p in probabilities
    ]
    np.testing.assert_allclose(calibration_error(values, labels, bins), expected)
    several = (np.random.default_rng(0).random((50, 3)) < 0.5).astype(np.uint8)
    expected = [
        slow_calibration_error(expit(v.astype(float)).ravel(), several.ravel(), bins)
        for v in values
    ]
    found = calibration_error(values, several, bins)
    np.testing.assert_allclose(found, expected)


def test_a_confidence_on_an_edge_belongs_to_the_lower_bin():
    # Two of three bins of four: 1/2 is the upper end of (1/4, 1/2]
    even, surer = [0.0, 0.0], [1e-9, 0.0]
    found = calibration_error([[even, surer]], np.array([0, 1]), bins=4)
    assert found == pytest.approx([0.5])  # in one bin, they would cancel


def test_logits_that_are_no_numbers_are_refused():
    broken = np.full((1, 2, 2), np.nan)
    with pytest.raises(ValueError, match="logits: some are NaN"):
        agreement.closeness(cell_of_logits(broken, broken))
