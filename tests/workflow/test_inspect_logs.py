"""Logs of Inspect as a user brings them; a stand-in of inspect_ai copies what it made."""

import os
import re
import shutil
from pathlib import Path

import pandas as pd
import pytest
import yaml

from helpers.small_study import ROOT, plan, snakemake
from pielab import files

LOGS = Path(__file__).parents[1] / "fixtures/inspect"
PAGE = (ROOT / "docs/guides/inspect.md").read_text(encoding="utf-8")
STUDY = yaml.safe_load(re.search("```yaml\n(.*?)```", PAGE, re.DOTALL)[1])
STAND_IN = """#!/bin/sh
name=$(basename "$2" .eval)
cp "{logs}/$name.jsonl" "$3"
cp "{logs}/$name.json" "$4"
"""


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """A folder with both logs; PIELAB_INSPECT names the stand-in."""
    (tmp_path / "logs").mkdir()
    for run in ("dense", "int4"):
        shutil.copy(LOGS / f"{run}.eval", tmp_path / "logs")
    program = tmp_path / "python"
    program.write_text(STAND_IN.format(logs=LOGS))
    program.chmod(0o755)
    monkeypatch.setitem(os.environ, "PIELAB_INSPECT", str(program))
    return tmp_path


def test_epochs_are_reruns_and_samples_that_failed_are_left_out_and_counted(folder):
    study = STUDY | {"figures": {"formats": ["svg"]}}
    wanted = [f"results/tables/{name}.csv" for name in ("tasks", "answers", "run_differences")]
    run = snakemake(folder, study, "--cores", "2", "--", *wanted, "results/tables/pies.csv")
    assert run.returncode == 0, run.stderr
    (row,) = pd.read_csv(folder / wanted[0]).to_dict("records")
    assert (row["runs_baseline"], row["runs_compressed"], row["metric"]) == (3, 3, "match")
    rows = [files_rows(run) for run in ("dense", "int4")]
    assert row["documents"] == 7  # without q7, which failed once
    for side, own in zip(("baseline", "compressed"), rows, strict=True):
        means = own[own["sample_id"] != "q7"].groupby("epoch")["match"].mean()
        assert row[f"score_{side}"] == pytest.approx(means.mean())
    assert row["negative_flip_floor"] >= 0
    differences = pd.read_csv(folder / wanted[2])["difference"].tolist()
    assert "config.samples_failed is 0 in the first run and 1 in the other" in differences
    log = (folder / "results/logs/fetch/sums.log").read_text()
    assert "1 samples are not scored in all logs and epochs: left out" in log
    assert plan(folder, study) == {} or all(
        rule not in ("fetch", "read_predictions", "convert_inspect")
        for rule, _ in plan(folder, study)
    )


def files_rows(run):
    """Return the lines of a table that inspect_ai made."""
    return pd.read_json(LOGS / f"{run}.jsonl", lines=True)


def test_without_inspect_one_line_says_how_to_get_it(folder, monkeypatch):
    monkeypatch.setitem(os.environ, "PIELAB_INSPECT", f"{folder}/none")
    run = snakemake(folder, STUDY, "--cores", "1", "--", "results/data/sums/card.json")
    assert run.returncode
    assert "type make inspect, or add --sdm conda" in run.stderr


def test_the_environment_of_inspect_is_the_one_that_make_builds():
    environment = yaml.safe_load((ROOT / "envs/inspect.yaml").read_text())
    pinned = [one for one in environment["dependencies"][-1]["pip"] if "inspect" in one]
    assert pinned == ["inspect_ai==0.3.285"]
    assert files.read_json(LOGS / "dense.json")["config"]["packages"] == {"inspect_ai": "0.3.285"}
