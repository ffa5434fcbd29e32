"""Two single models on the same examples: the exact test, and the interval of the difference."""

from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import optimize, stats

from pielab.stats.mcnemar import mcnemar, paired_difference

COUNTS = st.tuples(*[st.integers(0, 40)] * 4)


def test_six_examples_lost_and_none_gained_are_one_in_32():
    # Each of the six could as well have been gained: 2 of 2^6 = 64 ways are as one-sided
    assert mcnemar(0, 6) == pytest.approx(2 / 64)
    assert mcnemar(6, 0) == mcnemar(0, 6)


def test_without_a_change_the_exact_test_is_sure_of_nothing():
    assert mcnemar(0, 0) == mcnemar(3, 3) == 1.0


@pytest.mark.parametrize(("positive", "negative"), [(0, 1), (1, 4), (2, 3), (5, 5), (9, 2)])
def test_the_exact_test_counts_the_ways_in_which_changes_could_fall(positive, negative):
    ways = [
        abs(2 * sum(way) - positive - negative)
        for way in product((0, 1), repeat=positive + negative)
    ]
    as_far = np.mean([distance >= abs(positive - negative) for distance in ways])
    assert mcnemar(positive, negative) == pytest.approx(as_far)


def test_a_published_interval_of_a_paired_difference():
    # Newcombe 1998, table III: 36 of 50 right by both, 12 by the first alone, 2 by the second
    found = paired_difference(36, 12, 2, 0)
    np.testing.assert_allclose(found, [0.2, 0.0569, 0.3404], atol=5e-5)


def test_a_hand_computed_interval_of_models_that_never_differ():
    # Both right on 4 of 4: with z = 2, Wilson's interval of 4 / 4 is 4 / (4 + 4) = 0.5 to 1, and
    # phi is 0, so that each end is sqrt(0.5^2 + 0^2) away
    confidence = float(1 - 2 * stats.norm.sf(2))
    np.testing.assert_allclose(paired_difference(4, 0, 0, 0, confidence), [0, -0.5, 0.5])


def slow_wilson(right, size, confidence):
    """Return the shares whose score test does not reject, by search and not by formula."""
    z, share = stats.norm.isf((1 - confidence) / 2), right / size

    def beyond(truth):
        return (share - truth) ** 2 - z**2 * truth * (1 - truth) / size

    low = 0.0 if right == 0 else optimize.brentq(beyond, 0, share - 1e-12)
    high = 1.0 if right == size else optimize.brentq(beyond, share + 1e-12, 1)
    return low, high


def slow_interval(counts, confidence):
    """Return Newcombe's interval from a row an example, with correlation as numpy has it."""
    answers = np.repeat([[1, 1], [1, 0], [0, 1], [0, 0]], counts, axis=0)
    size, (first, second) = len(answers), answers.mean(axis=0)
    spread = answers.std(axis=0).prod()
    covariance = np.cov(answers.T, ddof=0)[0, 1]
    if covariance > 0:
        covariance = max(covariance - 1 / (2 * size), 0)
    phi = covariance / spread if spread > 0 else 0
    (low1, high1), (low2, high2) = (
        slow_wilson(int(column.sum()), size, confidence) for column in answers.T
    )
    turned = np.array([[1, -phi], [-phi, 1]])
    down, up = np.array([first - low1, high2 - second]), np.array([high1 - first, second - low2])
    difference = first - second
    return (
        difference,
        difference - (down @ turned @ down) ** 0.5,
        difference + (up @ turned @ up) ** 0.5,
    )


@given(COUNTS.filter(any), st.sampled_from([0.8, 0.95, 0.99]))
@settings(max_examples=60, deadline=None)
def test_the_interval_is_that_of_an_independent_reference(counts, confidence):
    expected = slow_interval(counts, confidence)
    np.testing.assert_allclose(paired_difference(*counts, confidence), expected, atol=1e-9)


@given(COUNTS.filter(any))
@settings(max_examples=60, deadline=None)
def test_the_interval_is_possible_and_turns_round_with_its_models(counts):
    both, first, second, neither = counts
    found = paired_difference(*counts)
    assert -1 - 1e-9 <= found.low <= found.estimate <= found.high <= 1 + 1e-9
    turned = paired_difference(both, second, first, neither)
    np.testing.assert_allclose(turned, [-found.estimate, -found.high, -found.low], atol=1e-12)


@pytest.mark.parametrize("shares", [(0.7, 0.1, 0.1, 0.1), (0.85, 0.1, 0.02, 0.03)])
def test_the_interval_covers_as_often_as_it_says(shares):
    drawn = np.random.default_rng(0).multinomial(60, shares, size=1000).tolist()
    truth = shares[1] - shares[2]
    covered = [low <= truth <= high for _, low, high in (paired_difference(*row) for row in drawn)]
    assert 0.93 <= np.mean(covered) <= 0.99


def test_without_examples_the_difference_is_unknown():
    assert np.isnan(paired_difference(0, 0, 0, 0)).all()


def test_a_negative_count_is_refused():
    with pytest.raises(ValueError, match="flips: -1 positive, 2 negative; expected 0 or more"):
        mcnemar(-1, 2)
    with pytest.raises(ValueError, match=r"paired counts: \(1, 2, -3, 0\); expected 0 or more"):
        paired_difference(1, 2, -3, 0)
