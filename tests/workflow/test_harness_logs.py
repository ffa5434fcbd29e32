"""Logs of lm-evaluation-harness as a user brings them: the guide's config, and real logs."""

import json
import re
import shutil
from pathlib import Path

import pandas as pd
import pytest
import yaml

from helpers.described_columns import DESCRIPTIONS
from helpers.small_study import ROOT, plan, snakemake
from pielab import files

LOGS = Path(__file__).parents[1] / "fixtures/lm_eval"
PAGE = (ROOT / "docs/guides/llm-harness.md").read_text(encoding="utf-8")


def scored(run, task, metric):
    """Return a metric as lm_eval itself wrote it."""
    results = [files.read_json(path)["results"] for path in (LOGS / run).glob("results_*.json")]
    return next(each[task][metric] for each in results if task in each)


def said_right(run):
    """Return for each document of news_topic, two of which repeat, whether lm_eval has it right."""
    (path,) = (LOGS / run).glob("samples_news_topic_*.jsonl")
    rows = map(json.loads, path.read_text(encoding="utf-8").splitlines())
    return {(row["doc_id"], row["doc_hash"]): row["acc"] for row in rows}


def first_answers(run):
    """Return each document's generated text in the log of news_word."""
    (path,) = (LOGS / run).glob("samples_news_word_*.jsonl")
    rows = map(json.loads, path.read_text(encoding="utf-8").splitlines())
    return {row["doc_id"]: row["resps"][0][0] for row in rows}


@pytest.fixture(scope="module")
def guide():
    """The config of the guide, word for word."""
    return yaml.safe_load(re.search("```yaml\n(.*?)```", PAGE, re.DOTALL)[1])


def brought(folder):
    """Copy the logs to where lm_eval would have written them for the guide."""
    for run in ("dense", "int4"):
        shutil.copytree(LOGS / run, folder / "runs" / run / "model")
    return folder


@pytest.fixture(scope="module")
def audited(tmp_path_factory, guide):
    """A folder in which the guide's study of two logs has run to its report."""
    folder = brought(tmp_path_factory.mktemp("logs"))
    run = snakemake(folder, guide | {"figures": {"formats": ["svg"]}}, "--cores", "2")
    assert run.returncode == 0, run.stderr
    return folder


def test_two_logs_are_audited_to_the_report_with_the_scores_that_lm_eval_gave_them(audited):
    assert (audited / "results/report/index.html").stat().st_size > 10_000
    (row,) = pd.read_csv(audited / "results/tables/pies.csv").to_dict("records")
    assert row["examples"] == 175
    assert row["score_baseline"] == scored("dense", "news_topic", "acc,none")
    assert row["score_compressed"] == scored("int4", "news_topic", "acc,none")
    assert row["level_text"] == "4 bits"
    before, after = (said_right(run) for run in ("dense", "int4"))
    assert row["negative_flips"] == sum(before[one] > after[one] for one in before) == 35
    assert row["positive_flips"] == sum(before[one] < after[one] for one in before) == 13


def test_the_report_has_what_differs_between_the_runs(audited):
    path = "results/tables/run_differences.csv"
    table = pd.read_csv(audited / path)
    said = "config.model_args.pretrained is 'dense' in the first run and 'int4' in the other"
    assert table["difference"].tolist() == [said]
    assert table["level"].tolist() == [4]
    described = yaml.safe_load(DESCRIPTIONS.read_text())
    known = described["tables"]["run_differences"]["columns"] | described["shared"]
    assert set(table) <= set(known)
    assert path.split("/")[-1] in (audited / "results/report/index.html").read_text()
    assert said in (audited / "results/logs/compare_runs.log").read_text()


def test_generated_answers_are_wrong_or_right_by_the_metric_under_a_filter(tmp_path, guide):
    word = "runs/dense/*/samples_news_word_*.jsonl"
    study = guide | {"datasets": {"news_word": {"source": "lm_eval", "files": {"test": word}}}}
    own = {"metric": "exact_match", "filter": "first-word", "scores": "labels"}
    study["predictions"] = guide["predictions"] | own
    run = snakemake(brought(tmp_path), study, "--cores", "2", "--", "results/tables/pies.csv")
    assert run.returncode == 0, run.stderr
    (row,) = pd.read_csv(tmp_path / "results/tables/pies.csv").to_dict("records")
    for side, name in (("baseline", "dense"), ("compressed", "int4")):
        expected = scored(name, "news_word", "exact_match,first-word")
        assert row[f"score_{side}"] == pytest.approx(expected)


