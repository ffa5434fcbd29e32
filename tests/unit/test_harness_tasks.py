import shutil
from pathlib import Path

import pytest

from helpers.dataset_settings import SCHEMA
from pielab import config, harness_folders, harness_tasks
from pielab.study import Study

ROOT = Path(__file__).parents[2]
RUNS = ROOT / "tests/fixtures/lm_eval_group/runs"


def study(runs=RUNS, predictions=None, **dataset):
    said = {
        "datasets": {"all": {"source": "lm_eval"} | dataset},
        "models": {"toy": {"architecture": "external", "seeds": 1}},
        "methods": {"int4": {"compressor": "external", "bits": 4}},
        "predictions": {"files": {"dense": f"{runs}/dense", "int4": f"{runs}/int4"}}
        | (predictions or {}),
    }
    return harness_tasks.with_tasks(Study(config.check_config(said, SCHEMA)))


def refusal(**settings):
    with pytest.raises(ValueError) as caught:
        study(**settings)
    return str(caught.value)


@pytest.fixture
def one_lacks(tmp_path):
    """Two runs, of which the second has no log of hues_sea."""
    shutil.copytree(RUNS, tmp_path, dirs_exist_ok=True)
    next((tmp_path / "int4").rglob("samples_hues_sea_*")).unlink()
    harness_folders.logs_of.cache_clear()
    return tmp_path


def test_folders_are_one_dataset_of_all_tasks_with_task_as_a_slice():
    found = study()
    assert list(found.datasets) == ["all"]
    own = found.datasets["all"]
    tasks = ["hues_land", "hues_sea", "hues_sky", "names", "prose", "sums"]
    assert list(own["files"]["test"]) == own["found_tasks"] == tasks
    assert own["slice_by"] == ["task"]
    dense, int4 = found.groups
    assert found.runs(dense) == [own["files"]["test"]]
    assert [path.split("/")[-3] for path in found.external_files(int4, "test")] == ["int4"] * 6


def test_a_group_a_pattern_and_a_list_choose_tasks():
    assert list(study(tasks="hues").datasets["all"]["files"]["test"])[:2] == [
        "hues_sky",
        "hues_sea",
    ]
    assert study(tasks="hues_wet").datasets["all"]["found_tasks"] == ["hues_sky", "hues_sea"]
    assert study(tasks="*s").datasets["all"]["found_tasks"] == ["names", "sums"]
    assert study(tasks=["sums", "hues_wet"]).datasets["all"]["found_tasks"][0] == "sums"


def test_tasks_may_be_a_dataset_each():
    found = study(tasks="hues_wet", tasks_as="datasets")
    assert list(found.datasets) == list(found.training) == ["hues_sky", "hues_sea"]
    assert [cell.dataset for cell in found.groups] == ["hues_sky", "hues_sea"] * 2
    (path,) = found.external_files(found.groups[-1], "test")
    assert "/int4/" in path
    assert "samples_hues_sea_" in path
    assert found.datasets["hues_sky"]["slice_by"] == []


def test_tasks_that_one_run_lacks_are_left_out_and_kept_in_mind(one_lacks):
    own = study(one_lacks).datasets["all"]
    assert "hues_sea" not in own["found_tasks"]
    assert len(own["found_tasks"]) == 5
    assert own["not_in"] == {"hues_sea": [f"{one_lacks}/int4"]}


def test_a_task_that_no_run_or_not_every_run_has_is_refused(one_lacks):
    assert "datasets.all.tasks: 'mmlu'; expected a task, a group or a pattern" in refusal(
        tasks="mmlu"
    )
    said = refusal(runs=one_lacks, tasks="hues_sea")
    assert "datasets.all.tasks: no task that all of" in said


def test_keys_of_folders_go_with_folders_only():
    files = {"test": "a.jsonl"}
    said = refusal(files=files, tasks="mmlu")
    assert "datasets.all.tasks: 'mmlu'; expected where source is lm_eval, without files" in said
    predictions = {"files": {"dense": [], "int4": []}}
    assert "predictions.files.dense" in refusal(predictions=predictions)  # the first of the two


def test_a_name_by_which_predictions_fit_no_task_or_dataset_is_refused_with_the_nearest():
    told = refusal(predictions={"scores": {"al": "labels"}})
    assert told == "predictions.scores: 'al' fits no dataset; did you mean all?"
    told = refusal(predictions={"scores": {"x": "labels"}}, tasks="hues_wet", tasks_as="datasets")
    assert told == "predictions.scores: 'x' fits no dataset; expected one of hues_sky, hues_sea"
    told = refusal(predictions={"metric": {"hues_*": "acc", "name": "exact_match"}})
    assert told == "predictions.metric: 'name' fits no task; did you mean names?"
    for key, value in {"filter": "strict", "right_from": 0.5, "drop": 0.1}.items():
        assert f"predictions.{key}: 'huse_*'" in refusal(predictions={key: {"huse_*": value}})
    assert "predictions.scores: 7 fits no dataset" in refusal(predictions={"scores": {7: "labels"}})


def test_names_of_tasks_that_one_run_alone_has_and_patterns_may_choose_a_metric(one_lacks):
    chosen = {"metric": {"hues_sea": "acc", "*": "acc"}, "scores": {"a*": "labels"}}
    assert study(one_lacks, chosen).scores("all") == "labels"
