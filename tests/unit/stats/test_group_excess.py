"""The excess of a group, its test by permutation, and the test that swaps models."""

import itertools

import numpy as np
import pytest
from scipy import stats

from pielab.stats.group_excess import (
    ENOUGH,
    MOST,
    Moments,
    excess,
    flip_size,
    group_p,
    moments,
    permutation_p,
    sign_flip_p,
)


def harm_of(rng, rate, one_way):
    drawn = rng.random(len(rate)) < rate
    return drawn * (1.0 if one_way else rng.choice([-1.0, 1.0], len(rate)))


def slow_excess(harm, inside):
    """Return estimate, centre, error and degrees of freedom by the formula, of one group."""
    own, rest = harm[inside], harm[~inside]
    flip = (harm**4).sum() / (harm**2).sum()
    added = [rest.mean() + flip**0.5, rest.mean() - flip**0.5]  # half an example each
    centre = (own.sum() + rest.mean()) / (len(own) + 1)
    spread = sum((own - centre) ** 2) + sum((one - centre) ** 2 / 2 for one in added)
    parts = [spread / len(own) / (len(own) + 1)]
    parts.append((((rest - rest.mean()) ** 2).sum() + flip) / len(rest) / (len(rest) + 1))
    sizes = len(own), len(rest)
    known = sum(parts) ** 2 / sum(part**2 / n for part, n in zip(parts, sizes, strict=True))
    return own.mean() - rest.mean(), centre - rest.mean(), sum(parts) ** 0.5, known


def excess_of(harm, inside):
    return excess(moments(harm[inside]), moments(harm), flip_size(harm))


def test_the_excess_is_that_of_a_case_by_hand():
    # Group 1, 0 and half an example each at 1 and -1: mean 1/3, squares 1 + 1, so 2 - 3/9 in all
    found = excess_of(np.array([1.0, 0, 0, 0]), np.arange(4) < 2)
    assert (found.estimate, found.centre) == (0.5, pytest.approx(1 / 3))
    assert found.error**2 == pytest.approx((2 - 1 / 3) / 2 / 3 + 1 / 2 / 3)


def test_a_flip_is_one_and_what_some_models_do_is_less():
    assert flip_size(np.array([1.0, -1, 0, 0])) == 1
    assert flip_size(np.array([0.5, -0.5, 0])) == 0.25
    assert flip_size(np.zeros(3)) == 1  # of what others might do


@pytest.mark.parametrize("size", [1, 2, 7, 29])
def test_the_excess_equals_a_slow_one(size):
    harm = np.random.default_rng(size).choice([-1, 0, 0, 0.5, 1], 30)
    inside = np.arange(30) < size
    assert [*map(float, excess_of(harm, inside))] == pytest.approx(slow_excess(harm, inside))


def test_groups_are_judged_side_by_side_as_alone():
    harm = np.random.default_rng(0).normal(size=40)
    groups = np.random.default_rng(1).random((3, 40)) < 0.4
    sums = Moments(groups.sum(1), groups @ harm, groups @ harm**2)
    both = excess(sums, moments(harm), flip_size(harm))
    np.testing.assert_allclose(both.statistic, [excess_of(harm, own).statistic for own in groups])


@pytest.mark.parametrize("rates", [(0.17, 0.17), (0.02, 0.02), (0.5, 0.02), (0.9, 0.1)])
@pytest.mark.parametrize("size", [6, 20, 50])
def test_the_interval_of_small_groups_and_rare_harm_holds_the_truth(rates, size):
    rng, inside, held = np.random.default_rng(0), np.arange(200) < size, []
    for _ in range(300):
        low, high = excess_of(harm_of(rng, np.where(inside, *rates), True), inside).ends()
        held.append(low <= rates[0] - rates[1] <= high)
    assert sum(held) >= stats.binom.ppf(0.001, 300, 0.94)


def test_nothing_varies_and_nothing_is_found():
    for same in (np.zeros(20), np.ones(20)):
        found = excess_of(same, np.arange(20) < 5)
        assert (found.estimate, found.statistic) == (0, 0)
        assert permutation_p(same, np.arange(20) < 5, np.random.default_rng(0)) == 1
        low, high = found.ends()
        assert low < 0 < high  # other examples may be hurt


