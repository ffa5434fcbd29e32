"""A study that is killed anywhere goes on with the same command and ends with the same bytes."""

import os
import re
import shutil
import signal
import subprocess
import time

import numpy as np
import pytest

from helpers import forked
from helpers.small_study import ROOT, own_python, snakemake
from pielab import leftovers, provenance

KILLS = int(os.environ.get("KILLS", 6))
SEED = int(os.environ.get("FAULTS_SEED", 0))
# A config, such as the default study's, that is killed instead of the smallest study
CONFIG = os.environ.get("KILLED_CONFIG")
CORES = os.environ.get("FAULTS_CORES", "2")
# What is forked dies with who asked for it; `make soak` kills processes that a user would have
PYTHON = own_python if "KILLS" in os.environ else forked.python
TABLES = ("tables", "predictions", "pies")
# The outputs that a finished study loses, below results/, and how many of them, drawn at random:
# training again is what takes long.
STAGES = {
    "data": (["data/**/*", "complexity/**/*"], None),
    "encoded": (["encoded/**/*", "pretrained/**/*"], None),
    "models": (["models/**/*"], 1),
    "predictions": (["predictions/**/*"], 1),
    "pies": (["pies/**/*"], None),
    "influence": (
        [
            f"{part}/**/*"
            for part in ("influence", "factors", "causes", "fallback", "claims", "gate")
        ],
        None,
    ),
    "tables": (["tables/**/*"], None),
    "figures": (["figures/**/*"], None),
    "report": (["report/**/*", "provenance.json"], None),
}


def contents(folder):
    """Return what a study computed, by path; pages and provenance hold times and are left out."""
    results = folder / "results"
    paths = [path for part in TABLES for path in (results / part).rglob("*") if path.is_file()]
    return {str(path.relative_to(results)): path.read_bytes() for path in sorted(paths)}


def everything(folder):
    """Return the digests of all that a study wrote, by path, but for logs and durations.

    What a killed job left half written goes at the next run.
    """
    found = {}
    for path in (folder / "results").rglob("*"):
        part = path.relative_to(folder / "results")
        is_left = leftovers.NAME.match(path.name)
        if path.is_file() and part.parts[0] not in ("logs", "benchmarks") and not is_left:
            found[str(part)] = provenance.sha256_of(path)
    return found


def start(folder, *targets):
    command = [PYTHON(), "-m", "snakemake", "--snakefile", ROOT / "Snakefile"]
    command += ["--cores", CORES, "--rerun-incomplete"]
    command += ["--directory", folder, "--configfile", folder / "study.yaml", "--", *targets]
    with (folder / "run.log").open("w") as log:
        return subprocess.Popen(
            list(map(str, command)),
            cwd=ROOT,
            start_new_session=True,
            stdout=log,
            stderr=subprocess.STDOUT,
        )


def kill(run, folder, study):
    """Kill a run with all its jobs, and take away the lock that it leaves."""
    os.killpg(run.pid, signal.SIGKILL)
    run.wait()
    unlocked = snakemake(folder, study, "--unlock")
    assert unlocked.returncode == 0, unlocked.stderr


def has_begun_jobs(run, folder, number=1):
    """Wait until a run has begun so many jobs; return whether it has not ended before."""
    while run.poll() is None:
        if len(re.findall(r"^Job \d+: ", (folder / "run.log").read_text(), re.M)) >= number:
            return True
        time.sleep(0.05)
    return False


@pytest.mark.skipif(CONFIG is None, reason="make soak does this with the default study")
@pytest.mark.parametrize("stage", STAGES)
def test_a_study_that_lost_a_stage_makes_it_again_through_kills(study, whole, tmp_path, stage):
    folder = tmp_path / "study"
    shutil.copytree(whole[0], folder, copy_function=shutil.copy2, symlinks=True)
    generator = np.random.default_rng([SEED, list(STAGES).index(stage)])
    patterns, most = STAGES[stage]
    found = [path for each in patterns for path in (folder / "results").glob(each)]
    lost = [path for path in found if path.is_file() and not path.name.startswith(".")]
    lost = list(generator.permutation(sorted(lost))[:most])
    expected, kills, reach = everything(whole[0]), 0, 30.0
    most_kills = max(KILLS // 2, 1)
    while True:
        for path in lost:
            path.unlink(missing_ok=True)
        while kills < most_kills:
            run = start(folder, *(path.relative_to(folder) for path in lost))
            if has_begun_jobs(run, folder):
                time.sleep(float(generator.uniform(0, reach)))
            if run.poll() is not None:  # ended before: from the beginning, and sooner
                reach /= 2
                break
            kill(run, folder, study)
            kills += 1
        else:
            run = start(folder, *(path.relative_to(folder) for path in lost))
        assert run.wait() == 0, (folder / "run.log").read_text()
        assert everything(folder) == expected
        if kills == most_kills:
            break
    run = snakemake(folder, study, "--cores", "1", "--", "verify")
    assert run.returncode == 0, run.stdout
    print(f"tried: {kills} kills")


def test_a_study_that_is_killed_again_and_again_ends_with_the_same_bytes(study, whole, tmp_path):
    expected = contents(whole[0])
    jobs = len([*(whole[0] / "results/logs").rglob("*.log")])
    shutil.copy2(whole[0] / "study.yaml", tmp_path)
    generator = np.random.default_rng(SEED)
    kills = 0
    while kills < KILLS:
        run = start(tmp_path)
        # Somewhere in a job, or between two; so far apart that a study lasts for all of them
        has_begun_jobs(run, tmp_path, generator.integers(1, max(2 * jobs // (KILLS + 1), 2)))
        time.sleep(float(generator.uniform(0, 2 * whole[1] / jobs)))
        if run.poll() is not None:  # ended before: from the beginning
            assert run.returncode == 0
            assert contents(tmp_path) == expected
            shutil.rmtree(tmp_path / "results")
            shutil.rmtree(tmp_path / ".snakemake")
            continue
        kill(run, tmp_path, study)
        kills += 1
    run = snakemake(tmp_path, study, "--cores", CORES, "--rerun-incomplete")
    assert run.returncode == 0, run.stderr
    assert contents(tmp_path) == expected
    run = snakemake(tmp_path, study, "--cores", "1", "--", "verify")
    assert run.returncode == 0, run.stdout
    tables = [path.relative_to(tmp_path) for path in tmp_path.glob("results/tables/*.csv")]
    forced = ("--cores", "1", "--forcerun", "tabulate_pies", "--", *tables)
    run = snakemake(tmp_path, study, *forced)
    assert run.returncode == 0, run.stderr
    assert not [p for p in (tmp_path / "results").rglob(".*") if p.suffix != ".sha256"]
    assert contents(tmp_path) == expected
    print(f"tried: {kills} kills")
