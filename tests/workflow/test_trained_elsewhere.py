"""Classifiers that a user trained elsewhere are compressed here; nothing trains."""

import json

import numpy as np
import pandas as pd
import pytest

from helpers import checkpoint_study as brought
from helpers.external_models import CLASSES, one_by_one, save_bert
from helpers.small_study import plan, snakemake
from pielab import files

PREDICTIONS = "results/predictions/films/ours"


@pytest.fixture(scope="module")
def study(tmp_path_factory):
    """A folder with texts and classifiers, which have been compressed."""
    folder = tmp_path_factory.mktemp("brought")
    brought.write(folder)
    run = snakemake(
        *(folder, brought.STUDY, "--cores", "1", "--"),
        *("results/report/index.html", "results/gate/gate.json"),
    )
    assert run.returncode == 0, run.stderr
    return folder


def predicted(folder, cell):
    (path,) = (folder / PREDICTIONS / cell).glob("*.test.safetensors")
    return files.read_arrays(path)[0]


def test_the_dense_predictions_are_those_of_the_users_models_by_the_names_of_classes(study):
    frame = pd.read_parquet(study / "results/data/films/test.parquet")
    logits = predicted(study, "dense/none")["logits"]
    assert len(logits) == 3
    for number, seed in enumerate((1, 2, 10)):  # in natural order
        expected = one_by_one(study / f"models/seed{seed}", frame)
        own = expected if seed == 1 else expected[:, ::-1]
        np.testing.assert_allclose(logits[number], own, atol=1e-4)
    log = (study / "results/logs/read_checkpoints/films.ours.seeds0-2.log").read_text()
    assert "seed 2 is models/seed10" in log


def test_methods_compress_them_with_a_replicate_each_calibration_draw(study):
    dense = predicted(study, "dense/none")["logits"]
    for cell, number in (("int8/bits8", 3), ("wanda/sparsity50", 6), ("heads/sparsity50", 3)):
        own = predicted(study, cell)
        assert len(own["logits"]) == number
        assert not np.allclose(own["logits"][:3], dense, atol=1e-6)
    wanda = predicted(study, "wanda/sparsity50")
    assert wanda["draws"].tolist() == [0, 1] * 3
    assert not np.array_equal(wanda["logits"][0], wanda["logits"][1])
    gate = json.loads((study / "results/gate/gate.json").read_text())
    assert {version["method"] for version in gate["versions"]} == {"int8", "wanda", "heads"}
    assert (study / "results/tables/frontier.csv").is_file()
    page = (study / "results/report/index.html").read_text()
    assert "trained elsewhere" in page


def test_nothing_trains_and_no_influence_is_measured(study):
    rules = {path.name for path in (study / "results/logs").iterdir()}
    assert not rules & {"train_dense", "prune", "measure_influence"}
    assert {"read_checkpoints", "compress", "encode_calibration"} <= rules


def test_a_checkpoint_that_changes_is_read_again_and_compressed_again(study):
    assert not {rule for rule, _ in plan(study, brought.STUDY)} & {"read_checkpoints", "compress"}
    save_bert(study / "models/seed2", CLASSES[::-1], seed=9)
    again = {rule for rule, _ in plan(study, brought.STUDY)}
    assert {"read_checkpoints", "compress", "find_pies"} <= again


def test_with_a_training_split_claim_5_cannot_be_tested(tmp_path):
    brought.write(tmp_path, seeds=(1, 2))
    whole = {"films": {"source": "files", "files": {"train": "films.csv"}, "test_share": 0.5}}
    study = brought.STUDY | {"datasets": whole}
    study["methods"] = {"wanda": {"compressor": "wanda", "calibration": {"examples": 9}}}
    run = snakemake(tmp_path, study, "--cores", "1", "--", "results/tables/scorecard.csv")
    assert run.returncode == 0, run.stderr
    claims = pd.read_csv(tmp_path / "results/tables/scorecard.csv").set_index("claim")
    assert claims.loc[5, "verdict"] == "cannot be tested here"


def test_what_the_gate_passes_leaves_as_a_folder_that_decides_alike(study):
    chosen = {"methods": ["int8", "wanda"], "seed": 1, "force": True}
    run = snakemake(study, brought.STUDY | {"export": chosen}, "--cores", "1", "--", "export")
    assert run.returncode == 0, run.stderr
    said = json.loads((study / "results/export/exported.json").read_text())["exported"]
    assert [each["method"] for each in said] == ["int8", "wanda"]
    from transformers import pipeline

    frame = pd.read_parquet(study / "results/data/films/test.parquet")
    for cell, row in (("int8/bits8", 1), ("wanda/sparsity50", 2)):
        folder = study / "results/export/films/ours" / cell
        classify = pipeline("text-classification", str(folder))
        answers = [
            classify(text, truncation=True, max_length=24)[0]["label"] for text in frame["text"]
        ]
        own = predicted(study, cell)["logits"][row]
        assert answers == [sorted(CLASSES)[best] for best in own.argmax(axis=1)]
        words = (folder / "README.md").read_text()
        assert "models/seed2" in words
        assert "truncation=True, max_length=24" in words
        assert "newly wrong" in words
    assert not (study / "results/export/films/ours/heads").exists()


def test_what_the_gate_does_not_pass_stays(study):
    strict = {"rules": {"score": {"block": 0, "warn": 0}}}
    run = snakemake(
        *(study, brought.STUDY | {"gate": strict, "export": {"methods": ["wanda"]}}),
        *("--cores", "1", "--", "export"),
    )
    assert run.returncode != 0
    assert "export: no version that the gate passes" in run.stdout + run.stderr
    assert not (study / "results/export/films/ours/wanda/sparsity50").exists()
