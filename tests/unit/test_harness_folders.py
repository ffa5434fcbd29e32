import json
import shutil
from pathlib import Path

import pytest

from pielab import harness_folders

RUNS = Path(__file__).parents[1] / "fixtures/lm_eval_group/runs"


def test_a_folder_has_the_log_of_each_task_whatever_the_tasks_are_called():
    logs = harness_folders.logs_of(str(RUNS / "dense"))
    assert list(logs) == ["hues_land", "hues_sea", "hues_sky", "names", "prose", "sums"]
    assert all(Path(path).is_file() and f"samples_{task}_" in path for task, path in logs.items())


@pytest.mark.parametrize(
    ("name", "task"),
    [
        ("samples_mmlu_anatomy_2026-11-21T21-12-46.400877.jsonl", "mmlu_anatomy"),
        ("samples_mmlu_2026-11-21T21-12-46.jsonl", "mmlu"),
        ("samples_arc_2024.jsonl", "arc_2024"),
    ],
)
def test_a_task_is_what_stands_between_samples_and_the_date(name, task):
    assert harness_folders.task_of(name) == task


def test_an_older_release_names_a_log_for_the_model_and_results_have_its_tasks(tmp_path):
    log = tmp_path / "pretrained__gpt2_big_bench_sums.jsonl"
    log.write_text('[{"doc_id": 0, "doc": {}}]')
    (tmp_path / "results.json").write_text(json.dumps({"configs": {"sums": {}, "bench_sums": {}}}))
    assert harness_folders.logs_of(str(tmp_path)) == {"bench_sums": str(log)}


def test_a_groups_tasks_are_those_of_its_subgroups_in_their_order():
    groups = harness_folders.groups_of(str(RUNS / "dense"))
    assert groups["hues_wet"] == ["hues_sky", "hues_sea"]
    assert groups["hues"] == ["hues_sky", "hues_sea", "hues_land"]


def test_a_group_inside_itself_ends():
    found = harness_folders.groups_in({"group_subtasks": {"a": ["b", "t"], "b": ["a"]}})
    assert found["a"] == ["t"]


def test_a_group_named_by_many_others_is_looked_at_once():
    levels = {f"g{level}": [f"g{level + 1}"] * 2 for level in range(60)}
    assert harness_folders.groups_in({"group_subtasks": levels})["g0"] == ["g60"]


@pytest.mark.parametrize("own", [None, 1, "sums", {"sums": 1}, [None, 1, {}, []], True])
def test_groups_that_are_no_lists_of_names_have_no_tasks(own):
    groups = harness_folders.groups_in({"group_subtasks": {"a": own, "b": ["sums"]}})
    assert groups.pop("b") == ["sums"]
    assert groups in ({}, {"a": ["a"]})


@pytest.mark.parametrize("configs", [None, 1, ["sums"], "sums"])
def test_results_without_configs_name_no_task(tmp_path, configs):
    log = tmp_path / "pretrained__gpt2_sums.jsonl"
    log.write_text('[{"doc_id": 0, "doc": {}}]')
    (tmp_path / "results.json").write_text(json.dumps({"configs": configs}))
    assert harness_folders.logs_of(str(tmp_path)) == {"pretrained__gpt2_sums": str(log)}


def test_two_runs_in_a_folder_are_refused_with_what_to_do(tmp_path):
    for run in ("dense", "int4"):
        folder = next((RUNS / run).iterdir())
        shutil.copytree(folder, tmp_path / "both" / run)
    with pytest.raises(ValueError, match=r"two logs of the task hues_land.*a folder of its own"):
        harness_folders.logs_of(str(tmp_path / "both"))


def test_a_folder_that_is_not_there_or_has_no_logs_is_refused(tmp_path):
    with pytest.raises(ValueError, match=r"no such folder; expected the output of lm_eval"):
        harness_folders.logs_of(str(tmp_path / "missing"))
    with pytest.raises(ValueError, match=r"no samples_.*; expected those of lm_eval --log_samples"):
        harness_folders.logs_of(str(tmp_path))


def test_results_that_are_no_object_are_refused(tmp_path):
    (tmp_path / "results_1.json").write_text("[1]")
    with pytest.raises(ValueError, match=r"results_1.json: not readable"):
        harness_folders.groups_of(str(tmp_path))
