"""A study that is killed anywhere goes on with the same command and ends with the same bytes."""

import os
import shutil
import signal
import subprocess
import sys
import time

import numpy as np
import pytest

from helpers.small_study import ROOT, STUDY, snakemake

KILLS = int(os.environ.get("KILLS", 6))
SEED = int(os.environ.get("FAULTS_SEED", 0))
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
def whole(tmp_path_factory):
    """A study that ran through, and the seconds that it took."""
    folder = tmp_path_factory.mktemp("whole")
    began = time.monotonic()
    run = snakemake(folder, STUDY, "--cores", "2")
    assert run.returncode == 0, run.stderr
    return folder, time.monotonic() - began


def test_a_study_that_is_killed_again_and_again_ends_with_the_same_bytes(whole, tmp_path):
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
        unlocked = snakemake(tmp_path, STUDY, "--unlock")
        assert unlocked.returncode == 0, unlocked.stderr
    run = snakemake(tmp_path, STUDY, "--cores", "2", "--rerun-incomplete")
    assert run.returncode == 0, run.stderr
    assert contents(tmp_path) == expected
    run = snakemake(tmp_path, STUDY, "--cores", "1", "--", "verify")
    assert run.returncode == 0, run.stdout
    for path in (tmp_path / "results").rglob(".*"):
        os.utime(path, (1, 1))  # long after a kill
    run = snakemake(tmp_path, STUDY, "--cores", "1", "--forcerun", "tabulate_pies")
    assert run.returncode == 0, run.stderr
    assert not [p for p in (tmp_path / "results").rglob(".*") if p.suffix != ".sha256"]
    assert contents(tmp_path) == expected
