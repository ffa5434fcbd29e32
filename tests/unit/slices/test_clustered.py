"""Slices of texts that come in clusters: what a passage's texts tell together."""

import numpy as np
import pytest
from scipy import stats

from pielab.slices import clustered
from pielab.slices.conditions import Conditions
from pielab.slices.limits import slice_limits
from pielab.slices.search import candidates, find_slices, search_half
from pielab.stats.clusters import design_effect

RNG = np.random.default_rng(0)
SIZES = RNG.integers(1, 7, 60)
CLUSTERS = RNG.permutation(np.repeat(np.arange(60), SIZES))
N = len(CLUSTERS)
MEMBERS = np.stack([RNG.random(N) < 0.3, RNG.random(N) < 0.6, CLUSTERS % 3 == 0])
PAIRS = np.array([[0, 0], [1, 1], [2, 2], [0, 1], [1, 2]])


def slow_design(own, clusters, harm):
    """Return the design effect of an excess, by going through the clusters one by one."""
    numbers = own.sum(), (~own).sum()
    means = harm[own].mean(), harm[~own].mean()
    parts = np.where(own, (harm - means[0]) / numbers[0], (means[1] - harm) / numbers[1])
    each = [parts[clusters == one].sum() for one in np.unique(clusters)]
    together = len(each) / (len(each) - 1) * sum(one**2 for one in each)
    few = min(len(np.unique(clusters[own])), len(np.unique(clusters[~own])))
    wider = stats.t.ppf(0.975, few - 1) / stats.norm.ppf(0.975)
    return max(1, together / (parts**2).sum() * wider**2)


@pytest.mark.parametrize("numbers", [1, 40, 10**6])
def test_design_effects_equal_slow_ones_however_many_numbers_are_held(numbers, monkeypatch):
    monkeypatch.setattr(clustered, "NUMBERS", numbers)
    harm = RNG.random(60)[CLUSTERS] + RNG.choice([0, 0, 1], N)
    found = clustered.design_effects(MEMBERS, PAIRS, CLUSTERS, harm)
    own = [MEMBERS[first] & MEMBERS[second] for first, second in PAIRS]
    assert found == pytest.approx([slow_design(one, CLUSTERS, harm) for one in own])
    assert found[2] > 1.2  # the group is one of whole clusters


def test_clusters_of_a_group_and_of_the_others_are_counted_by_hand():
    holds = np.array([[1, 1, 0, 0, 0], [1, 0, 1, 1, 0]], dtype=bool)
    clusters = np.array([0, 0, 1, 2, 2])
    found = clustered.touched(holds, np.array([[0, 0], [1, 1], [0, 1]]), clusters)
    assert found.tolist() == [[1, 3, 1], [2, 2, 3]]


def test_texts_that_are_each_a_cluster_differ_by_students_t_alone():
    harm = RNG.choice([0.0, 0, 0, 1], N)
    found = clustered.design_effects(MEMBERS[:1], np.array([[0, 0]]), np.arange(N), harm)
    few = MEMBERS[0].sum() - 1
    expected = N / (N - 1) * (stats.t.ppf(0.975, few) / stats.norm.ppf(0.975)) ** 2
    assert found == pytest.approx(expected)


def test_where_nothing_varies_a_cluster_counts_as_a_text_and_one_alone_tells_nothing():
    clusters = np.repeat(np.arange(10), 6)
    holds = np.stack([clusters < 5, clusters < 1])
    found = clustered.design_effects(holds, np.array([[0, 0], [1, 1]]), clusters, np.zeros(60))
    assert found[0] == pytest.approx(design_effect(np.zeros(30), np.repeat(np.arange(5), 6)))
    assert np.isnan(found[1])


def test_no_cluster_is_in_both_halves_and_the_order_of_rows_does_not_count():
    ids = [f"text {number}" for number in range(N)]
    half = search_half(ids, np.ones((N, 1), dtype=bool), CLUSTERS)
    assert not set(CLUSTERS[half]) & set(CLUSTERS[~half])
    assert len(set(CLUSTERS[half])) == 30
    turned = search_half(ids[::-1], np.ones((N, 1), dtype=bool), 59 - CLUSTERS[::-1])
    assert (turned[::-1] == half).all()


def searched(holds, clusters, min_examples=20):
    names = [f"g{number}" for number in range(len(holds))]
    found = Conditions(names, np.arange(len(holds)), np.stack(holds))
    half = search_half(range(len(clusters)), np.ones((len(clusters), 1), bool), clusters)
    return candidates(found, half, min_examples, 1, clusters)


def test_a_group_of_few_clusters_is_no_slice():
    clusters = np.repeat(np.arange(40), 20)
    groups = searched([clusters < 8, clusters < 20, clusters >= 32], clusters)
    assert [groups.words(at) for at in range(len(groups.pairs))] == ["g1"]


def test_passages_that_change_together_confirm_no_slice_and_bounds_hold():
    """A group of 20 of 80 passages that loses no more than others, in which passages change."""
    confirmed, beyond = np.zeros(2), np.zeros(2)
    rng, clusters = np.random.default_rng(1), np.repeat(np.arange(80), 10)
    inside = clusters % 4 == 0
    for _ in range(60):
        flips = (rng.random(80) < 0.1)[clusters] & (rng.random(800) < 0.9)
        harm = (flips * 1.0)[:, None]
        for at, own in enumerate((clusters, None)):
            groups = searched([inside, ~inside], clusters)._replace(clusters=own)
            found = find_slices(groups, harm, flips, np.random.default_rng(0))
            confirmed[at] += (found["p"] < 0.05).any()
            bounds = slice_limits(groups, harm)
            upper = bounds["loss"] + 1.645 * bounds["example_variance"] ** 0.5
            beyond[at] += (upper < 0).any()
    assert confirmed[0] <= 6  # in 60 studies, each of which tests one group at most at 5 %
    assert confirmed[1] >= 12
    assert beyond[0] <= 10  # two groups, of which each upper end is below zero in 5 %
    assert beyond[1] > beyond[0]


def test_a_group_that_is_hurt_is_found_in_clusters_too():
    clusters = np.repeat(np.arange(100), 6)
    inside = clusters % 4 == 0
    flips = inside & (np.random.default_rng(2).random(600) < 0.4)
    groups = searched([inside, ~inside], clusters)
    found = find_slices(groups, flips[:, None] * 1.0, flips, np.random.default_rng(0))
    assert found["p"].iloc[0] < 0.01
    bounds = slice_limits(groups, flips[:, None] * 1.0)
    assert bounds.iloc[0]["slice"] == "g0"
    assert bounds.iloc[0]["design"] >= 1
