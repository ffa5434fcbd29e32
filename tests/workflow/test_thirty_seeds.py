"""The study that comes with its predictions trains nothing, and they are small."""

import yaml

from helpers.small_study import ROOT, plan
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
