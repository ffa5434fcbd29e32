"""A small run of the simulation of causes: effects are found where they are, and nowhere else."""

import numpy as np
import pytest

from helpers.benchmark_script import load


@pytest.fixture(scope="module")
def script():
    return load("simulate_causes")


def test_length_matters_alone_and_with_the_margin_fixed_only_where_it_does(script):
    found = {}
    for name in ("margin", "length"):
        rng = np.random.default_rng(0)
        rows, _ = script.tries(rng, script.WORLDS[name], 400, 5, 6)
        found[name] = {
            kind: script.coverage(rows, "length", kind, 1)[1] for kind in ("alone", "adjusted")
        }
        nothing = [script.coverage(rows, "nothing", kind, 1)[1] for kind in ("alone", "adjusted")]
        assert max(nothing) <= 1 / 3
    assert found["margin"]["alone"] == 1
    assert found["margin"]["adjusted"] <= 1 / 3
    assert found["length"] == {"alone": 1, "adjusted": 1}


def test_wrong_labels_are_those_that_are_doubted_most(script):
    rng = np.random.default_rng(1)
    _, precisions = script.tries(rng, script.WORLDS["wrong labels"], 400, 5, 3)
    assert np.mean(precisions) > 0.7  # by chance 0.05


def test_the_truth_of_length_without_an_effect_is_near_one(script):
    script.LARGE, script.STUDIES = 6000, 1
    rng = np.random.default_rng(2)
    true = script.truth_of(rng, script.WORLDS["margin"], 9)
    assert true["alone"] > 2
    assert true["adjusted"] == pytest.approx(1, abs=0.15)
