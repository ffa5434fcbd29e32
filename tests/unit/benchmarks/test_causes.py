"""A small run of the timing of causes: each part runs, on simulated texts."""

import pandas as pd
import pytest

from helpers.benchmark_script import load


@pytest.fixture(scope="module")
def script():
    return load("causes")


@pytest.mark.slow
def test_the_parts_run_one_after_the_other(script, tmp_path):
    script.write_study(tmp_path, 150, 1, 3)
    script.factors(tmp_path)
    script.explain(tmp_path, "model0")
    table = pd.read_csv(tmp_path / "model0.csv")
    assert set(table["split"]) == {"train", "test"}
    assert set(table["method"]) == {"all", *script.METHODS}
    assert {"el2n", "neighbour_distance", "class: c1"} < set(table["factor"])
