"""The targets that check all results and delete those that are not what was written."""

import pytest

import repair
import verify
from pielab import digests

SETTINGS = {"outputs": ["results/tables/{name}.csv"], "command": "snakemake --cores 2"}


@pytest.fixture
def tables(tmp_path, monkeypatch):
    """Tables a, b, c and d, of which b is changed, c is missing and d has no digest."""
    monkeypatch.chdir(tmp_path)
    folder = tmp_path / "results/tables"
    folder.mkdir(parents=True)
    for name in "abcd":
        (folder / f"{name}.csv").write_text(name)
        digests.write(folder / f"{name}.csv", "results")
    (folder / "b.csv").write_text("B")
    (folder / "c.csv").unlink()
    digests.forget([folder / "d.csv"])
    (folder / "notes.txt").write_text("mine")
    return folder


def test_verify_lists_all_and_fails(tables, capsys):
    with pytest.raises(ValueError, match=r"^4 of 5 files below results are not what was written"):
        verify.main("results")
    assert capsys.readouterr().out.splitlines() == [
        "results/tables/b.csv: changed",
        "results/tables/c.csv: missing",
        "results/tables/d.csv: not written by any job",
        "results/tables/notes.txt: not written by any job",
    ]


def test_repair_deletes_what_a_job_makes_again_and_keeps_the_user_s_files(tables, capsys):
    repair.main(SETTINGS, "results")
    assert sorted(path.name for path in tables.iterdir()) == [".a.csv.sha256", "a.csv", "notes.txt"]
    said = capsys.readouterr().out.splitlines()
    assert "results/tables/notes.txt: kept, since no job of this study makes it" in said
    assert said[-2:] == ["3 deleted, 1 kept. To make them again, type:", "snakemake --cores 2"]
    (tables / "notes.txt").unlink()
    verify.main("results")
    assert capsys.readouterr().out == "All 1 files below results are what was written.\n"
