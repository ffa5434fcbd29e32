"""A disk that fills up or may not be written to loses nothing, and the cause is named."""

import shutil
import subprocess
from contextlib import contextmanager

import pytest

from helpers.small_study import STUDY, snakemake


@contextmanager
def small_disk(folder, size):
    """Mount a file system in memory; skip the test where that is not allowed."""
    folder.mkdir()
    made = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", folder],
        capture_output=True,
        text=True,
    )
    if made.returncode:
        pytest.skip(f"mounts are not allowed here: {made.stderr.strip()}")
    try:
        yield
    finally:
        subprocess.run(["umount", "--lazy", folder], check=True)


def remount(folder, how):
    subprocess.run(["mount", "-o", f"remount,{how}", folder], check=True)


@pytest.mark.skipif(shutil.which("mount") is None, reason="no command mount")
def test_a_study_on_a_full_disk_stops_with_the_cause_and_goes_on_once_there_is_room(
    tmp_path, whole
):
    folder = tmp_path / "small"
    targets = ["--cores", "1", "--", "results/tables/pies.csv"]
    with small_disk(folder, "640k"):
        run = snakemake(folder, STUDY, *targets)
        assert run.returncode != 0
        assert "No space left on device" in run.stderr, run.stderr
        remount(folder, "size=400m")
        run = snakemake(folder, STUDY, "--rerun-incomplete", *targets)
        assert run.returncode == 0, run.stderr
        run = snakemake(folder, STUDY, "--cores", "1", "--", "verify")
        assert run.returncode == 0, run.stdout
        table = (folder / "results/tables/pies.csv").read_bytes()
    assert (whole[0] / "results/tables/pies.csv").read_bytes() == table


@pytest.mark.skipif(shutil.which("mount") is None, reason="no command mount")
def test_a_finished_study_on_a_read_only_disk_is_judged_and_verified_and_no_other_is_made(
    tmp_path, study, whole
):
    folder = tmp_path / "study"
    folder.mkdir()
    with small_disk(folder / "results", "100m"):
        for part in ("results", ".snakemake"):
            shutil.copytree(
                whole[0] / part, folder / part, copy_function=shutil.copy2, dirs_exist_ok=True
            )
        remount(folder / "results", "ro")
        run = snakemake(folder, study, "--cores", "1", "--", "gate")
        assert run.stdout.startswith("\nBLOCK: "), run.stderr
        assert run.returncode == 1
        assert "Read-only" not in run.stderr
        run = snakemake(folder, study, "--cores", "1", "--", "verify")
        assert run.returncode == 0, run.stderr
        assert "are what was written" in run.stdout
        other = study | {"sparsities": [70]}
        run = snakemake(folder, other, "--cores", "1", "--", "results/tables/pies.csv")
        assert run.returncode == 1
        assert "Traceback" not in run.stderr
        assert (folder / "results/tables/pies.csv").stat().st_size  # Snakemake removed nothing
