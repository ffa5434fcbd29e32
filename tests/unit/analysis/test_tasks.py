"""Tables by task: scores are those of lm_eval itself, to the last digit."""

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from helpers.harness_log import choice_row
from pielab import harness_folders
from pielab.analysis import task_groups, tasks
from pielab.data import harness_examples
from pielab.external import answers, harness

RUNS = Path(__file__).parents[2] / "fixtures/lm_eval_group/runs"
BASE = {"metric": None, "filter": None, "scores": "labels", "right_from": None, "drop": None}


def documents(run, names, **settings):
    """Return what the logs of some tasks say of their documents."""
    logs = {name: harness_folders.logs_of(str(RUNS / run))[name] for name in names}
    frame, classes = harness_examples.read_tasks(logs)
    said = harness.read_run(logs, classes, BASE | {"joined": True} | settings)
    return answers.documents_of(said, list(frame["example_id"]), run)


def results(run):
    (path,) = harness_folders.results_files(str(RUNS / run))
    return json.loads(Path(path).read_text(encoding="utf-8"))


def compared(names, groups=(), **settings):
    sides = [documents(run, names, **settings) for run in ("dense", "int4")]
    return tasks.compare_tasks(*sides, groups).set_index("task")


HUES = ["hues_sky", "hues_sea", "hues_land"]


@pytest.mark.parametrize("metric", ["acc", "acc_norm"])
def test_scores_of_tasks_and_groups_are_those_of_the_harness_to_the_last_digit(metric):
    groups = task_groups.read_groups(harness_folders.results_files(str(RUNS / "dense")))
    table = compared(HUES, groups, metric=metric)
    assert table.loc["hues_wet", "weights"] == "equal"
    assert table.loc["hues", "weights"] == "documents"
    for run, side in (("dense", "baseline"), ("int4", "compressed")):
        scores = results(run)["results"]
        for task in [*HUES, "hues_wet", "hues"]:
            assert table.loc[task, f"score_{side}"] == scores[task][f"{metric},none"]
    assert table.loc["hues", "documents"] == 43


@pytest.mark.parametrize("name", ["strict-match", "flexible-extract"])
def test_scores_under_each_of_two_filters_are_those_of_the_harness(name):
    table = compared(["sums"], metric="exact_match", filter=name)
    for run, side in (("dense", "baseline"), ("int4", "compressed")):
        expected = results(run)["results"]["sums"][f"exact_match,{name}"]
        assert table.loc["sums", f"score_{side}"] == expected


def test_scores_of_shares_and_of_bits_per_byte_are_those_of_the_harness():
    metrics = {"names": "f1", "prose": "bits_per_byte"}
    table = compared(["names", "prose"], metric=metrics, right_from={"names": 0.5, "prose": 1.2})
    for task, metric in metrics.items():
        for run, side in (("dense", "baseline"), ("int4", "compressed")):
            expected = results(run)["results"][task][f"{metric},none"]
            assert table.loc[task, f"score_{side}"] == pytest.approx(expected, rel=1e-14)
    assert table["better"].to_dict() == {"names": "higher", "prose": "lower"}
    assert table.loc["prose", "change"] == pytest.approx(
        table.loc["prose", "score_compressed"] - table.loc["prose", "score_baseline"]
    )


def side(values, run="a", task="t", **columns):
    frame = pd.DataFrame({"example_id": [f"{task}{n}" for n in range(len(values))]})
    frame = frame.assign(run=run, task=task, metric="acc", filter="none", value=values, weight=1.0)
    frame = frame.assign(better=1, right_from=np.nan, drop=np.nan, cluster=None)
    return frame.assign(**columns)


def test_one_run_a_side_has_mcnemars_test_and_newcombes_interval():
    before, after = [1.0] * 8 + [0.0] * 2, [0.0] * 5 + [1.0] * 3 + [1.0, 0.0]
    row = tasks.compare_tasks(side(before), side(after)).iloc[0]
    assert (row["negative_flips"], row["positive_flips"]) == (5, 1)
    assert row["mcnemar_p"] == row["p"] == pytest.approx(2 * (1 + 6) / 2**6)
    assert row["change"] == pytest.approx(-0.4)
    assert -1 <= row["change_low"] < -0.4 < row["change_high"] <= 1
    assert np.isnan(row["negative_flip_excess"])


def test_q_is_over_tasks_and_groups_have_none():
    lost = [side([1.0] * 20, task=name) for name in "ab"]
    found = [side([0.0] * 20, task="a"), side([1.0] * 20, task="b")]
    group = tasks.Group("both", ("a", "b"), True)
    table = tasks.compare_tasks(pd.concat(lost), pd.concat(found), [group]).set_index("task")
    assert table.loc["a", "q"] == pytest.approx(2 * 2 * 0.5**20)  # the smaller of two p, twice
    assert table.loc["b", "q"] == 1
    assert np.isnan(table.loc["both", "q"])


