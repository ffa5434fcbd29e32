"""The excess of a group, its test by permutation, and the test that swaps models."""

import itertools

import numpy as np
import pytest
from scipy import stats

from pielab.stats.group_excess import (
    ENOUGH,
    MOST,
    PRIOR,
    Moments,
    excess,
    group_p,
    moments,
    permutation_p,
    sign_flip_p,
)


def slow_excess(harm, inside):
    """Return estimate, error and degrees of freedom by the formula, group by group."""
    parts, freedom = [], []
    for own in (harm[inside], harm[~inside]):
        each = len(own) - 1 + PRIOR
        variance = own.var(ddof=1) if len(own) > 1 else 0
        pulled = ((len(own) - 1) * variance + PRIOR * harm.var(ddof=1)) / each
        parts.append(pulled / len(own))
        freedom.append(each)
    total = sum(parts)
    known = total**2 / sum(part**2 / each for part, each in zip(parts, freedom, strict=True))
    return harm[inside].mean() - harm[~inside].mean(), total**0.5, known


def test_the_excess_is_that_of_a_case_by_hand():
    # Group 1, 0; rest 0, 0. Of all four the variance is 1/4, of the group 1/2, of the rest 0
    found = excess(moments(np.array([1.0, 0])), moments(np.array([1.0, 0, 0, 0])))
    group, rest = (0.5 + PRIOR / 4) / (1 + PRIOR) / 2, (PRIOR / 4) / (1 + PRIOR) / 2
    assert found.estimate == 0.5
    assert found.error == pytest.approx((group + rest) ** 0.5)


@pytest.mark.parametrize("size", [1, 2, 7, 29])
def test_the_excess_equals_a_slow_one(size):
    harm = np.random.default_rng(size).choice([-1, 0, 0, 0.5, 1], 30)
    inside = np.arange(30) < size
    found = excess(moments(harm[inside]), moments(harm))
    assert (*map(float, found),) == pytest.approx(slow_excess(harm, inside))


def test_groups_are_judged_side_by_side_as_alone():
    harm = np.random.default_rng(0).normal(size=40)
    groups = np.random.default_rng(1).random((3, 40)) < 0.4
    both = excess(Moments(groups.sum(1), groups @ harm, groups @ harm**2), moments(harm))
    alone = [excess(moments(harm[own]), moments(harm)).statistic for own in groups]
    np.testing.assert_allclose(both.statistic, alone)


def test_a_few_equal_values_have_an_interval_that_is_not_a_point():
    harm = np.repeat([0.0, 1.0], [90, 10])
    found = excess(moments(harm[:5]), moments(harm))
    low, high = found.ends()
    assert low < found.estimate < high


def test_nothing_varies_and_nothing_is_found():
    same = np.ones(20)
    found = excess(moments(same[:5]), moments(same))
    assert found.statistic == 0
    assert found.ends() == (0, 0)
    assert permutation_p(same, np.arange(20) < 5, np.random.default_rng(0)) == 1


def test_the_permutation_p_is_the_share_of_all_groups_that_reach_the_statistic():
    harm = np.array([1, 1, 0, 0, -1, 0, 0.5, 0, 0, 0.5, 0])
    inside = np.arange(11) < 4
    observed = slow_excess(harm, inside)
    reached = []
    for chosen in itertools.combinations(range(11), 4):
        own = slow_excess(harm, np.isin(np.arange(11), chosen))
        reached.append(own[0] / own[1] >= observed[0] / observed[1] - 1e-9)
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


def harm_of(rng, rate, one_way):
    drawn = rng.random(len(rate)) < rate
    return drawn * (1.0 if one_way else rng.choice([-1.0, 1.0], len(rate)))


@pytest.mark.parametrize("is_rare", [True, False])
def test_a_group_that_is_hurt_no_more_is_found_as_rarely_as_promised(is_rare):
    """Harm that is rare, or a group whose answers turn more often, as many either way."""
    rng, inside = np.random.default_rng(0), np.arange(200) < 30
    rate = np.where(inside & (not is_rare), 0.3, 0.03)
    p = [group_p(harm_of(rng, rate, is_rare), inside, rng) for _ in range(300)]
    for level in (0.05, 0.002):
        assert (np.array(p) <= level).sum() <= stats.binom.ppf(0.9999, 300, level)


def test_permutation_alone_takes_a_group_that_varies_more_for_one_that_is_hurt():
    rng, inside = np.random.default_rng(0), np.arange(200) < 30
    rate = np.where(inside, 0.3, 0.03)
    p = [permutation_p(harm_of(rng, rate, one_way=False), inside, rng) for _ in range(100)]
    assert (np.array(p) <= 0.002).sum() > stats.binom.ppf(0.99, 100, 0.002)


def test_the_p_of_a_group_is_the_larger_one_of_two_tests():
    harm = np.repeat([1.0, 0, 1, 0], [6, 14, 10, 70])
    inside = np.arange(100) < 20
    of_welch = float(excess(moments(harm[inside]), moments(harm)).p)
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
