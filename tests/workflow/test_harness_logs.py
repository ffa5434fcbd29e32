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
PAGE = (ROOT / "docs/tutorials/audit-lm-eval.md").read_text(encoding="utf-8")


def scored(run, task, metric):
    """Return a metric as lm_eval itself wrote it."""
    results = [files.read_json(path)["results"] for path in (LOGS / run).glob("results_*.json")]
    return next(each[task][metric] for each in results if task in each)


def said_right(run):
    """Return for each document of news_topic, two of which repeat, whether lm_eval has it right."""
    (path,) = (LOGS / run).glob("samples_news_topic_*.jsonl")
    rows = map(json.loads, path.read_text(encoding="utf-8").splitlines())
    return {(row["doc_id"], row["doc_hash"]): row["acc"] for row in rows}


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


def test_only_studies_of_logs_compare_runs(tmp_path, guide):
    assert ("compare_runs", ("",) * 6) in plan(brought(tmp_path / "logs"), guide)
    tables = dict.fromkeys(("dense", "int4"), "answers.csv")
    other = {"datasets": {"own": {"source": "files", "files": {"test": "own.csv"}}}}
    other |= {"predictions": {"files": tables}}
    (tmp_path / "tables").mkdir()
    assert not [rule for rule, _ in plan(tmp_path / "tables", guide | other) if "runs" in rule]
