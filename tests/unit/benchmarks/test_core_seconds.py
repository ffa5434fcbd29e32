"""The table of where a study's seconds go."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from helpers.benchmark_script import load

HOOKS = Path(__file__).parents[3] / "benchmarks/hooks"


@pytest.fixture(scope="module")
def script():
    return load("core_seconds")


def spent(rule, seconds, start_up=0.25, imports=0.5):
    return {"rule": rule, "seconds": seconds, "start-up": start_up, "imports": imports}


def test_seconds_are_added_by_rule_and_by_kind(script):
    processes = [spent("prune", 10.0), spent("prune", 4.0), spent("plot_pies", 6.0)]
    table = script.tabulate([*processes, spent("snakemake", 3.0)])
    assert [row["rule"] for row in table] == ["prune", "plot_pies", "snakemake", "all"]
    prune, plot, snakemake, everything = table
    assert (prune["jobs"], prune["start-up"], prune["imports"]) == (2, 0.5, 1.0)
    assert (prune["arithmetic"], prune["drawing"]) == (12.5, 0)
    assert (plot["arithmetic"], plot["drawing"]) == (0, 5.25)
    assert (snakemake["snakemake"], snakemake["imports"]) == (3.0, 0)
    assert everything["seconds"] == 23


def test_the_rows_of_other_studies_stay(script, tmp_path, monkeypatch):
    monkeypatch.setattr(script, "TABLE", tmp_path / "core_seconds.csv")
    for study, seconds in (("config", 9.0), ("audit", 5.0), ("config", 8.0)):
        script.write(study, script.tabulate([spent("prune", seconds)]))
    lines = script.TABLE.read_text().splitlines()
    assert lines[0] == ",".join(script.COLUMNS)
    assert [(line.split(",")[0], line.split(",")[-1]) for line in lines[1:]] == [
        *(("audit", "5.0"), ("audit", "5.0"), ("config", "8.0"), ("config", "8.0"))
    ]


def test_a_process_writes_down_what_its_imports_took(tmp_path):
    environment = os.environ | {"PYTHONPATH": str(HOOKS), "PIELAB_CORE_SECONDS": str(tmp_path)}
    code = "import types\nsnakemake = types.SimpleNamespace(rule='fetch')\nimport decimal, json"
    subprocess.run([sys.executable, "-c", code], env=environment, check=True)
    (path,) = tmp_path.glob("*.json")
    process = json.loads(path.read_text())
    assert process["rule"] == "fetch"
    assert 0 < process["imports"] < process["seconds"]
    assert process["start-up"] > 0
