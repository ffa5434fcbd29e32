"""A study that is killed anywhere goes on with the same command and ends with the same bytes."""

import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
import yaml

from helpers.small_study import ROOT, STUDY, snakemake

KILLS = int(os.environ.get("KILLS", 6))
SEED = int(os.environ.get("FAULTS_SEED", 0))
# A config, such as the default study's, that is killed instead of the smallest study; and a folder
# that keeps what it ends with, so that a long study need not run whole before each that is killed
CONFIG = os.environ.get("KILLED_CONFIG")
KEPT = os.environ.get("KILLED_WHOLE")
TABLES = ("tables", "predictions", "pies")


def contents(folder):
    """Return what a study computed, by path; pages and provenance hold times and are left out."""
    results = folder / "results"
    paths = [path for part in TABLES for path in (results / part).rglob("*") if path.is_file()]
    return {str(path.relative_to(results)): path.read_bytes() for path in sorted(paths)}


def start(folder):
    command = [sys.executable, "-m", "snakemake", "--snakefile", ROOT / "Snakefile", "--cores", "2"]
    command += ["--directory", folder, "--configfile", folder / "study.yaml", "--rerun-incomplete"]
    return subprocess.Popen(
        list(map(str, command)),
        cwd=ROOT,
        start_new_session=True,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )


@pytest.fixture(scope="module")
def study():
    return yaml.safe_load(Path(CONFIG).read_text()) if CONFIG else STUDY


@pytest.fixture(scope="module")
def whole(study, tmp_path_factory):
    """A study that ran through, and the seconds that it took."""
    folder = Path(KEPT) if KEPT else tmp_path_factory.mktemp("whole")
    took = folder / "seconds.txt"
    if not took.exists():
        folder.mkdir(exist_ok=True)
        began = time.monotonic()
        run = snakemake(folder, study, "--cores", "2")
        assert run.returncode == 0, run.stderr
        took.write_text(str(time.monotonic() - began))
    return folder, float(took.read_text())


def test_a_study_that_is_killed_again_and_again_ends_with_the_same_bytes(study, whole, tmp_path):
    expected, took = contents(whole[0]), whole[1]
    shutil.copy2(whole[0] / "study.yaml", tmp_path)
    generator = np.random.default_rng(SEED)
    kills = 0
    while kills < KILLS:
        run = start(tmp_path)
        # Planning takes the first seconds, in which nothing can be lost
        time.sleep(float(generator.uniform(0.1 * took, 0.5 * took)))
        if run.poll() is not None:  # ended before: from the beginning
            assert run.returncode == 0
            assert contents(tmp_path) == expected
            shutil.rmtree(tmp_path / "results")
            shutil.rmtree(tmp_path / ".snakemake")
            continue
        os.killpg(run.pid, signal.SIGKILL)
        run.wait()
        kills += 1
        unlocked = snakemake(tmp_path, study, "--unlock")
        assert unlocked.returncode == 0, unlocked.stderr
    run = snakemake(tmp_path, study, "--cores", "2", "--rerun-incomplete")
    assert run.returncode == 0, run.stderr
    assert contents(tmp_path) == expected
    run = snakemake(tmp_path, study, "--cores", "1", "--", "verify")
    assert run.returncode == 0, run.stdout
    for path in (tmp_path / "results").rglob(".*"):
        os.utime(path, (1, 1))  # long after a kill
    run = snakemake(tmp_path, study, "--cores", "1", "--forcerun", "tabulate_pies")
    assert run.returncode == 0, run.stderr
    assert not [p for p in (tmp_path / "results").rglob(".*") if p.suffix != ".sha256"]
    assert contents(tmp_path) == expected
    print(f"tried: {kills} kills")
