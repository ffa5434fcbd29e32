"""Examples that share a passage count as what they are worth, not as many."""

import numpy as np
import pytest
from scipy import stats

from pielab.stats.clusters import by_cluster, clusters_among, design_effect
from pielab.stats.harm import harm_interval, measure
from pielab.stats.intervals import mean_interval, share_interval

RNG = np.random.default_rng(0)
WIDER = float(stats.t.ppf(0.975, 2) / stats.norm.ppf(0.975)) ** 2


def test_the_values_of_clusters_have_the_mean_of_the_examples_and_equal_clusters_their_own():
    values = np.array([1.0, 0.0, 1.0, 1.0, 0.0, 0.0])
    assert by_cluster(values, np.array([0, 0, 1, 1, 2, 2])).tolist() == [0.5, 1.0, 0.0]
    # Sums 1 and 2 where the mean, 1/2, lets expect 1 and 2: nothing is beyond it
    uneven = by_cluster(np.array([1.0, 0.0, 1.0, 0.0, 1.0, 0.0]), np.array([0, 0, 1, 1, 1, 1]))
    assert uneven.tolist() == [0.5, 0.5]
    of_rows = by_cluster(RNG.random((3, 6)), np.array([0, 1, 1, 1, 0, 2]))
    assert of_rows.shape == (3, 3)


def test_means_stay_whatever_the_clusters():
    values, clusters = RNG.random((4, 30)), RNG.permutation(np.arange(30) % 7)
    np.testing.assert_allclose(by_cluster(values, clusters).mean(axis=1), values.mean(axis=1))


def test_each_example_by_itself_changes_nothing_but_students_t():
    values, each = np.array([1.0, 0.0, 0.0]), np.arange(3)
    np.testing.assert_allclose(by_cluster(values, each), values)
    assert design_effect(values, each) == pytest.approx(WIDER)
    assert design_effect(values, None) == 1


def test_copies_of_a_document_tell_no_more_than_the_document():
    values = (RNG.random(40) < 0.3) * 1.0
    left_out = values + 0.01 * RNG.random((4, 40))
    copies, clusters = np.repeat(np.arange(40), 5), np.repeat(np.arange(40), 5)
    for interval in (mean_interval, share_interval):
        plain = interval(values, left_out, clusters=np.arange(40))
        copied = interval(values[copies], left_out[:, copies], clusters=clusters)
        np.testing.assert_allclose(copied, plain, rtol=0.02)
        ignored = interval(values[copies], left_out[:, copies])
        assert copied.high - copied.low > ignored.high - ignored.low
    harms = [
        measure(values[rows], left_out[:, rows], own)
        for rows, own in ((np.arange(40), np.arange(40)), (copies, clusters))
    ]
    assert harms[1].worth == pytest.approx(harms[0].worth, rel=0.03)
    np.testing.assert_allclose(*(harm_interval(harm, 0.95) for harm in harms), atol=0.005)


def test_where_nothing_changed_each_cluster_counts_as_one_document():
    none = np.zeros(60)
    harm = measure(none, none[None], np.repeat(np.arange(3), 20))
    assert harm.worth == pytest.approx(3 / WIDER)
    assert harm_interval(harm, 0.95).high > harm_interval(measure(none, none[None]), 0.95).high


def test_one_cluster_tells_nothing_of_how_much_documents_vary():
    values = np.array([1.0, 0.0, 1.0])
    one = np.zeros(3, int)
    assert np.isnan(mean_interval(values, np.tile(values, (4, 1)), clusters=one)[1:]).all()
    assert np.isnan(harm_interval(measure(values, values[None], one), 0.95)[1:]).all()
    assert measure(values, values[None], one).loss == pytest.approx(2 / 3)


def test_intervals_over_clusters_cover_and_those_over_documents_do_not():
    rng, covered = np.random.default_rng(1), np.zeros(2)
    clusters = np.repeat(np.arange(25), 8)
    for _ in range(300):
        chance = rng.beta(0.3, 0.7, 25)[clusters]
        values = (rng.random(200) < chance) * 1.0
        for place, own in enumerate((clusters, None)):
            _, low, high = harm_interval(measure(values, values[None], own), 0.95)
            covered[place] += low <= 0.3 <= high
    assert 0.92 <= covered[0] / 300 <= 1
    assert covered[1] / 300 < 0.8


def test_some_of_the_examples_have_clusters_from_zero_on():
    clusters = np.array([2, 0, 1, 2])
    assert clusters_among(clusters, np.array([True, False, True, True])).tolist() == [1, 0, 1]
    assert clusters_among(None, clusters) is None
