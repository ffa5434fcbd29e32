import numpy as np
import pytest
from scipy.optimize import minimize
from scipy.special import expit

from pielab.stats import odds
from pielab.stats.odds import Sample
from pielab.stats.refits import LeftOut


def slow_fit(factors, outcome, scale):
    """The posterior's mode by a general optimiser."""

    def loss(coefficients):
        linear = coefficients[0] + factors @ coefficients[1:]
        likelihood = outcome * -np.logaddexp(0, -linear) + (1 - outcome) * -np.logaddexp(0, linear)
        return -scale * likelihood.sum() + (coefficients[1:] ** 2).sum() / (2 * 2.5**2)

    return minimize(loss, np.zeros(factors.shape[1] + 1), tol=1e-12).x


def draw(rng, texts=400, factors=3, comparisons=4):
    design = rng.normal(size=(texts, factors))
    chance = expit(-2 + design @ np.array([0.8, 0.0, -0.5])[:factors])
    return design, rng.binomial(comparisons, chance) / comparisons


def stack(samples):
    factors, outcomes = zip(*samples, strict=True)
    return LeftOut(np.stack([each.T for each in factors]), np.stack(outcomes))


def test_coefficients_are_those_of_a_general_optimiser():
    design, outcome = draw(np.random.default_rng(0))
    found = odds.measure(Sample(design, outcome), comparisons=4)
    assert found.estimate == pytest.approx(slow_fit(design, outcome, 4)[1:], abs=1e-4)


def test_one_factor_of_two_values_gives_the_odds_ratio_of_the_table():
    factor = np.repeat([0.0, 1.0], 4000)
    outcome = np.concatenate([np.arange(4000) < 1000, np.arange(4000) < 2000]) * 1.0
    found = odds.measure(Sample(factor[:, None], outcome))
    assert np.exp(found.estimate[0]) == pytest.approx((2000 / 2000) / (1000 / 3000), rel=0.01)
    # Woolf 1955: the variance of a log odds ratio is the sum of the reciprocals
    error = (1 / 1000 + 1 / 3000 + 1 / 2000 + 1 / 2000) ** 0.5
    assert found.high[0] - found.estimate[0] == pytest.approx(1.96 * error, rel=0.02)


def test_least_squares_are_those_of_numpy():
    rng = np.random.default_rng(1)
    design = rng.normal(size=(300, 2))
    outcome = 1 + design @ [2.0, 0.0] + rng.normal(size=300)
    found = odds.measure(Sample(design, outcome), bounded=False)
    expected = np.linalg.lstsq(np.column_stack([np.ones(300), design]), outcome, rcond=None)[0]
    assert found.estimate == pytest.approx(expected[1:])
    assert found.high - found.estimate == pytest.approx(1.96 / 300**0.5, rel=0.25)


def test_a_factor_that_separates_has_finite_odds_and_is_said_to():
    factor = np.linspace(-1.7, 1.7, 100)
    outcome = (factor > 1) * 1.0
    found = odds.measure(Sample(factor[:, None], outcome))
    assert found.separates
    assert 1 < found.estimate[0] < 12
    assert found.low[0] > 0
    mixed = odds.measure(Sample(factor[:, None], np.roll(outcome, 40)))
    assert not mixed.separates


def test_an_outcome_that_never_comes_tells_nothing():
    found = odds.measure(Sample(np.random.default_rng(0).normal(size=(50, 2)), np.zeros(50)))
    assert found.estimate.tolist() == [0, 0]
    assert (found.low < -1).all()
    assert (found.high > 1).all()


def test_replicates_that_disagree_widen_the_interval():
    design, outcome = draw(np.random.default_rng(2))
    whole = Sample(design, outcome)
    alike = odds.measure(whole, stack([whole] * 5), comparisons=4)
    alone = odds.measure(whole, comparisons=4)
    assert alike.high == pytest.approx(alone.high, abs=1e-6)
    leans = [
        Sample(design, np.clip(outcome + lean * (design[:, 0] > 0.5), 0, 1))
        for lean in (-0.2, -0.1, 0, 0.1, 0.2)
    ]
    wide = odds.measure(whole, stack(leans), comparisons=4)
    assert wide.high[0] - wide.low[0] > 1.5 * (alone.high[0] - alone.low[0])


def test_what_single_texts_vary_is_not_counted_twice():
    rng = np.random.default_rng(3)
    design = rng.normal(size=(2000, 1))
    seeds = rng.random((9, 2000)) < expit(-1 + design[:, 0])
    whole = Sample(design, seeds.mean(axis=0))
    without = [Sample(design, np.delete(seeds, at, axis=0).mean(axis=0)) for at in range(9)]
    alone, both = odds.measure(whole), odds.measure(whole, stack(without))
    # models that share nothing but their texts: their spread is that of the texts
    assert both.high[0] - both.low[0] < 1.25 * (alone.high[0] - alone.low[0])


