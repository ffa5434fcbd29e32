"""What killed jobs left half written goes at the next run, and nothing that is still used."""

import os
import signal
import subprocess
import sys

import pytest

from pielab import endings, files, leftovers

KILLED = """
import os, signal, sys
from pathlib import Path
from pielab import files, leftovers
with files.replacing("results/tables/pies.csv") as table:
    table.write_text("half")
    with leftovers.temporary_folder(Path("results/pretrained/x")) as folder:
        (folder / "model.safetensors").write_text("half")
        with leftovers.temporary_folder() as elsewhere:
            (elsewhere / "archive").write_text("half")
            print("writes", flush=True)
            os.kill(os.getpid(), signal.SIGSTOP)
"""


@pytest.fixture
def places(tmp_path, monkeypatch):
    """The folders of results and of the system's temporary files."""
    monkeypatch.chdir(tmp_path)
    for name in ("results/pretrained/x", "temporary"):
        (tmp_path / name).mkdir(parents=True)
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "temporary"))
    return tmp_path / "results", tmp_path / "temporary"


def left(places):
    return sorted(
        path.name.partition(".")[2].partition(".")[2] or path.name
        for place in places
        for path in place.rglob("*")
        if path.name.startswith(".")
    )


def test_what_a_job_writes_stays_until_it_is_killed_and_goes_at_the_next_run(places):
    job = subprocess.Popen(
        [sys.executable, "-c", KILLED],
        env=os.environ | {"PYTHONPATH": os.pathsep.join(sys.path), "TMPDIR": str(places[1])},
        stdout=subprocess.PIPE,
        text=True,
    )
    assert job.stdout.readline() == "writes\n"
    endings.Run(places[0]).start()
    assert left(places) == ["pielab", "pielab", "pies.csv"]
    job.send_signal(signal.SIGKILL)
    job.wait()
    endings.Run(places[0]).start(is_local=False)  # on a cluster not at once
    assert len(left(places)) == 3
    endings.Run(places[0]).start()
    assert left(places) == []


def test_on_a_cluster_what_is_old_goes_and_what_is_young_stays(places):
    old, young = places[0] / ".0123abcd.pies.csv", places[0] / ".3210abcd.pies.csv"
    digest, mine = places[0] / ".pies.csv.sha256", places[0] / ".notes"
    other = places[1] / ".0123abcd.other"
    for path in (old, young, digest, mine, other):
        path.write_text("half")
    for path in (old, digest, mine, other):
        os.utime(path, (1, 1))
    leftovers.remove(places[0], is_local=False)
    assert [path.exists() for path in (old, young, digest, mine, other)] == [False, *[True] * 4]


def test_copies_of_scripts_that_snakemake_left_go_too(places):
    scripts = places[0].parent / ".snakemake/scripts"
    scripts.mkdir(parents=True)
    old, young = scripts / "tmpab12.prune.py", scripts / "tmpcd34.prune.py"
    for path in (old, young):
        path.touch()
    os.utime(old, (1, 1))
    leftovers.remove(places[0], is_local=True)
    assert list(scripts.iterdir()) == [young]


def test_a_folder_that_is_written_to_counts_by_its_newest_file(places):
    folder = places[0] / ".0123abcd.x"
    folder.mkdir()
    (folder / "young").touch()
    os.utime(folder, (1, 1))
    leftovers.remove(places[0], is_local=False)
    assert folder.exists()
    os.utime(folder / "young", (1, 1))
    os.utime(folder, (1, 1))
    leftovers.remove(places[0], is_local=False)
    assert not folder.exists()


def test_a_temporary_folder_goes_with_its_block(places):
    with leftovers.temporary_folder() as folder:
        (folder / "a").touch()
        assert folder.parent == places[1]
    assert not folder.exists()
    files.write_text(places[0] / "a.txt", "x")
    assert left(places) == []
