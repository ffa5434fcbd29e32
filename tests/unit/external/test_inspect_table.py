"""Logs of Inspect: what a scorer says as a number, and the tables that inspect_ai makes of logs."""

import json
import os
import shutil
import subprocess
from pathlib import Path
from types import SimpleNamespace

import pandas as pd
import pytest

import convert_inspect
from pielab import harness_python
from pielab.data.harness_examples import read_common
from pielab.external.answers import align, documents_of
from pielab.external.harness import read_answers
from pielab.external.inspect_table import metrics_of, number_of

LOGS = Path(__file__).parents[2] / "fixtures/inspect"
PYTHON = Path(os.environ.get("PIELAB_INSPECT", ".venv-inspect/bin/python"))
needs_inspect = pytest.mark.skipif(not PYTHON.is_file(), reason="needs make inspect")


@pytest.mark.parametrize(
    ("value", "number"),
    [
        ("C", 1),
        ("I", 0),
        ("P", 0.5),
        ("N", 0),
        (True, 1),
        (0.25, 0.25),
        ("0.5", 0.5),
        ("yes", 1),
        ("No", 0),
        (float("nan"), None),
        ("a word", None),
        ("1_0", None),
        ([1, 2], None),
        (10**400, None),
        (None, None),
    ],
)
def test_what_a_scorer_says_is_a_number_as_inspect_counts_it_or_nothing(value, number):
    assert number_of(value) == number


def test_each_scorer_and_each_key_of_a_scorer_is_a_metric():
    scores = {
        "match": SimpleNamespace(value="C"),
        "rubric": SimpleNamespace(value={"style": 2, "facts": "I"}),
        "comment": SimpleNamespace(value="good"),
    }
    assert metrics_of(scores) == {"match": 1, "rubric/style": 2, "rubric/facts": 0}


@needs_inspect
@pytest.mark.parametrize("run", ["dense", "int4"])
def test_inspects_own_reader_makes_these_tables_of_its_logs(tmp_path, monkeypatch, run):
    monkeypatch.setenv("PIELAB_INSPECT", str(PYTHON.absolute()))
    table, results = tmp_path / "a.jsonl", tmp_path / "a.json"
    convert_inspect.main(str(LOGS / f"{run}.eval"), str(table), str(results))
    assert table.read_text() == (LOGS / f"{run}.jsonl").read_text()
    assert json.loads(results.read_text()) == json.loads((LOGS / f"{run}.json").read_text())


@needs_inspect
def test_a_log_as_json_gives_the_same_table(tmp_path, monkeypatch):
    monkeypatch.setenv("PIELAB_INSPECT", str(PYTHON.absolute()))
    log = tmp_path / "int4.json"
    words = "from inspect_ai.log import read_eval_log as r, write_eval_log as w; import sys; "
    words += "w(r(sys.argv[1]), sys.argv[2])"
    subprocess.run([PYTHON, "-c", words, LOGS / "int4.eval", log], check=True)
    convert_inspect.main(str(log), str(tmp_path / "a.jsonl"), str(tmp_path / "a.json"))
    assert (tmp_path / "a.jsonl").read_text() == (LOGS / "int4.jsonl").read_text()


@needs_inspect
def test_a_file_that_is_no_log_is_refused_in_one_line(tmp_path, monkeypatch):
    monkeypatch.setenv("PIELAB_INSPECT", str(PYTHON.absolute()))
    (tmp_path / "no.eval").write_text("nothing")
    with pytest.raises(ValueError, match=r"no\.eval: inspect_ai cannot read it: .+") as caught:
        convert_inspect.main(f"{tmp_path}/no.eval", f"{tmp_path}/a.jsonl", f"{tmp_path}/a.json")
    assert "\n" not in str(caught.value)


def test_without_inspect_one_line_says_how_to_get_it(tmp_path, monkeypatch):
    monkeypatch.setenv("PIELAB_INSPECT", f"{tmp_path}/none")
    with pytest.raises(ValueError, match=r"none: not there; .* type make inspect, or add --sdm"):
        convert_inspect.main(str(LOGS / "int4.eval"), "a.jsonl", "a.json")
    with pytest.raises(ValueError, match="no such file; expected a log of Inspect"):
        convert_inspect.main(f"{tmp_path}/gone.eval", "a.jsonl", "a.json")


def test_python_with_inspect_is_the_one_that_the_user_names(tmp_path, monkeypatch):
    named = tmp_path / "python"
    shutil.copy("/bin/sh", named)
    monkeypatch.setenv("PIELAB_INSPECT", str(named))
    assert harness_python.python_with("inspect_ai", "inspect", "") == str(named)


SETTINGS = {"metric": "match", "filter": None, "scores": "labels", "right_from": None}
SETTINGS |= {"drop": None}
CLASSES = ["wrong", "right"]


def test_epochs_are_models_and_samples_have_their_own_ids():
    said = read_answers(str(LOGS / "dense.jsonl"), CLASSES, SETTINGS)
    assert said.ids[:3] == ["q0", "q1", "q2"]
    assert sorted(set(said.models)) == ["1", "2", "3"]
    names, logits = align(said, [f"q{number}" for number in range(8)], "dense")
    assert names == ["1", "2", "3"]
    rows = pd.read_json(LOGS / "dense.jsonl", lines=True)
    table = rows.pivot(index="epoch", columns="sample_id", values="match")
    assert logits.argmax(axis=2).tolist() == table.to_numpy().tolist()


def test_the_documents_are_those_that_all_epochs_of_all_logs_have_scored(caplog):
    paths = [str(LOGS / f"{run}.jsonl") for run in ("dense", "int4")]
    frame, classes = read_common(paths)
    assert frame["example_id"].tolist() == [f"q{number}" for number in range(7)]
    assert frame["text"][2] == "What is 2 + 2?"
    assert classes == CLASSES
    assert "1 samples are not scored in all logs and epochs: left out" in caplog.text


def test_what_a_log_says_of_documents_is_by_epoch():
    said = read_answers(str(LOGS / "int4.jsonl"), CLASSES, SETTINGS)
    rows = documents_of(said, [f"q{number}" for number in range(7)], "int4")
    assert rows["run"].unique().tolist() == ["int4/1", "int4/2", "int4/3"]
    assert len(rows) == 21
    assert rows["answer"][0].startswith("The answer is ")


def test_a_sample_id_that_comes_twice_in_an_epoch_is_numbered_and_in_two_epochs_is_not(tmp_path):
    rows = [json.loads(line) for line in (LOGS / "dense.jsonl").read_text().splitlines()]
    twice = [*rows, rows[0] | {"doc_id": 50}]
    path = tmp_path / "samples_a.jsonl"
    path.write_text("".join(json.dumps(row) + "\n" for row in twice))
    ids = read_answers(str(path), CLASSES, SETTINGS).ids
    assert ids[-1] == "q0-2"
    assert ids.count("q0") == 3
