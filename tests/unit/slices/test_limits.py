"""Bounds of all groups that were searched, against slow references."""

import numpy as np
import pandas as pd
import pytest

from pielab.slices.conditions import Conditions
from pielab.slices.limits import COLUMNS, KEPT, slice_limits
from pielab.slices.search import candidates, search_half

N = 300
TRUTH = np.eye(3, dtype=bool)[np.arange(N) % 3]


def grouped(holds):
    holds = np.stack(holds)
    names = [f"g{number}" for number in range(len(holds))]
    found = Conditions(names, np.arange(len(holds)), holds)
    return candidates(found, search_half(range(N), TRUTH), 20, 1)


def harm_of(replicates, seed=0):
    rng = np.random.default_rng(seed)
    shared = rng.normal(0, 0.2, replicates) * TRUTH[:, [0]]
    return rng.choice([-1, 0, 0, 0, 1], (N, replicates)) + shared


def test_the_excess_and_its_variance_over_texts_equal_slow_ones():
    own = TRUTH[:, 0]
    harm = harm_of(1)
    (row,) = slice_limits(grouped([own]), harm).to_dict("records")
    inside, rest = harm[own, 0], harm[~own, 0]
    assert row["loss"] == pytest.approx(inside.mean() - rest.mean())
    expected = inside.var(ddof=1) / 100 + rest.var(ddof=1) / 200
    assert row["example_variance"] == pytest.approx(expected)
    assert row["replicate_variance"] == 0
    assert (row["texts"], row["replicates"], row["searched"]) == (100, 1, 1)
    assert row["examples"] == pytest.approx(100 * 200 / 300)


@pytest.mark.parametrize("replicates", [2, 5])
def test_what_replicates_share_equals_the_jackknife_over_replicates(replicates):
    own = TRUTH[:, 0]
    harm = harm_of(replicates)
    (row,) = slice_limits(grouped([own]), harm).to_dict("records")
    by_replicate = np.array([h[own].mean() - h[~own].mean() for h in harm.T])
    both = 0.0
    for side in (own, ~own):
        alone = harm[side] - harm[side].mean(axis=0)  # less what a replicate's texts share
        size = len(alone)
        both += sum(one.var(ddof=1) for one in alone) / replicates / size / (size - 1)
    assert row["replicate_variance"] == pytest.approx(
        by_replicate.var(ddof=1) / replicates - both, rel=1e-6
    )
    assert row["replicate_variance"] > 0


def test_only_the_groups_that_may_lose_most_are_kept_the_highest_first():
    rng = np.random.default_rng(1)
    holds = [rng.random(N) < share for share in np.linspace(0.1, 0.5, KEPT + 30)]
    found = slice_limits(grouped(holds), harm_of(4))
    assert len(found) == KEPT
    assert (found["searched"] == KEPT + 30).all()
    small = found.iloc[0]["texts"]
    assert small < 100


def test_without_a_group_the_table_keeps_its_header():
    found = slice_limits(grouped([np.arange(N) < 5]), harm_of(2))
    assert found.empty
    assert list(found) == list(COLUMNS)


def test_a_group_that_is_hurt_is_first():
    harm = np.zeros((N, 1))
    harm[TRUTH[:, 1], 0] = 1
    found = slice_limits(grouped(list(TRUTH.T)), harm)
    assert found.iloc[0]["slice"] == "g1"
    assert isinstance(found, pd.DataFrame)
