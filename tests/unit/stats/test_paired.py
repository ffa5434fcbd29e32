import numpy as np
import pytest
from scipy import stats

from pielab.stats import paired


def test_of_single_runs_of_any_values_it_is_the_paired_t_test():
    rng = np.random.default_rng(0)
    first, second = rng.random((2, 40))
    found = paired.difference(first[None], second[None])
    expected = stats.ttest_rel(second, first)
    assert found.p == pytest.approx(expected.pvalue)
    low, high = expected.confidence_interval()
    assert (found.low, found.high) == pytest.approx((low, high))


def test_clusters_of_equal_size_are_as_wide_as_their_means_alone():
    rng = np.random.default_rng(1)
    first, second = rng.random((2, 10))
    clusters = np.repeat(np.arange(10), 4)
    found = paired.difference(np.repeat(first, 4)[None], np.repeat(second, 4)[None], None, clusters)
    alone = paired.difference(first[None], second[None])
    assert found[:4] == pytest.approx(alone[:4])
    apart = paired.difference(np.repeat(first, 4)[None], np.repeat(second, 4)[None])
    assert apart.high - apart.low < (found.high - found.low) / 1.5


def test_weights_give_the_linearised_ratio_of_sums():
    rng = np.random.default_rng(2)
    first, second, weights = rng.random(30), rng.random(30), rng.integers(1, 100, 30).astype(float)
    found = paired.difference(first[None], second[None], weights)
    change = (second - first) @ weights / weights.sum()
    residual = weights * (second - first - change) / weights.sum()
    assert found.estimate == pytest.approx(change)
    assert found.variance == pytest.approx((residual**2).sum() * 30 / 29)


def test_intervals_over_runs_and_clusters_hold_what_they_say():
    rng = np.random.default_rng(3)
    held, trials = 0, 400
    for _ in range(trials):
        of_clusters = rng.normal(0, 0.3, (2, 15)).repeat(4, axis=1)
        sides = []
        for side in (0, 1):
            runs = rng.normal(0, 0.1, (3, 1))
            sides.append(of_clusters[side] + runs + rng.normal(0, 0.3, (3, 60)))
        found = paired.difference(*sides, None, np.arange(15).repeat(4))
        held += found.low <= 0 <= found.high
    assert held / trials >= 0.93


def test_where_nothing_changes_p_is_1_and_where_all_changes_alike_it_is_small():
    same = np.full((1, 6), 0.3)
    assert paired.difference(same, same).p == 1
    assert paired.difference(same, same + 0.25).p == pytest.approx(2 * 0.5**6)
    assert np.isnan(paired.difference(same[:, :1], same[:, :1]).low)


def test_a_flip_is_a_pair_of_runs_of_which_only_the_first_is_right():
    first, second = np.array([[1, 1, 0], [1, 0, 0]]), np.array([[0, 0, 1.0]])
    flips, floor = paired.negative_flips(first, second, None, 1.0, 1)
    assert flips.tolist() == [1, 0.5, 0]
    assert floor.tolist() == [0, 0.5, 0]
    assert paired.negative_flips(first[:1], second, None, 1.0, 1)[1] is None


def test_of_clusters_of_two_single_runs_the_interval_stays_within_minus_1_and_1():
    clusters = np.arange(4).repeat(3)
    before = np.ones((1, 12))
    after = 1 - np.array([[1, 1, 1, 1, 1, 1, 0, 0, 0, 0, 0, 0.0]])
    found = paired.difference(before, after, None, clusters)
    apart = paired.difference(before, after)
    assert -1 <= found.low < apart.low < -0.5 < apart.high < found.high <= 1
    same = paired.difference(before, before, None, clusters)
    assert same.p == 1
    assert same.low < 0 < same.high  # four passages do not tell that nothing ever changes
