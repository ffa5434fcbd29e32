"""A small run of the simulation of fallbacks: intervals hold the truth as often as they say."""

import numpy as np
import pytest

from helpers.benchmark_script import load


@pytest.fixture(scope="module")
def script():
    return load("simulate_fallback")


def test_intervals_miss_seldom(script):
    rng = np.random.default_rng(0)
    script.LARGE = 4000
    found = script.misses(rng, 200, 4, 0.0, script.truth(rng, 0.0), 40)
    assert (found[:, :2].sum(axis=1) <= 0.15).all()
    assert (np.diff(found[:, 2]) < 0).all()  # the fewer flips are left, the shorter


def test_flips_are_where_the_compressed_model_is_wrong_and_less_sure(script):
    flips, margins = script.draw_study(np.random.default_rng(0), 2000, 3, 0.0)
    assert 0.03 < flips.mean() < 0.15
    assert margins[flips].mean() < margins[~flips].mean() / 2
