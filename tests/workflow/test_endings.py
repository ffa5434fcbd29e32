"""What Snakemake says last."""

import copy
import re
from pathlib import Path

from helpers.small_study import STUDY, snakemake


def test_a_run_ends_with_its_duration_and_where_to_look(tmp_path):
    run = snakemake(tmp_path, STUDY, "--cores", "1", "--until", "fetch")
    assert run.returncode == 0, run.stderr
    assert re.search(r"Done in \d+ s.\nThere is no report yet.", run.stderr)
    assert "Reason:" not in run.stderr
    report = tmp_path / "results/report/index.html"
    report.parent.mkdir()
    report.write_text('<meta name="description" content="Of 8 versions, 1 changes.">')
    study = copy.deepcopy(STUDY)
    study["datasets"]["rotten_tomatoes"]["split_seed"] = 1
    run = snakemake(tmp_path, study, "--cores", "1", "--until", "fetch")
    assert re.search(r"Done in \d+ s.\n", run.stderr)
    assert "Of 8 versions" not in run.stderr  # an earlier run's, which is no longer true


def test_a_run_that_fails_ends_with_the_log(tmp_path):
    study = copy.deepcopy(STUDY)
    study["datasets"]["rotten_tomatoes"]["max_train_by_class"] = {"none": 1}
    run = snakemake(tmp_path, study, "--cores", "1", "--until", "fetch")
    assert run.returncode == 1
    said = re.findall(r"Stopped after \d+ s. The lines above and (\S+\.log) show what", run.stderr)
    assert Path(said[-1]).is_file()
    last = [line for line in run.stderr.splitlines() if line.startswith("pielab: ")][-1]
    assert "max_train_by_class" in last
    after = run.stderr.split(said[-1], 1)[1].split(last, 1)[0]
    assert after == " show what failed, and why.\n"
    assert "Traceback" not in run.stderr.split(last)[-1]
