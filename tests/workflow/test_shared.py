"""Predictions that one run shares are all that another needs to make the same tables."""

import copy
import os
import shutil

import pandas as pd
import pytest

from helpers.small_study import STUDY, plan, plan_of, snakemake
from pielab import files

NOT_MEANT = ("train_dense", "prune", "encode_words", "share_predictions")


@pytest.fixture(scope="module")
def shared(finished_once, tmp_path_factory):
    folder = tmp_path_factory.mktemp("shared")
    shutil.copytree(finished_once, folder, dirs_exist_ok=True)
    run = snakemake(folder, STUDY, "--cores", "1", "--", "share_predictions")
    assert run.returncode == 0, run.stderr
    return folder / "results"


@pytest.fixture
def reading(shared):
    study = copy.deepcopy(STUDY)
    study["predictions"] = str(shared / "shared")
    return study


def test_shared_predictions_are_read_and_nothing_trains(reading, tmp_path):
    rules = {rule for rule, _ in plan(tmp_path, reading)}
    assert "find_pies" in rules
    assert not rules & {*NOT_MEANT}


def test_shared_predictions_make_the_same_tables(reading, shared, tmp_path):
    run = snakemake(tmp_path, reading, "--cores", "1", "--", "results/tables/pies.csv")
    assert run.returncode == 0, run.stderr
    names = ("pies", "seeds")
    for name in names:
        before, after = (
            pd.read_csv(results / f"tables/{name}.csv")
            for results in (shared, tmp_path / "results")
        )
        # The logits themselves are rounded, what the models decide is not
        pd.testing.assert_frame_equal(before, after, rtol=0.02, atol=0.002)
    counts = [
        "pies",
        "positive_flips",
        "negative_flips",
        "score_baseline",
        "score_compressed",
        "excess",
    ]
    pies = [pd.read_csv(results / "tables/pies.csv") for results in (shared, tmp_path / "results")]
    pd.testing.assert_frame_equal(*(table[counts] for table in pies))


def test_a_shared_file_that_an_older_one_replaces_is_read_again(reading, shared, tmp_path):
    some = shutil.copytree(shared / "shared", tmp_path / "shared")
    study = reading | {"predictions": str(some)}
    run = snakemake(tmp_path, study, "--cores", "1", "--", "results/tables/pies.csv")
    assert run.returncode == 0, run.stderr
    assert "find_pies" not in {rule for rule, _ in plan(tmp_path, study)}
    first, other = sorted(some.rglob("dense/**/seeds*.test.safetensors"))[:2]
    times = first.stat()
    arrays, header = files.read_arrays(first)
    files.write_arrays(other.with_suffix(".new"), {**arrays, "logits": -arrays["logits"]}, header)
    os.utime(other.with_suffix(".new"), (times.st_mtime - 1e6, times.st_mtime - 1e6))
    other.with_suffix(".new").rename(first)
    assert "find_pies" in {rule for rule, _ in plan(tmp_path, study)}


def test_a_folder_of_predictions_that_is_not_there_is_named(reading, tmp_path):
    run = snakemake(tmp_path, reading | {"predictions": "nowhere"}, "-n")
    assert run.returncode != 0
    assert "predictions: 'nowhere': no such folder" in run.stdout + run.stderr


def test_a_block_that_is_not_in_the_folder_is_named(reading, shared, tmp_path):
    some = shutil.copytree(shared / "shared", tmp_path / "shared")
    lost = next(some.rglob("seeds1-1.test.safetensors"))
    lost.unlink()
    run = snakemake(tmp_path, reading | {"predictions": str(some)}, "-n")
    assert run.returncode != 0
    assert str(lost.relative_to(some)) in run.stdout + run.stderr


def test_without_training_predictions_the_tables_are_of_test_texts_alone(reading, shared, tmp_path):
    some = shutil.copytree(shared / "shared", tmp_path / "shared")
    for path in [*some.rglob("*.train.safetensors"), *some.rglob("*.early.safetensors")]:
        path.unlink()
    rules = {rule for rule, _ in plan(tmp_path, reading | {"predictions": str(some)})}
    assert {"find_pies", "measure_remedies", "build_report"} <= rules
    assert not rules & {*NOT_MEANT, "measure_influence", "score_claims", "embed_texts"}


def test_shared_embeddings_are_read_and_texts_are_not_embedded_again(reading, shared, tmp_path):
    some = shutil.copytree(shared / "shared", tmp_path / "shared")
    study = reading | {"predictions": str(some), "causes": {"embeddings": True}}
    assert "embed_texts" in {rule for rule, _ in plan(tmp_path, study)}
    found = {rule for rule, _ in plan_of(tmp_path, [tmp_path / "study.yaml"], "share_predictions")}
    assert {"embed_texts", "share_predictions"} <= found
    files.write_arrays(some / "rotten_tomatoes/embeddings.safetensors", {})
    rules = {rule for rule, _ in plan(tmp_path, study)}
    assert "measure_factors" in rules
    assert "embed_texts" not in rules
