"""Intervals over seeds and examples, effects with matched controls, and calibration."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats
from sklearn.metrics import f1_score

from helpers.benchmark_script import load
from pielab.stats.effects import cliffs_delta, match_strata
from pielab.stats.intervals import (
    mean_interval,
    score_interval,
    share_interval,
    t_quantile,
    two_way_variances,
)


@pytest.fixture(scope="module")
def simulation():
    return load("simulate_statistics")


def leave_one_out(values):
    return np.stack([np.delete(values, s, axis=0).mean(axis=0) for s in range(len(values))])


def test_variances_of_a_hand_computed_table():
    # Two seeds on two examples, means by example 2 and 3. Leaving out a seed moves the examples
    # by +-2 and +-1 around these: their mean by 1.5, 1/2 * 2 * 2.25 = 2.25, and each around that
    # by 0.5, 1/2 * 2 * (0.25 + 0.25) / (2 * 1) = 0.25
    table = np.array([[0.0, 2.0], [4.0, 4.0]])
    example_variance, seed_variance = two_way_variances(table.mean(axis=0), leave_one_out(table))
    assert example_variance == pytest.approx(0.5 / 2)
    assert seed_variance == pytest.approx(2.25 - 0.25)


def test_seeds_that_shift_all_examples_alike_share_all_of_their_variance():
    shifts = np.array([0.0, 1.0, 5.0])
    table = shifts[:, None] + np.zeros(10)
    example_variance, seed_variance = two_way_variances(table.mean(axis=0), leave_one_out(table))
    assert example_variance == 0.0
    assert seed_variance == pytest.approx(shifts.var(ddof=1) / 3)
    found = mean_interval(table.mean(axis=0), leave_one_out(table))
    ends = stats.t.interval(0.95, 2, shifts.mean(), stats.sem(shifts))
    np.testing.assert_allclose(found, [2.0, *ends])


def test_examples_of_seeds_that_share_nothing_have_their_own_variance_alone():
    table = np.array([[1.0, -1.0, 2.0, -2.0], [-1.0, 1.0, -2.0, 2.0]]) + np.arange(4)
    values = table.mean(axis=0)
    found = mean_interval(values, leave_one_out(table))
    np.testing.assert_allclose(found, [1.5, *stats.norm.interval(0.95, 1.5, stats.sem(values))])


def test_variance_of_a_mean_is_right_on_average_with_crossed_random_effects():
    rng, totals = np.random.default_rng(0), []
    for _ in range(400):
        table = rng.normal(0, 0.5, (8, 1)) + rng.normal(0, 2, 60) + rng.normal(0, 1, (8, 60))
        totals.append(sum(two_way_variances(table.mean(axis=0), leave_one_out(table))))
    assert np.mean(totals) == pytest.approx(0.5**2 / 8 + 2**2 / 60 + 1 / 480, rel=0.1)


def test_left_out_values_are_not_overwritten():
    left_out = np.arange(6.0).reshape(2, 3)
    two_way_variances(np.arange(3.0), left_out)
    assert (left_out == np.arange(6.0).reshape(2, 3)).all()


def test_share_without_shared_luck_of_seeds_has_wilsons_interval():
    for hits in (0, 1, 7, 20):
        values = np.arange(20) < hits
        found = share_interval(values, np.tile(values.astype(float), (3, 1)))
        expected = stats.binomtest(hits, 20).proportion_ci(method="wilson")
        np.testing.assert_allclose(found, [hits / 20, *expected], atol=1e-12)


def test_share_on_which_seeds_agree_too_much_has_a_wider_interval():
    values = np.arange(100) < 30
    shifted = values + np.array([[-0.1], [0.0], [0.1]])
    narrow = share_interval(values, np.tile(values.astype(float), (3, 1)))
    wide = share_interval(values, shifted)
    assert wide.low < narrow.low < narrow.estimate == wide.estimate < narrow.high < wide.high


def test_share_of_all_examples_has_an_interval_even_if_seeds_disagree():
    left_out = np.array([[0.0, 0.5, 1.0], [1.0, 1.0, 1.0]])
    found = share_interval(np.ones(3), left_out)
    assert 0 < found.low < stats.binomtest(3, 3).proportion_ci(method="wilson").low
    assert found.high == pytest.approx(1.0)


@pytest.mark.parametrize("examples", [0, 1])
def test_too_few_examples_give_no_interval(examples):
    right = np.ones((4, examples, 1), dtype=bool)
    score = score_interval(right, right[0], False)
    assert np.isnan(score.low)
    assert np.isnan(score.high)
    assert np.isnan(score.estimate) == (examples == 0)


def test_accuracy_of_equal_models_has_the_normal_interval_of_its_examples():
    right = np.tile((np.arange(50) < 40)[:, None], (5, 1, 1))
    found = score_interval(right, np.ones((50, 1), dtype=bool), False)
    error = stats.norm.ppf(0.975) * np.sqrt(0.8 * 0.2 / 49)
    np.testing.assert_allclose(found, [0.8, 0.8 - error, 0.8 + error])


def test_macro_f1_is_that_of_scikit_learn_and_its_interval_that_of_a_bootstrap():
    rng = np.random.default_rng(0)
    labels = (rng.random((600, 3)) < [0.5, 0.3, 0.0]).astype(np.uint8)  # a class without labels
    model = labels.astype(bool) ^ (rng.random((600, 3)) < [0.2, 0.2, 0.0])

    def macro_f1(rows):
        return f1_score(labels[rows], model[rows], average="macro", zero_division=0)

    found = score_interval(np.stack([model, model]), labels.astype(bool), True)
    assert found.estimate == pytest.approx(macro_f1(np.arange(600)))
    boot = stats.bootstrap(
        (np.arange(600),), macro_f1, vectorized=False, n_resamples=300, method="basic", rng=rng
    )
    error = (found.high - found.low) / (2 * stats.norm.ppf(0.975))
    assert error == pytest.approx(boot.standard_error, rel=0.12)


def test_macro_f1_of_several_seeds_is_the_mean_of_theirs():
    rng = np.random.default_rng(1)
    labels, models = rng.random((80, 4)) < 0.4, rng.random((3, 80, 4)) < 0.4
    expected = np.mean([f1_score(labels, one, average="macro") for one in models])
    found = score_interval(models, labels, True)
    assert found.estimate == pytest.approx(expected)
    assert 0 <= found.low < found.estimate < found.high <= 1


def slow_delta(values, pies, strata):
    """Return the mean over PIEs that have controls of their dominance over these."""
    dominance = []
    for i in np.flatnonzero(pies):
        controls = [j for j in np.flatnonzero(~pies) if strata[j] == strata[i]]
        if controls:
            dominance.append(np.mean([np.sign(values[i] - values[j]) for j in controls]))
    return np.mean(dominance) if dominance else np.nan


@given(st.integers(0, 2**32 - 1), st.integers(1, 4), st.integers(2, 30))
@settings(max_examples=60, deadline=None)
def test_delta_is_the_mean_dominance_of_pies_over_controls_of_their_stratum(seed, groups, size):
    rng = np.random.default_rng(seed)
    values, pies = rng.integers(0, 6, size).astype(float), rng.random(size) < 0.4
    strata = rng.integers(0, groups, size) * 10
    for groups in (strata, None):
        found = cliffs_delta(values, pies, groups).delta
        expected = slow_delta(values, pies, np.zeros(size) if groups is None else groups)
        np.testing.assert_allclose(found, expected, atol=1e-12)


def test_delta_is_that_of_the_mann_whitney_test():
    rng = np.random.default_rng(0)
    values, pies = rng.normal(size=300).round(1), rng.random(300) < 0.3
    u = stats.mannwhitneyu(values[pies], values[~pies]).statistic
    found = cliffs_delta(values, pies)
    assert found.delta == pytest.approx(2 * u / (pies.sum() * (~pies).sum()) - 1)
    assert (found.pies, found.controls) == (pies.sum(), (~pies).sum())


def test_interval_of_a_hand_computed_case():
    # PIEs 2 and 4 against 1 and 3: dominances 0 and 1 of PIEs, 1 and 0 over controls; delta 1/2;
    # both variances are 1/2, so that of delta is 1/4 + 1/4
    found = cliffs_delta(np.array([2.0, 4.0, 1.0, 3.0]), np.array([1, 1, 0, 0], dtype=bool))
    z = stats.norm.ppf(0.975)
    error = z * np.sqrt(0.5) * np.sqrt((1 - 0.25) ** 2 + z**2 * 0.5)
    ends = [(0.5 - 0.125 + sign * error) / (1 - 0.25 + z**2 * 0.5) for sign in (-1, 1)]
    assert found.delta == 0.5
    np.testing.assert_allclose([found.low, found.high], ends)


@pytest.mark.parametrize("groups", [1, 8])
def test_interval_is_as_wide_as_that_of_a_bootstrap(groups):
    rng = np.random.default_rng(0)
    strata = rng.integers(0, groups, 1200)
    pies = rng.random(1200) < 0.1 + 0.4 * strata / max(1, groups)
    values = rng.normal(size=1200) + strata + 0.3 * pies
    found = cliffs_delta(values, pies, strata)

    def delta(rows):
        return cliffs_delta(values[rows], pies[rows], strata[rows]).delta

    boot = stats.bootstrap(
        (np.arange(1200),), delta, vectorized=False, n_resamples=400, method="percentile", rng=rng
    )
    width = (found.high - found.low) / (2 * stats.norm.ppf(0.975))
    assert width == pytest.approx(boot.standard_error, rel=0.12)


def test_matching_removes_a_difference_that_comes_from_the_margin_alone():
    rng = np.random.default_rng(0)
    margin = rng.integers(0, 8, 4000)
    length = rng.normal(size=4000) - margin
    pies = rng.random(4000) < 0.4 / (1 + margin)
    assert cliffs_delta(length, pies).low > 0.2
    matched = cliffs_delta(length, pies, margin)
    assert matched.low < 0 < matched.high


def test_when_all_pies_are_above_the_interval_still_has_a_width():
    values, pies = np.arange(20.0), np.arange(20) >= 12
    z2 = stats.norm.ppf(0.975) ** 2
    found = cliffs_delta(values, pies)
    np.testing.assert_allclose(found[:3], [1.0, (8 - z2) / (8 + z2), 1.0])
    np.testing.assert_allclose(cliffs_delta(-values, pies)[:2], [-1.0, -1.0])
    assert cliffs_delta(-values, pies).high == pytest.approx(-found.low)


def test_missing_values_and_pies_without_controls_are_left_out_and_not_counted():
    values = np.array([1.0, np.nan, 3.0, 2.0, 5.0])
    pies = np.array([True, True, False, False, True])
    found = cliffs_delta(values, pies, np.array([0, 0, 0, 0, 1]))
    assert (found.delta, found.pies, found.controls) == (-1.0, 1, 2)


@pytest.mark.parametrize("pies", [np.zeros(4, bool), np.ones(4, bool)])
def test_without_pies_or_controls_there_is_no_effect(pies):
    found = cliffs_delta(np.arange(4.0), pies)
    assert np.isnan(found[:3]).all()
    assert found[3:] == (0, 0)


def test_strata_share_margin_and_length_bin():
    lengths = np.array([1, 2, 3, 4, 1, 2, 3, 4])
    margins = np.array([0, 0, 0, 0, 2, 2, 2, 2])
    assert list(match_strata(margins, lengths, bins=2)) == [0, 0, 1, 1, 4, 4, 5, 5]


@pytest.mark.slow
def test_small_simulation_finds_the_statistics_calibrated(simulation, monkeypatch):
    Scenario = load("simulated_models").Scenario
    scenarios = {"lean": Scenario(bias=0.3), "plain": Scenario()}
    monkeypatch.setattr(simulation, "SCENARIOS", scenarios)
    rows = list(simulation.check_cells(runs=120, examples=250, seeds=10, ties="lowest"))
    for what, _, measured, _ in rows:
        if "covers" in what:
            assert measured >= 0.89  # three standard errors below 0.95
        elif "KS" in what:
            assert measured > 0.001
        else:
            assert measured <= 0.12
    assert len(rows) == 10


def test_by_hand_the_freedom_of_five_seeds_is_that_of_5_6_times_their_variance():
    # The 5 % quantile of chi squared with 4 degrees of freedom is 0.7107, and 4 / 0.7107 = 5.628
    found = t_quantile(1.0, 1.0, 5, 0.95)
    assert found == pytest.approx(stats.t.ppf(0.975, 4 * (1 + 1 / 5.628) ** 2), abs=1e-4)


def test_what_seeds_do_not_share_leaves_the_normal_quantile_and_what_they_alone_make_students():
    assert t_quantile(1.0, 0.0, 5, 0.95) == pytest.approx(1.959964)
    assert t_quantile(0.0, 1.0, 5, 0.95) == pytest.approx(2.776445)
    assert t_quantile(1.0, 1e-9, 2, 0.95) == pytest.approx(1.959964)


@pytest.mark.parametrize("shared", [0.5, 1.0, 2.0])
def test_the_interval_of_five_seeds_holds_the_truth_whatever_they_share(shared):
    rng, held = np.random.default_rng(0), []
    for _ in range(4000):
        texts = rng.standard_normal(40)
        seeds = (shared / 40) ** 0.5 * rng.standard_normal((5, 1)) * 5**0.5
        values = texts + seeds + rng.standard_normal((5, 40))
        left_out = (values.sum(axis=0) - values) / 4
        _, low, high = mean_interval(values.mean(axis=0), left_out)
        held.append(low <= 0 <= high)
    assert 0.94 <= np.mean(held) <= 0.965