def test_the_permutation_p_is_the_share_of_all_groups_that_reach_the_statistic():
    harm = np.array([1, 1, 0, 0, -1, 0, 0.5, 0, 0, 0.5, 0])
    inside = np.arange(11) < 4
    observed = slow_excess(harm, inside)
    reached = []
    for chosen in itertools.combinations(range(11), 4):
        own = slow_excess(harm, np.isin(np.arange(11), chosen))
        reached.append(own[1] / own[2] >= observed[1] / observed[2] - 1e-9)
    drawn = [permutation_p(harm, inside, np.random.default_rng(seed)) for seed in range(200)]
    assert np.mean(drawn) == pytest.approx(np.mean(reached), rel=0.1)


def test_the_smallest_p_is_one_of_all_permutations():
    harm = np.repeat([1.0, 0.0], [40, 400])
    assert permutation_p(harm, harm > 0, np.random.default_rng(0)) == 1 / (MOST + 1)


def test_drawing_stops_once_the_answer_is_clear():
    class Counted:
        def __init__(self):
            self.rng, self.rows = np.random.default_rng(0), 0

        def multivariate_hypergeometric(self, *given, size, **options):
            self.rows += size
            return self.rng.multivariate_hypergeometric(*given, size=size, **options)

    rng = Counted()
    p = permutation_p(np.tile([0.0, 1.0], 50), np.arange(100) < 20, rng)
    assert p > 0.3
    assert rng.rows < MOST / 10
    assert ENOUGH / p < rng.rows


@pytest.mark.parametrize("is_rare", [True, False])
def test_a_group_that_is_hurt_no_more_is_found_as_rarely_as_promised(is_rare):
    """Harm that is rare, or a group whose answers turn more often, as many either way."""
    rng, inside = np.random.default_rng(0), np.arange(200) < 30
    rate = np.where(inside & (not is_rare), 0.3, 0.03)
    p = [group_p(harm_of(rng, rate, is_rare), inside, rng) for _ in range(300)]
    for level in (0.05, 0.002):
        assert (np.array(p) <= level).sum() <= stats.binom.ppf(0.9999, 300, level)


def test_permutation_alone_takes_a_group_that_varies_more_for_one_that_is_hurt():
    rng, inside = np.random.default_rng(0), np.arange(1000) < 30
    rate = np.where(inside, 0.3, 0.01)
    p = [permutation_p(harm_of(rng, rate, one_way=False), inside, rng) for _ in range(100)]
    assert (np.array(p) <= 0.002).sum() > stats.binom.ppf(0.99, 100, 0.002)


def test_the_p_of_a_group_is_the_larger_one_of_two_tests():
    harm = np.repeat([1.0, 0, 1, 0], [6, 14, 10, 70])
    inside = np.arange(100) < 20
    of_welch = float(excess_of(harm, inside).p)
    of_permutations = permutation_p(harm, inside, np.random.default_rng(0))
    found = group_p(harm, inside, np.random.default_rng(0))
    assert found == max(of_welch, of_permutations)


def slow_sign_flip_p(excesses):
    def statistic(signs):
        length = (excesses**2).sum(axis=1) ** 0.5
        return (excesses @ signs) / np.where(length > 0, length, 1)

    pairs = excesses.shape[1]
    own = statistic(np.ones(pairs))
    highest = [max(statistic(np.array(s))) for s in itertools.product([1, -1], repeat=pairs)]
    return [np.mean([one >= each - 1e-9 for one in highest]) for each in own]


def test_the_p_of_swapped_models_equals_a_slow_one():
    excesses = np.random.default_rng(0).normal(0.3, 1, (5, 6))
    excesses[4] = 0
    found = sign_flip_p(excesses, np.random.default_rng(0))
    np.testing.assert_allclose(found, slow_sign_flip_p(excesses))


def test_a_group_that_every_pair_hurts_has_the_smallest_p_and_one_that_one_pair_hurts_has_not():
    excesses = np.array([[0.1] * 8, [0.0] * 7 + [5.0]])
    found = sign_flip_p(excesses, np.random.default_rng(0))
    assert found[0] == 1 / 2**8
    assert found[1] > 0.05


def test_many_pairs_are_swapped_at_random():
    found = sign_flip_p(np.full((1, 30), 0.1), np.random.default_rng(0), flips=99)
    assert found == pytest.approx([0.01])
