import copy
import os
import shutil
from pathlib import Path

import pytest
from filelock import FileLock

from helpers.small_study import STUDY, snakemake


@pytest.fixture(scope="session")
def study():
    return copy.deepcopy(STUDY)


@pytest.fixture(scope="session")
def finished_once(tmp_path_factory, study):
    """A folder in which the tiny study has run to its end, once for all workers of pytest-xdist."""
    parallel = "PYTEST_XDIST_WORKER" in os.environ
    base = tmp_path_factory.getbasetemp().parent if parallel else tmp_path_factory.mktemp("once")
    folder, done = base / "finished_study", base / "finished_study.done"
    with FileLock(base / "finished_study.lock"):
        if not done.exists():
            folder.mkdir(exist_ok=True)
            run = snakemake(folder, study, "--cores", "2")
            assert run.returncode == 0, run.stderr
            done.touch()
    return folder


@pytest.fixture
def finished(finished_once, tmp_path):
    """A copy of the finished study, with its times, for one test to change."""
    return Path(
        shutil.copytree(finished_once, tmp_path / "copy", copy_function=shutil.copy2, symlinks=True)
    )
