"""The power of the tests per example."""

import pytest

from pielab.stats.power import power, seeds_needed


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


@pytest.mark.slow
def test_seeds_needed_are_the_fewest_with_the_power():
    seeds = seeds_needed(0.5, 0.9, target=0.8)
    assert power(seeds, 0.5 * seeds, 0.9) >= 0.8
    assert all(power(n, 0.5 * n, 0.9) < 0.8 for n in range(2, seeds))
    assert seeds_needed(0.01, 0.9) is None


def test_more_votes_lost_than_there_are_is_refused():
    with pytest.raises(ValueError, match=r"votes_lost: 6 of 10.*-0.1"):
        power(10, 6, 0.5)
