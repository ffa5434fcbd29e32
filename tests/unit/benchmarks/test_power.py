import importlib.util
import sys
from pathlib import Path

import pytest
import yaml

from pielab.config import check_config
from pielab.stats.power import power as power_of
from pielab.stats.power import seeds_needed

ROOT = Path(__file__).parents[3]


@pytest.fixture(scope="module")
def power():
    spec = importlib.util.spec_from_file_location("power", ROOT / "benchmarks/power.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def run(power, monkeypatch, capsys, *options):
    monkeypatch.setattr(sys, "argv", ["power", *options])
    power.main()
    return capsys.readouterr().out


def test_trainings_and_hours_are_those_of_the_cost_estimate(power):
    schema, config = (
        yaml.safe_load((ROOT / path).read_text())
        for path in ("workflow/schemas/config.schema.yaml", "config/paper.yaml")
    )
    study = check_config(config, schema)
    throughput = ROOT / "resources/throughput.csv"
    rows = power.cost.read_rows(throughput)
    device = power.cost.choose_device(study, rows)
    whole = power.cost.estimate(study, rows, device, ROOT / "results")
    ((trainings, hours),) = power.costs(study, [30], throughput)
    assert trainings == sum(row["trainings"] for row in whole)
    assert hours == pytest.approx(sum(row["hours"] for row in whole))


def test_it_prints_the_power_and_the_fewest_seeds(power, monkeypatch, capsys):
    said = run(power, monkeypatch, capsys, "--seeds", "40", "--lost", "50")
    expected = power_of(40, 20, 0.9, fewest=6)
    assert f"{expected:.2f}" in said
    assert f"-50 % of the votes: {seeds_needed(0.5, 0.9, fewest=6)} seeds" in said


def test_it_prints_what_a_shift_wants(power, monkeypatch, capsys):
    said = run(power, monkeypatch, capsys, "--shifts", "2")
    assert f"{power.shift_power(10, 2):.2f}" in said
    assert f"2 sd: {power.shift_seeds_needed(2)} seeds" in said


def test_an_impossible_change_is_refused_in_one_line(power, monkeypatch, capsys):
    with pytest.raises(SystemExit, match="votes_lost"):
        run(power, monkeypatch, capsys, "--dense", "30", "--lost", "50")
