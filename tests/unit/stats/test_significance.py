"""Tests per example: exact, combined over classes, adjusted for all examples."""

from math import comb

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from helpers.benchmark_script import load
from helpers.cells import cell_of
from pielab.measures.certainty import example_tests
from pielab.stats.power import power
from pielab.stats.significance import adjust, sign_test, sign_test_table, simes, tiers


@pytest.fixture(scope="module")
def simulation():
    return load("simulate_statistics")


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
def test_items_are_counted_tested_and_adjusted_by_definition(seed, seeds, fewest):
    rng = np.random.default_rng(seed)
    share = rng.random((2, 1, 15)).round()
    dense, pruned = rng.random((2, seeds, 15)) < 0.1 + 0.8 * share
    test = sign_test(dense, pruned, fewest)
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
    q = adjust(test.p, test.tested)
    np.testing.assert_allclose(q, expected_q)
    expected = ["certain" if x <= 0.05 else "likely" if x <= 0.2 else "seed noise" for x in q]
    assert tiers(q).tolist() == expected


def test_items_of_any_shape_are_tested_one_by_one():
    rng = np.random.default_rng(0)
    dense, pruned = rng.random((2, 10, 6, 3)) < 0.5
    pairs = sign_test(dense, pruned)
    flat = sign_test(*(side.reshape(10, -1).astype(np.uint8) for side in (dense, pruned)))
    for own, other in zip(pairs, flat, strict=True):
        assert own.shape == (6, 3)
        np.testing.assert_array_equal(own.ravel(), other)


def test_no_examples_make_no_tests():
    empty = np.zeros((4, 0), dtype=bool)
    assert all(len(column) == 0 for column in sign_test(empty, empty))
    assert len(adjust(np.zeros(0), np.zeros(0, dtype=bool))) == 0


def test_models_of_other_seeds_are_refused():
    with pytest.raises(ValueError, match=r"\(3, 4\).*expected \(2, 4\)"):
        sign_test(np.ones((2, 4), dtype=bool), np.ones((3, 4), dtype=bool))


def test_simes_of_a_hand_computed_case():
    p = np.array([[0.01, 0.04, 0.5], [0.01, 0.04, 0.5], [0.6, 0.9, 0.7]])
    tested = np.array([[True, True, True], [False, True, True], [False, False, False]])
    # min(3 * 0.01, 3 * 0.04 / 2, 0.5); min(2 * 0.04, 0.5); nothing
    assert simes(p, tested) == pytest.approx([0.03, 0.08, 1.0])


@given(st.integers(0, 2**32 - 1))
def test_simes_is_that_of_a_loop_over_sorted_classes(seed):
    rng = np.random.default_rng(seed)
    p, tested = rng.random((8, 5)), rng.random((8, 5)) < 0.6
    for row, value in enumerate(simes(p, tested)):
        own = sorted(p[row, tested[row]])
        expected = min([len(own) * x / (k + 1) for k, x in enumerate(own)], default=1.0)
        assert value == pytest.approx(min(1.0, expected))


def test_two_classes_combine_to_the_p_value_of_either():
    rng = np.random.default_rng(0)
    dense, pruned = rng.integers(0, 2, (2, 9, 40))
    expected = sign_test(dense == 0, pruned == 0, 6)
    table = example_tests(cell_of(dense, pruned))
    np.testing.assert_allclose(table["p"], np.where(expected.tested, expected.p, 1), rtol=1e-6)


def test_a_flip_between_two_wrong_classes_is_certain_though_no_model_was_ever_right():
    dense = np.ones((30, 20), dtype=int)
    pruned = np.where(np.arange(20) < 3, 2, dense)
    table = example_tests(cell_of(dense, pruned, np.zeros(20, dtype=int)))
    assert table["tier"].tolist() == ["certain"] * 3 + ["seed noise"] * 17
    assert (table["right_p"] == 1).all()


@pytest.mark.parametrize(("changed_pairs", "documents"), [(10, 40), (30, 20)])
def test_few_certain_examples_of_many_labels_are_false(changed_pairs, documents):
    rates = []
    for run in range(40):
        rng = np.random.default_rng(run)
        share = rng.beta(0.5, 0.5, (documents, 54))
        dense, pruned = rng.random((2, 30, documents, 54)) < share
        changed = rng.choice(documents * 54, changed_pairs, replace=False)
        rows, classes = np.unravel_index(changed, (documents, 54))
        dense[:, rows, classes], pruned[:, rows, classes] = True, False
        certain = (example_tests(cell_of(dense, pruned))["tier"] == "certain").to_numpy()
        false = certain & ~np.isin(np.arange(documents), rows)
        rates.append(false.sum() / max(1, certain.sum()))
        assert certain.sum() >= len(set(rows)) - 1
    assert np.mean(rates) <= 0.05


def test_randomised_p_values_are_uniform_at_every_number_of_changed_seeds(simulation):
    rng = np.random.default_rng(0)
    for changed in (0, 1, 2, 5, 8):
        lost = rng.binomial(changed, 0.5, 4000)
        p = simulation.randomised_p(lost, changed - lost, rng)
        assert stats.kstest(p, "uniform").pvalue > 0.01


def test_simulated_power_and_false_discoveries_are_as_promised(simulation):
    found, rates = [], []
    for run in range(30):
        rng = np.random.default_rng(run)
        dense, pruned, changed = simulation.plant(rng, 20, 3000, (0.1, 0.95, 0.6))
        test = sign_test(dense, pruned)
        tier = tiers(adjust(test.p, test.tested))
        found.append((tier == "certain")[changed].mean())
        likely = tier != "seed noise"
        rates.append((likely & ~changed).sum() / max(1, likely.sum()))
    assert np.mean(found) == pytest.approx(power(20, 12, 0.95, changed=0.1), abs=0.02)
    assert np.mean(rates) <= 0.2
