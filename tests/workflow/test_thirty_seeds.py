"""The study that comes with its predictions trains nothing, and they are small."""

import pandas as pd
import pytest
import yaml

from helpers.small_study import ROOT, plan, snakemake
from pielab import digests

STUDY = yaml.safe_load((ROOT / "config/thirty_seeds.yaml").read_text())
FOLDER = ROOT / STUDY["predictions"]


def test_the_study_of_thirty_seeds_trains_nothing_in_any_folder(tmp_path):
    rules = {rule for rule, _ in plan(tmp_path, STUDY)}
    assert {"find_pies", "build_report"} <= rules
    assert not rules & {"fetch_encoder", "encode_words", "train_dense", "prune"}


def test_its_predictions_are_at_most_twenty_megabytes():
    assert 0 < sum(path.stat().st_size for path in FOLDER.rglob("*.safetensors")) <= 20e6


def test_each_of_its_predictions_has_its_digest_beside_it():
    readme = FOLDER / "README.md"  # has the command that writes them
    for path in FOLDER.rglob("*.safetensors"):
        assert digests.path_of(path).is_file(), f"{path}: see {readme}"
        digests.check(path, "results")


def test_its_fallbacks_leave_the_negative_flips_that_are_known(tmp_path):
    run = snakemake(tmp_path, STUDY, "--cores", "1", "--", "results/fallback/bbc/minilm.csv")
    assert run.returncode == 0, run.stderr
    table = pd.read_csv(tmp_path / "results/fallback/bbc/minilm.csv").query("baseline == 'dense'")
    left = table.set_index(["method", "level", "share"])["all_share_left"]
    known = {("imp-ft", 90): (0.20, 0.03), ("ibp-ai", 50): (0.14, 0.02)}
    for cell, shares in known.items():
        found = [left[(*cell, share)] for share in (0.1, 0.2)]
        assert found == pytest.approx(shares, abs=0.005)
