"""Losses with intervals that hold where nothing changed, and what would decide."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from pielab.stats.harm import Harm, Needed, harm_interval, measure, needed
from pielab.stats.intervals import t_quantile
from pielab.stats.mcnemar import paired_difference

OF_TWO = float(1 - 2 * stats.norm.sf(2))  # the confidence whose quantile is 2


def harm_of(*counts, replicates=1):
    """Return the harm of so many examples lost, gained and unchanged."""
    values = np.repeat([1.0, -1.0, 0.0], counts)
    return measure(values, np.tile(values, (replicates, 1)))


def test_a_published_interval_of_one_pair_of_models():
    # Bonett and Price's interval of 26 lost, 4 gained, 18 the same: (26 - 4) / 50 and its error
    _, low, high = harm_interval(harm_of(26, 4, 18), OF_TWO)
    assert (low + high) / 2 == pytest.approx(0.44)
    assert (high - low) / 4 == pytest.approx(0.09448809)


def test_two_examples_that_never_change_tell_little():
    # Two examples more, one lost and one gained: the mean square of four is 1/2, over 4 is 1/8
    np.testing.assert_allclose(harm_interval(harm_of(0, 0, 2), OF_TWO), [0, -(0.5**0.5), 0.5**0.5])


@given(
    st.lists(st.floats(-1, 1), min_size=1, max_size=30),
    st.sampled_from([0.8, 0.95, 0.99]),
    st.integers(1, 6),
)
@settings(max_examples=60, deadline=None)
def test_the_interval_is_that_of_examples_of_part_weight(values, confidence, tests):
    values = np.array(values)
    z = stats.norm.isf((1 - confidence) / (2 * tests))
    weights = [1] * len(values) + [z**2 / 4] * 2
    seen = np.append(values, [1, -1])
    mean = np.average(seen, weights=weights)
    error = z * (np.average((seen - mean) ** 2, weights=weights) / sum(weights)) ** 0.5
    found = harm_interval(measure(values, values[None]), confidence, tests)
    expected = [values.mean(), max(-1, mean - error), min(1, mean + error)]
    np.testing.assert_allclose(found, expected, atol=1e-9)


def test_what_seeds_share_widens_the_interval():
    values, shifts = np.tile([0.5, -0.5], 500), np.array([0.0, 0.1, 0.2, 0.3])
    table = values + shifts[:, None]
    left_out = (table.sum(axis=0) - table) / 3
    harm = measure(table.mean(axis=0), left_out)
    assert harm.replicate_variance == pytest.approx(shifts.var(ddof=1) / 4)
    _, low, high = harm_interval(harm, 0.95)
    t = t_quantile(harm.example_variance, harm.replicate_variance, 4, 0.95)
    wald = 2 * t * (harm.example_variance + harm.replicate_variance) ** 0.5
    assert high - low == pytest.approx(wald, rel=0.02)


@pytest.mark.parametrize("counts", [(0, 0, 200), (3, 0, 197), (20, 5, 175), (60, 40, 100)])
def test_of_one_pair_it_is_near_newcombes(counts):
    lost, gained, same = counts
    newcombe = paired_difference(same // 2, lost, gained, same - same // 2)
    np.testing.assert_allclose(harm_interval(harm_of(*counts), 0.95), newcombe, atol=0.015)


def test_intervals_of_many_classes_hold_at_once():
    rng, naive, simultaneous = np.random.default_rng(0), [], []
    for _ in range(400):
        harms = [harm_of(*rng.multinomial(60, [0.1, 0.1, 0.8])) for _ in range(10)]
        for tests, held in ((1, naive), (10, simultaneous)):
            found = [harm_interval(harm, 0.95, tests) for harm in harms]
            # No class loses anything: the worst of them loses 0
            held.append(max(one.low for one in found) <= 0 <= max(one.high for one in found))
    assert np.mean(naive) < 0.9
    assert np.mean(simultaneous) >= 0.94


@pytest.mark.parametrize("threshold", [0.01, 0.05])
def test_a_new_study_of_the_size_asked_for_decides_in_four_of_five_cases(threshold):
    pilot = harm_of(12, 3, 285)  # 0.03
    found = needed([pilot], threshold, 0.95)
    assert found.replicates is None
    rng, decided = np.random.default_rng(0), []
    for _ in range(400):
        new = harm_of(*rng.multinomial(found.examples, [0.04, 0.01, 0.95]))
        _, low, high = harm_interval(new, 0.95)
        decided.append(low > threshold or high <= threshold)
    assert 0.76 < np.mean(decided) < 0.97


def test_more_is_asked_for_where_more_losses_have_to_be_within():
    one = harm_of(1, 1, 98)
    sizes = [needed([one] * number, 0.05, 0.95, number).examples for number in (1, 3, 10)]
    assert sizes[0] < sizes[1] < sizes[2]


def test_no_number_decides_a_loss_on_its_threshold():
    assert needed([harm_of(3, 0, 97)], 0.03, 0.95) == Needed(None, None, None)


def test_what_only_examples_or_only_both_decide():
    by_examples = needed([harm_of(60, 20, 920)], 0.03, 0.95)
    assert by_examples.replicates is by_examples.times is None
    assert by_examples.examples > 1000
    neither = needed([Harm(0.03, 1e-4, 1e-4, 1000, 9)], 0.02, 0.95)
    assert neither[:2] == (None, None)
    assert 2 < neither.times < 60
    by_seeds = needed([Harm(0.03, 1e-8, 1e-4, 10_000, 9)], 0.02, 0.95)
    assert 9 < by_seeds.replicates < 300


def test_where_the_variance_is_unknown_so_is_the_interval_and_what_is_needed():
    unknown = Harm(0.1, np.nan, np.nan, 100, 3)
    assert np.isnan(harm_interval(unknown, 0.95)[1:]).all()
    assert needed([unknown], 0.05, 0.95) == Needed(None, None, None)
