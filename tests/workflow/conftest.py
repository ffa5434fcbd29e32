import copy
import shutil
from pathlib import Path

import pytest

from helpers.small_study import STUDY, snakemake


@pytest.fixture(scope="session")
def study():
    return copy.deepcopy(STUDY)


@pytest.fixture(scope="session")
def finished_once(tmp_path_factory, study):
    """A folder in which the tiny study has run to its end."""
    folder = tmp_path_factory.mktemp("study")
    run = snakemake(folder, study, "--cores", "2")
    assert run.returncode == 0, run.stderr
    return folder


@pytest.fixture
def finished(finished_once, tmp_path):
    """A copy of the finished study, with its times, for one test to change."""
    return Path(
        shutil.copytree(finished_once, tmp_path / "copy", copy_function=shutil.copy2, symlinks=True)
    )
