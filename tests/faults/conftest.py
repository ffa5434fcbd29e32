"""The study that is killed, and that has run through once for all tests."""

import os
import shutil
import time
from pathlib import Path

import pytest
import yaml
from filelock import FileLock

from helpers.small_study import STUDY, snakemake


@pytest.fixture(scope="session")
def study():
    path = os.environ.get("KILLED_CONFIG")
    return yaml.safe_load(Path(path).read_text()) if path else STUDY


@pytest.fixture(scope="session")
def whole(study, tmp_path_factory):
    """A study that ran through, once for all workers of pytest-xdist, and the seconds it took.

    `KILLED_WHOLE` names a folder that keeps it, so that a long study need not run again.
    """
    parallel = "PYTEST_XDIST_WORKER" in os.environ
    base = tmp_path_factory.getbasetemp().parent if parallel else tmp_path_factory.mktemp("once")
    folder = Path(os.environ.get("KILLED_WHOLE") or base / "whole")
    took = folder / "seconds.txt"
    with FileLock(base / "whole.lock"):
        if not took.exists():
            folder.mkdir(exist_ok=True)
            began = time.monotonic()
            run = snakemake(folder, study, "--cores", os.environ.get("FAULTS_CORES", "2"))
            assert run.returncode == 0, run.stderr
            took.write_text(str(time.monotonic() - began))
    return folder, float(took.read_text())


@pytest.fixture(scope="session")
def finished_once(whole):
    """The folder of that study."""
    return whole[0]


@pytest.fixture
def finished(finished_once, tmp_path):
    """A copy of it, with its times, for one test to change."""
    return Path(
        shutil.copytree(finished_once, tmp_path / "copy", copy_function=shutil.copy2, symlinks=True)
    )
