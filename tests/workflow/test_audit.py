"""The audit that comes with the project trains nothing and finds its files from any folder."""

import yaml

from helpers.small_study import ROOT, plan, snakemake

STUDY = yaml.safe_load((ROOT / "config/audit.yaml").read_text())


def test_the_audit_of_hashed_models_trains_nothing(tmp_path):
    rules = {rule for rule, _ in plan(tmp_path, STUDY)}
    assert {"read_predictions", "find_pies", "build_report"} <= rules
    assert not rules & {"fetch_encoder", "encode_words", "train_dense", "prune"}


def test_its_predictions_are_for_its_texts(tmp_path):
    target = "results/predictions/bbc/linear/dense/none/seeds0-6.test.safetensors"
    run = snakemake(tmp_path, STUDY, "--cores", "1", "--", target)
    assert run.returncode == 0, run.stderr
    assert "no such file" not in run.stderr
