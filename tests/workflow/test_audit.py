"""The audit that comes with the project trains nothing and finds its files from any folder."""

import yaml

from helpers.small_study import ROOT, plan

STUDY = yaml.safe_load((ROOT / "config/audit.yaml").read_text())


def test_the_audit_of_hashed_models_trains_nothing(tmp_path):
    rules = {rule for rule, _ in plan(tmp_path, STUDY)}
    assert {"read_predictions", "find_pies", "build_report"} <= rules
    assert not rules & {"fetch_encoder", "encode_words", "train_dense", "prune"}