def test_generated_answers_are_compared_as_texts_and_shown_in_the_browser(tmp_path, guide):
    word = "runs/dense/*/samples_news_word_*.jsonl"
    study = guide | {"datasets": {"news_word": {"source": "lm_eval", "files": {"test": word}}}}
    own = {"metric": "exact_match", "filter": "strict", "scores": "labels"}
    study |= {"predictions": guide["predictions"] | own, "figures": {"formats": ["svg"]}}
    wanted = ["results/tables/answers.csv", "results/report/browser.html"]
    run = snakemake(brought(tmp_path), study, "--cores", "2", "--", *wanted)
    assert run.returncode == 0, run.stderr
    (row,) = pd.read_csv(tmp_path / wanted[0]).to_dict("records")
    described = yaml.safe_load(DESCRIPTIONS.read_text())
    assert set(row) <= set(described["tables"]["answers"]["columns"] | described["shared"])
    said = [first_answers(side) for side in ("dense", "int4")]
    assert row["changed"] == sum(said[0][one] != said[1][one] for one in said[0]) / 25
    page = (tmp_path / wanted[1]).read_text(encoding="utf-8")
    changed = next(one for one in said[0] if said[0][one] != said[1][one])
    assert json.dumps(said[1][changed], ensure_ascii=False)[1:-1] in page


def test_only_studies_of_logs_compare_runs(tmp_path, guide):
    assert ("compare_runs", ("",) * 6) in plan(brought(tmp_path / "logs"), guide)
    tables = dict.fromkeys(("dense", "int4"), "answers.csv")
    other = {"datasets": {"own": {"source": "files", "files": {"test": "own.csv"}}}}
    other |= {"predictions": {"files": tables}}
    (tmp_path / "tables").mkdir()
    assert not [rule for rule, _ in plan(tmp_path / "tables", guide | other) if "runs" in rule]


GROUPED = Path(__file__).parents[1] / "fixtures/lm_eval_group/runs"


@pytest.fixture(scope="module")
def many(tmp_path_factory):
    """A folder in which the guide's study of a group of tasks has run to what tests look at."""
    study = yaml.safe_load(re.findall("```yaml\n(.*?)```", PAGE, re.DOTALL)[1])
    study["datasets"]["mmlu"] |= {"tasks": "hues", "cluster_by": ["passage"]}
    study |= {"figures": {"formats": ["svg"]}}
    wanted = [f"results/tables/{name}.csv" for name in ("tasks", "run_differences")]
    wanted.append("results/figures/tasks.svg")
    folder = tmp_path_factory.mktemp("many")
    shutil.copytree(GROUPED, folder / "runs")
    next((folder / "runs/int4").rglob("samples_hues_sky_*")).unlink()
    run = snakemake(folder, study, "--cores", "2", "--", *wanted)
    assert run.returncode == 0, run.stderr
    return folder


def test_folders_of_many_tasks_are_compared_by_task_and_tasks_of_one_run_are_listed(many):
    table = pd.read_csv(many / "results/tables/tasks.csv").set_index("task")
    assert list(table.index) == ["hues_land", "hues_sea", "hues", "hues_wet"]
    assert table.loc["hues", "note"] == "without 1 of its 3 tasks: hues_sky"
    assert table.loc["hues_sea", "clusters"] == 8
    (results,) = (GROUPED / "int4").rglob("results_*.json")
    expected = files.read_json(results)["results"]["hues_sea"]["acc,none"]
    assert table.loc["hues_sea", "score_compressed"] == expected
    differences = pd.read_csv(many / "results/tables/run_differences.csv")["difference"]
    said = "1 task is in one of the two runs only and left out: hues_sky"
    assert said in differences.tolist()


def test_the_table_by_task_is_described_and_drawn(many):
    described = yaml.safe_load(DESCRIPTIONS.read_text())
    known = described["tables"]["tasks"]["columns"] | described["shared"]
    table = pd.read_csv(many / "results/tables/tasks.csv")
    assert set(table) <= set(known)
    assert set(described["tables"]["tasks"]["columns"]) <= set(table)
    assert (many / "results/figures/tasks.svg").is_file()


def test_the_report_has_the_table_by_task(audited):
    assert "tasks.csv" in (audited / "results/report/index.html").read_text()


def test_tasks_that_are_a_dataset_each_have_cells_of_their_own(tmp_path):
    study = yaml.safe_load(re.findall("```yaml\n(.*?)```", PAGE, re.DOTALL)[1])
    study["datasets"] = {"each": {"source": "lm_eval", "tasks": "hues", "tasks_as": "datasets"}}
    shutil.copytree(GROUPED, tmp_path / "runs")
    found = {own[0] for rule, own in plan(tmp_path, study) if rule == "find_pies"}
    assert found == {"hues_sky", "hues_sea", "hues_land"}