def test_inflation_by_hand():
    rng = np.random.default_rng(4)
    one, noise = rng.normal(size=(2, 4000))
    together = np.column_stack([one, 0.8 * one + 0.6 * noise, rng.normal(size=4000)])
    assert odds.inflation(together) == pytest.approx([1 / 0.36, 1 / 0.36, 1], rel=0.1)
    assert odds.inflation(one[:, None]).tolist() == [1]
    assert (odds.inflation(np.column_stack([one, one])) > 1e6).all()


def test_factors_that_say_the_same_are_held_once_and_the_first_stays():
    rng = np.random.default_rng(5)
    one, other, noise = rng.normal(size=(3, 500))
    factors = np.column_stack([one, one + 0.1 * noise, other])
    assert odds.told_apart(factors, most=9) == [0, 2]
    assert odds.told_apart(factors, most=1) == [0]


def test_noise_of_a_margin_is_taken_out():
    rng = np.random.default_rng(6)
    length = rng.normal(size=20_000)
    margin = 0.6 * length + rng.normal(size=20_000)
    measured = margin + rng.normal(0, 0.7, 20_000)
    found = odds.without_noise(measured, 0.49, length[None])
    outcome = margin + rng.normal(size=20_000)  # length matters only through the margin
    naive, calibrated = (
        odds.measure(Sample(np.column_stack([each, length]), outcome), bounded=False)
        for each in (measured, found)
    )
    assert naive.low[1] > 0.1
    assert calibrated.estimate == pytest.approx([1, 0], abs=0.03)


def test_a_margin_of_nothing_but_noise_is_not_amplified_without_end():
    rng = np.random.default_rng(7)
    measured = rng.normal(size=200)
    found = odds.without_noise(measured, 5.0, rng.normal(size=(1, 200)))
    assert np.std(found) < np.std(measured)


def library_and_newton(sample, scale):
    nothing = np.empty(0)
    design = np.column_stack([np.ones(len(sample.outcome)), sample.factors])
    fitted = odds._Fit(sample, scale, design, nothing, nothing)
    return odds._by_library(sample, scale), odds._newton(fitted, None)


@pytest.mark.parametrize("seed", range(8))
@pytest.mark.parametrize("comparisons", [1, 6])
def test_fits_are_those_of_the_library(seed, comparisons):
    rng = np.random.default_rng(seed)
    design, outcome = draw(rng, texts=[40, 400][seed % 2], comparisons=comparisons)
    library, newton = library_and_newton(Sample(design, outcome), comparisons)
    assert newton == pytest.approx(library, abs=1e-5)


@pytest.mark.parametrize("size", [1, 30])
def test_fits_of_factors_that_separate_or_are_huge_are_those_of_the_library(size):
    factor = size * np.linspace(-1.7, 1.7, 100)
    sample = Sample(np.column_stack([factor, factor**2]), (factor > size) * 1.0)
    library, newton = library_and_newton(sample, 1)
    assert newton == pytest.approx(library, rel=1e-4, abs=1e-4)


def test_the_library_fits_what_newton_does_not(monkeypatch):
    design, outcome = draw(np.random.default_rng(0))
    expected = odds.measure(Sample(design, outcome), comparisons=4)
    monkeypatch.setattr(odds, "_newton", lambda fitted, start: None)
    found = odds.measure(Sample(design, outcome), comparisons=4)
    assert found.estimate == pytest.approx(expected.estimate, abs=1e-5)


def test_copies_of_texts_are_worth_no_more_than_the_texts():
    design, outcome = draw(np.random.default_rng(5), comparisons=1)
    each, rows = np.arange(len(outcome)), np.repeat(np.arange(len(outcome)), 4)
    alone = odds.measure(Sample(design, outcome), clusters=each)
    copied = Sample(design[rows], outcome[rows])
    found = odds.measure(copied, clusters=rows)
    assert found.estimate == pytest.approx(alone.estimate, abs=0.03)
    widths = [one.high - one.low for one in (found, alone, odds.measure(copied))]
    assert widths[0] == pytest.approx(widths[1], rel=0.1)
    assert widths[0] == pytest.approx(2 * widths[2], rel=0.1)  # four texts for one
    line = odds.measure(Sample(design, outcome), bounded=False, clusters=each)
    lines = odds.measure(copied, bounded=False, clusters=rows)
    assert lines.high - lines.low == pytest.approx(line.high - line.low, rel=0.05)
