"""A small run of the simulation of the gate's slices."""

import pytest

from helpers.benchmark_script import load


@pytest.fixture(scope="module")
def script():
    return load("simulate_gate_slices")


@pytest.mark.slow
@pytest.mark.parametrize(("examples", "share", "lost"), [(600, 0.1, 0.24), (4000, 0.01, 0.25)])
def test_a_slice_that_loses_much_never_passes(script, examples, share, lost):
    for replicates in (1, 6):
        assert script.passing(examples, share, replicates, lost, 5.0, 10) == 0


def test_enough_texts_pass_and_few_do_not(script):
    assert script.passing(6000, 0.25, 1, 0.0, 5.0, 10) > 0.8
    assert script.passing(200, 0.25, 1, 0.0, 5.0, 10) == 0
