"""Tests per example and their power; churn, loyalty, divergence, calibration, overlaps."""

import itertools
from math import comb, log, sqrt

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats
from scipy.spatial.distance import jensenshannon
from scipy.special import expit, softmax
from scipy.stats import entropy

from helpers.benchmark_script import load
from pielab.stats import agreement
from pielab.stats.power import power, seeds_needed
from pielab.stats.significance import PairedTest, paired_test, sign_test_table
from pielab.vocabulary import TIERS


@pytest.fixture(scope="module")
def simulation():
    return load("simulate_statistics")


def logits(seed, scale=3.0, shape=(4, 50, 3)):
    return (scale * np.random.default_rng(seed).standard_normal(shape)).astype(np.float32)


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
    ]
    np.testing.assert_allclose(agreement.churn(dense, pruned), expected)


def test_churn_of_one_seed_is_known_only_within_it():
    found = agreement.churn(np.array([[0, 1]]), np.array([[0, 0]]))
    assert found.same_seed == 0.5
    assert np.isnan([found.baseline, found.pruned, found.other_seed]).all()


def test_closeness_of_a_hand_computed_case():
    # Dense (1/2, 1/2), pruned (1, 0) nearly: JS = H(3/4, 1/4) - H(1/2, 1/2) / 2 bits
    dense, pruned = np.zeros((1, 1, 2)), np.array([[[40.0, 0.0]]])
    js = entropy([0.75, 0.25], base=2) - 0.5
    found = agreement.closeness(dense, pruned)
    assert found.probability_loyalty == pytest.approx(1 - sqrt(js))
    assert found.kl_divergence == pytest.approx(0.5 * log(0.5) + 0.5 * (log(0.5) + 40))


@pytest.mark.parametrize("multi_label", [False, True])
def test_closeness_is_that_of_scipy(multi_label):
    dense, pruned = logits(0), logits(1)
    if multi_label:
        p, q = (np.stack([1 - expit(x), expit(x)], -1, dtype=float) for x in (dense, pruned))
    else:
        p, q = (softmax(x.astype(float), axis=2) for x in (dense, pruned))
    found = agreement.closeness(dense, pruned, multi_label)
    loyalty = 1 - jensenshannon(p, q, base=2, axis=-1).mean()
    assert found.probability_loyalty == pytest.approx(loyalty, rel=1e-6)
    assert found.kl_divergence == pytest.approx(entropy(p, q, axis=-1).mean(), rel=1e-5)


def test_equal_models_are_loyal_and_opposite_ones_are_not():
    dense = logits(0, scale=300)
    same = agreement.closeness(dense, dense)
    assert same == (1.0, 0.0)
    sure = np.array([[[1e4, 0.0]]])
    opposite = agreement.closeness(sure, -sure)
    assert opposite.probability_loyalty == pytest.approx(0.0)
    assert opposite.kl_divergence == pytest.approx(1e4)


def test_calibration_error_of_a_hand_computed_case():
    # Confidences 3/4, 3/4 and 0.9 of which one of two and none are right
    rows = [[log(3), 0], [log(3), 0], [log(9), 0]]
    found = agreement.calibration_error(np.array([rows]), np.array([0, 1, 1]))
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
    np.testing.assert_allclose(agreement.calibration_error(values, labels, bins), expected)
    several = (np.random.default_rng(0).random((50, 3)) < 0.5).astype(np.uint8)
    expected = [
        slow_calibration_error(expit(v.astype(float)).ravel(), several.ravel(), bins)
        for v in values
    ]
    found = agreement.calibration_error(values, several, bins, multi_label=True)
    np.testing.assert_allclose(found, expected)


def test_a_confidence_on_an_edge_belongs_to_the_lower_bin():
    # Two of three bins of four: 1/2 is the upper end of (1/4, 1/2]
    even, surer = [0.0, 0.0], [1e-9, 0.0]
    found = agreement.calibration_error(np.array([[even, surer]]), np.array([0, 1]), bins=4)
    assert found == pytest.approx([0.5])  # in one bin, they would cancel


def test_logits_that_are_no_numbers_are_refused():
    broken = np.full((1, 2, 2), np.nan)
    with pytest.raises(ValueError, match="logits: some are NaN"):
        agreement.closeness(broken, broken)


def test_sign_test_is_that_of_scipy():
    table = sign_test_table(9)
    for lost in range(10):
        for gained in range(10 - lost):
            changed = lost + gained
            expected = stats.binomtest(lost, changed).pvalue if changed else 1.0
            assert table[lost, gained] == pytest.approx(expected)
    assert table[5, 0] == pytest.approx(2 / 2**5)


def slow_adjust(p):
    """Benjamini and Hochberg's q-values by definition."""
    return [min(len(p) * t / sum(x <= t for x in p) for t in p if t >= own) for own in p]


