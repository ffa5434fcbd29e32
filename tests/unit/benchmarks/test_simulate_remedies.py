"""A small run of the simulation of remedies."""

import numpy as np
import pytest

from helpers.benchmark_script import load


@pytest.mark.slow
def test_remedies_that_do_nothing_are_seldom_found_and_a_planted_one_often():
    script, rng = load("simulate_remedies"), np.random.default_rng(0)
    held, _, verdicts = script.check(rng, 300, 6, 0.0, 30)
    assert held >= 0.85
    assert verdicts["yes"] + verdicts["probably"] <= 3
    _, _, verdicts = script.check(rng, 600, 8, 0.6, 10)
    assert verdicts["yes"] >= 8
