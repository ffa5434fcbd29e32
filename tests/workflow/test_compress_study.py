"""The shipped study of what is compressed after training."""

import yaml

from helpers.small_study import ROOT, plan

STUDY = yaml.safe_load((ROOT / "config/compress.yaml").read_text())


def test_it_trains_five_dense_models_and_compresses_them_in_five_ways(tmp_path):
    jobs = plan(tmp_path, STUDY)
    blocks = {"0-2", "3-4"}
    assert {at[4] for rule, at in jobs if rule == "train_dense"} == blocks
    assert not [rule for rule, _ in jobs if rule == "prune"]
    compressed = {at[2:5] for rule, at in jobs if rule == "compress"}
    once = [("int8", "bits8"), ("int4", "bits4"), ("magnitude", "sparsity50")]
    drawn = [("wanda", "sparsity50"), ("sparsegpt", "sparsity50")]
    assert compressed == {(*one, block) for one in once for block in blocks} | {
        (*one, f"{block}.draws0-9") for one in drawn for block in blocks
    }
