"""What Snakemake says last."""

import copy
import re
from pathlib import Path

from helpers.small_study import STUDY, snakemake


def test_a_run_ends_with_its_duration_and_where_to_look(tmp_path):
    run = snakemake(tmp_path, STUDY, "--cores", "1", "--until", "fetch")
    assert run.returncode == 0, run.stderr
    assert re.search(r"Done in \d+ s. There is no report yet.", run.stderr)
    (tmp_path / "results/report").mkdir()
    (tmp_path / "results/report/browser.html").touch()
    study = copy.deepcopy(STUDY)
    study["datasets"]["rotten_tomatoes"]["split_seed"] = 1
    run = snakemake(tmp_path, study, "--cores", "1", "--until", "fetch")
    assert "Open results/report/browser.html in a browser." in run.stderr


def test_a_run_that_fails_ends_with_the_log(tmp_path):
    study = copy.deepcopy(STUDY)
    study["datasets"]["rotten_tomatoes"]["max_train_by_class"] = {"none": 1}
    run = snakemake(tmp_path, study, "--cores", "1", "--until", "fetch")
    assert run.returncode == 1
    said = re.findall(r"Stopped after \d+ s. What failed, .* in (\S+\.log)\.", run.stderr)
    assert Path(said[-1]).is_file()
