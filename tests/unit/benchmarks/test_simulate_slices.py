"""A small run of the simulation of slices: planted ones are found, planted nulls are not."""

import numpy as np
import pytest

from helpers.benchmark_script import load


@pytest.fixture(scope="module")
def script():
    return load("simulate_slices")


def test_a_planted_slice_is_found(script):
    seen = script.judge(script.World(planted=0.4), examples=400, replicates=1, runs=4)
    assert seen.power >= 0.75
    seen = script.judge(script.World(planted=0.8, columns=2), examples=800, replicates=1, runs=4)
    assert seen.power >= 0.75


@pytest.mark.slow
def test_planted_nulls_are_not(script):
    for world in script.NULLS.values():
        seen = script.judge(world, examples=400, replicates=1, runs=3)
        assert seen.any_confirmed == 0


def test_harm_is_what_the_world_says(script):
    rng = np.random.default_rng(0)
    study = script.draw_study(rng, 2000)
    for world in (*script.NULLS.values(), script.World(planted=0.3)):
        harm, expected = script.draw_harm(rng, study, world, 40)
        planted = script.planted_group(study, world)
        assert harm.mean() == pytest.approx(expected.mean(), abs=0.01)
        assert harm[planted].mean() == pytest.approx(expected[planted].mean(), abs=0.02)