def test_a_drop_that_the_config_names_makes_a_negative_flip():
    before, after = [0.9, 0.9, 0.4, 0.5], [0.75, 0.6, 0.45, 0.0]
    named = dict(right_from=0.5, drop=0.2)
    row = tasks.compare_tasks(side(before, **named), side(after, **named)).iloc[0]
    assert (row["negative_flips"], row["positive_flips"]) == (2, 0)  # 0.3 and 0.5 less
    without = tasks.compare_tasks(side(before, right_from=0.5), side(after, right_from=0.5)).iloc[0]
    assert without["negative_flips"] == 1  # only the last was right and is not


def test_of_a_metric_that_is_better_small_a_flip_is_a_rise():
    named = dict(right_from=1.0, better=-1)
    row = tasks.compare_tasks(side([0.9, 1.2], **named), side([1.1, 0.8], **named)).iloc[0]
    assert (row["negative_flips"], row["positive_flips"], row["better"]) == (1, 1, "lower")


def test_several_runs_of_the_baseline_make_a_floor_of_negative_flips():
    dense = pd.concat([side([1.0, 1.0, 0.0, 0.0]), side([1.0, 0.0, 1.0, 0.0], run="b")])
    row = tasks.compare_tasks(dense, side([0.0, 0.0, 0.0, 0.0], run="c")).iloc[0]
    assert row["negative_flips"] == 2  # of each run two
    assert row["negative_flip_floor"] == 1
    assert row["negative_flip_excess"] == pytest.approx(1)
    assert row["runs_baseline"] == 2


def test_documents_of_one_version_only_are_left_out_and_counted():
    row = tasks.compare_tasks(side([1.0, 1.0, 0.0]), side([1.0, 0.0])).iloc[0]
    assert row["documents"] == 2
    assert row["score_baseline"] == 1
    assert row["note"] == "1 documents are in one of the two versions only"


def test_a_group_of_which_a_task_is_missing_says_so_and_tasks_of_two_metrics_have_no_score():
    group = tasks.Group("g", ("a", "b"), True)
    (_, row) = tasks.compare_tasks(side([1.0], task="a"), side([0.0], task="a"), [group]).to_dict(
        "records"
    )
    assert row["note"] == "without 1 of its 2 tasks: b"
    first = pd.concat([side([1.0, 0.0], task="a"), side([0.5, 1.0], task="b", metric="f1")])
    row = tasks.compare_tasks(first, first, [group]).to_dict("records")[-1]
    assert row["note"] == "tasks of several metrics have no score"
    assert np.isnan(row["score_baseline"])


def test_a_document_without_a_passage_is_a_cluster_by_itself():
    named = ["p", None, "p", None]
    first, second = (side([1.0, 0.0, one, 1.0], cluster=named) for one in (1.0, 0.0))
    row = tasks.compare_tasks(first, second).iloc[0]
    assert row["clusters"] == 3


def test_folders_of_an_older_release_and_log_probabilities_that_are_no_numbers_are_read(tmp_path):
    """Release 0.4.1 writes arrays named for the model, lists as arguments, no filters or hashes."""
    new = ("filter", "metrics", "doc_hash", "prompt_hash", "target_hash")
    scores = {"dense": [[-1.0, -3.0], ["-inf", -2.0], ["nan", -1.0]]}
    scores["int4"] = [[-3.0, -1.0], [-1.0, -2.0], [-1.0, -2.0]]
    chosen = {"dense": [0, 1, 0], "int4": [1, 0, 0]}
    sides = []
    for run, own in scores.items():
        rows = []
        for number, pair in enumerate(own):
            row = choice_row(number, [-1.0, -2.0], target=0, acc=float(chosen[run][number] == 0))
            row["filtered_resps"] = [[score, False] for score in pair]
            lists = [list(each.values()) for each in row["arguments"].values()]
            old = {key: value for key, value in row.items() if key not in new}
            rows.append(old | {"arguments": lists})
        folder = tmp_path / run
        folder.mkdir()
        (folder / "pretrained__gpt2_toy.jsonl").write_text(json.dumps(rows))
        (folder / "results.json").write_text(json.dumps({"configs": {"toy": {}}}))
        logs = harness_folders.logs_of(str(folder))
        assert list(logs) == ["toy"]
        frame, classes = harness_examples.read_tasks(logs)
        said = harness.read_run(logs, classes, BASE | {"joined": True})
        sides.append(answers.documents_of(said, list(frame["example_id"]), run))
        if run == "dense":
            assert [note.partition("have a log probability ")[2][:4] for note in said.notes] == [
                "-inf",
                "NaN;",
            ]
    row = tasks.compare_tasks(*sides).iloc[0]
    assert (row["score_baseline"], row["score_compressed"]) == (2 / 3, 2 / 3)
    assert (row["negative_flips"], row["positive_flips"]) == (1, 1)
