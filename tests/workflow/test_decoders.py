"""A tiny decoder that the harness asks in a study: plan, tables and reruns."""

import os
import shutil
from collections import Counter

import pandas as pd
import pytest
import yaml

from helpers import tiny_decoder
from helpers.small_study import ROOT, plan, snakemake
from pielab import files

needs_harness = pytest.mark.skipif(not tiny_decoder.PYTHON.is_file(), reason="needs make harness")


@pytest.fixture(scope="module")
def finished(tmp_path_factory):
    """A folder in which the study of a tiny decoder has run, and its config."""
    folder = tmp_path_factory.mktemp("decoder")
    tiny_decoder.save(folder / "model")
    tasks = tiny_decoder.write_tasks(folder / "tasks", 30)
    described = tiny_decoder.study("model", tasks, reruns=[{"batch_size": 1}])
    described["figures"] = {"formats": ["svg"]}
    os.environ["PIELAB_HARNESS"] = str(tiny_decoder.PYTHON)
    run = snakemake(folder, described, "--cores", "2")
    assert run.returncode == 0, run.stderr
    return folder, described


def test_the_plan_has_a_job_for_each_draw_and_names_the_harness_where_there_is_none(
    tmp_path, monkeypatch
):
    tiny_decoder.save(tmp_path / "model")
    described = tiny_decoder.study("model", tiny_decoder.write_tasks(tmp_path / "tasks"))
    jobs = asking(tmp_path, described)
    assert jobs == {"ask_colour": 1 + 1 + 2, "ask_word": 1 + 1 + 2}
    monkeypatch.setitem(os.environ, "PIELAB_HARNESS", f"{tmp_path}/none")
    log = "results/asked/word/tiny/dense/none/draw0/samples_word.jsonl"
    run = snakemake(tmp_path, described, "--cores", "1", "--", log)
    assert run.returncode
    assert "type make harness, or add --sdm conda" in run.stderr


def asking(folder, described):
    """Return how many jobs would ask, by rule."""
    found = Counter()
    for (rule, _), number in plan(folder, described).items():
        found[rule] += number if rule.startswith("ask_") else 0
    return +found


@needs_harness
def test_the_tables_have_the_scores_of_the_harness_to_the_last_digit(finished):
    folder, described = finished
    rows = pd.read_csv(folder / "results/tables/tasks.csv")
    assert len(rows) == 4
    metrics = described["predictions"]["metric"]
    for row in rows.to_dict("records"):
        level = {"int4": "bits4", "wanda": "sparsity50"}[row["method"]]
        for side, method, part in (
            ("baseline", "dense", "none"),
            ("compressed", row["method"], level),
        ):
            runs = (folder / f"results/asked/{row['dataset']}/tiny/{method}/{part}").glob(
                "*/results.json"
            )
            said = [files.read_json(run)["results"][row["dataset"]] for run in runs]
            scores = [own[f"{metrics[row['dataset']]},none"] for own in said]
            assert len(scores) == (1 if method == "int4" else 2)  # dense: with a rerun
            assert row[f"score_{side}"] == sum(scores) / len(scores)
            assert row[f"runs_{side}"] == len(scores)


@needs_harness
def test_nothing_runs_again_but_what_a_changed_task_or_more_draws_touch(finished):
    folder, described = finished
    assert plan(folder, described) == {}
    more = tiny_decoder.study("model", folder / "tasks", 3, [{"batch_size": 1}])
    assert asking(folder, more) == {"ask_colour": 1, "ask_word": 1}
    task = folder / "tasks/word.yaml"
    written = task.read_text()
    task.write_text(written + "\n")
    assert set(asking(folder, described)) == {"ask_colour", "ask_word"}  # they share the folder
    task.write_text(written)


@needs_harness
def test_what_was_audited_leaves_and_nothing_is_asked_again(finished):
    folder, described = finished
    described = described | {"export": {"force": True, "methods": ["wanda"], "draw": 1}}
    run = snakemake(folder, described, "--cores", "2", "--", "export")
    assert run.returncode == 0, run.stderr
    assert "rule ask_" not in run.stdout + run.stderr
    exported = files.read_json(folder / "results/export/exported.json")["exported"]
    assert [(one["dataset"], one["draw"]) for one in exported] == [("colour", 1), ("word", 1)]
    assert all((folder / one["folder"] / "model.safetensors").is_file() for one in exported)


@needs_harness
def test_logs_that_were_left_are_read_without_the_harness(finished, tmp_path, monkeypatch):
    folder, described = finished
    shutil.copytree(folder / "results/asked", tmp_path / "left")
    shutil.copytree(folder / "tasks", tmp_path / "tasks")
    monkeypatch.setitem(os.environ, "PIELAB_HARNESS", f"{tmp_path}/none")
    described = described | {"predictions": described["predictions"] | {"logs": "left"}}
    run = snakemake(tmp_path, described, "--cores", "2", "--", "results/tables/tasks.csv")
    assert run.returncode == 0, run.stderr
    tables = [pd.read_csv(each / "results/tables/tasks.csv") for each in (folder, tmp_path)]
    pd.testing.assert_frame_equal(*tables)


def test_the_logs_that_ship_are_small():
    described = yaml.safe_load((ROOT / "config/smollm2.yaml").read_text(encoding="utf-8"))
    runs = ROOT / described["predictions"]["logs"]
    assert 0 < sum(path.stat().st_size for path in runs.rglob("*.*")) < 2.5e6