@given(st.integers(0, 2**32 - 1), st.integers(1, 12), st.integers(0, 8))
@settings(max_examples=50, deadline=None)
def test_paired_test_counts_adjusts_and_tiers_by_definition(seed, seeds, fewest):
    rng = np.random.default_rng(seed)
    share = rng.random((2, 1, 15)).round()
    dense, pruned = rng.random((2, seeds, 15)) < 0.1 + 0.8 * share
    test = paired_test(dense, pruned, fewest)
    expected_q = np.ones(15)
    tested = [i for i in range(15) if (dense[:, i] != pruned[:, i]).sum() >= fewest]
    p = []
    for i in range(15):
        lost = sum(bool(a and not b) for a, b in zip(dense[:, i], pruned[:, i], strict=True))
        gained = sum(bool(b and not a) for a, b in zip(dense[:, i], pruned[:, i], strict=True))
        assert (test.lost[i], test.gained[i]) == (lost, gained)
        n, least = lost + gained, min(lost, gained)
        p.append(min(1.0, 2 * sum(comb(n, k) for k in range(least + 1)) / 2**n))
    expected_q[tested] = slow_adjust([p[i] for i in tested])
    np.testing.assert_allclose(test.p, p)
    np.testing.assert_allclose(test.q, expected_q)
    tiers = ["certain" if q <= 0.05 else "likely" if q <= 0.2 else "seed noise" for q in test.q]
    assert [TIERS[t] for t in test.tier] == tiers


def test_pairs_of_several_labels_are_adjusted_together():
    rng = np.random.default_rng(0)
    dense, pruned = rng.random((2, 10, 6, 3)) < 0.5
    multi = paired_test(dense, pruned)
    flat = paired_test(*(side.reshape(10, -1).astype(np.uint8) for side in (dense, pruned)))
    for one, other in zip(multi, flat, strict=True):
        assert one.shape == (6, 3)
        np.testing.assert_array_equal(one.ravel(), other)


def test_paired_test_of_no_examples_is_empty():
    empty = np.zeros((4, 0), dtype=bool)
    assert all(len(column) == 0 for column in paired_test(empty, empty))


def test_models_of_other_seeds_are_refused():
    with pytest.raises(ValueError, match=r"\(3, 4\).*expected \(2, 4\)"):
        paired_test(np.ones((2, 4), dtype=bool), np.ones((3, 4), dtype=bool))


def test_randomised_p_values_are_uniform_at_every_number_of_changed_seeds(simulation):
    rng = np.random.default_rng(0)
    for changed in (0, 1, 2, 5, 8):
        lost = rng.binomial(changed, 0.5, 4000)
        test = PairedTest(lost, changed - lost, None, None, None)
        p = simulation.randomised_p(test, rng)
        assert stats.kstest(p, "uniform").pvalue > 0.01


def test_power_of_a_hand_computed_case():
    # All six models turn: p = 2 / 64 for sure, which 5 % allow if all examples change, not half
    assert power(6, 6, 1.0, changed=1.0) == pytest.approx(1.0)
    assert power(6, 6, 1.0, changed=0.5) == 0.0
    assert power(6, 6, 1.0, fdr=0.2, changed=0.5) == pytest.approx(1.0)
    # Five of six turn on average: all of them with probability a, p = 2 / 64, one fewer with b,
    # p = 2 / 32; the larger p-value is below 10 % of a + b, the smaller one is not below 5 % of a
    a, b = (5 / 6) ** 6, (5 / 6) ** 5
    assert power(6, 5, 1.0, fdr=0.1, changed=1.0) == pytest.approx(a + b)
    assert power(6, 5, 1.0, fdr=0.05, changed=1.0) == 0.0
    # Of the examples on which six seeds changed, all are found at once
    assert power(6, 5, 1.0, changed=1.0, fewest=6) == pytest.approx(a)
    assert power(5, 5, 1.0, changed=1.0, fewest=6) == 0.0


def test_power_grows_with_the_change_and_the_rate_that_is_allowed():
    by_votes = [power(20, votes, 0.9) for votes in range(0, 18, 3)]
    by_rate = [power(20, 9, 0.9, fdr=rate) for rate in (0.01, 0.05, 0.2, 1.0)]
    assert by_votes == sorted(by_votes)
    assert by_rate == sorted(by_rate)
    assert by_votes[0] == 0.0


def test_seeds_needed_are_the_fewest_with_the_power():
    seeds = seeds_needed(0.5, 0.9, target=0.8)
    assert power(seeds, 0.5 * seeds, 0.9) >= 0.8
    assert all(power(n, 0.5 * n, 0.9) < 0.8 for n in range(2, seeds))
    assert seeds_needed(0.01, 0.9) is None


def test_more_votes_lost_than_there_are_is_refused():
    with pytest.raises(ValueError, match=r"votes_lost: 6 of 10.*-0.1"):
        power(10, 6, 0.5)


def test_simulated_power_and_false_discoveries_are_as_promised(simulation):
    found, rates = [], []
    for run in range(30):
        rng = np.random.default_rng(run)
        dense, pruned, changed = simulation.plant(rng, 20, 3000, (0.1, 0.95, 0.6))
        test = paired_test(dense, pruned)
        found.append((test.tier == 0)[changed].mean())
        likely = test.tier <= 1
        rates.append((likely & ~changed).sum() / max(1, likely.sum()))
    assert np.mean(found) == pytest.approx(power(20, 12, 0.95, changed=0.1), abs=0.02)
    assert np.mean(rates) <= 0.2
