"""A small run of the simulation of the sizes that the gate asks for."""

import numpy as np

from helpers.benchmark_script import load


def test_new_studies_of_the_size_asked_for_decide():
    script = load("simulate_gate_sizes")
    for name in ("score, 9 % lost, 1 model", "5 classes, nothing lost, 1 model"):
        shares = script.decided(script.WORLDS[name], pilots=12, again=5)["examples"]
        assert np.mean(shares) >= 0.7
