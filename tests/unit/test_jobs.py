"""The door of every job."""

import re
from pathlib import Path
from types import SimpleNamespace

import pytest

from pielab import digests, jobs
from pielab.logs import logger

SCRIPTS = Path(__file__).parents[2] / "scripts"


class Files(list):
    """Paths with names, as Snakemake gives them to a script."""

    def __init__(self, **named):
        self.named = named
        paths = named.values()
        super().__init__(p for own in paths for p in ([own] if isinstance(own, str) else own))

    def items(self):
        return self.named.items()


@pytest.fixture(autouse=True)
def _in_an_empty_folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(digests, "SECONDS", 0)


def asked(inputs=None, outputs=None, log="results/logs/rule/a.log", params=None):
    named = {"input": Files(**inputs or {}), "output": Files(**outputs or {})}
    return SimpleNamespace(**named, log=[log], params=params or {})


def write(path, text="x"):
    Path(path).parent.mkdir(parents=True, exist_ok=True)
    Path(path).write_text(text)


@pytest.fixture
def table():
    """A table that a job has written."""
    path = "results/tables/pies.csv"
    with jobs.job(asked(outputs={"table": path})):
        write(path, "a,b\n1,2\n")
    return path


def test_a_job_reads_what_another_wrote_and_writes_its_log(table):
    with jobs.job(asked({"tables": [table, table]})):
        logger.info("read")
    assert Path("results/logs/rule/a.log").read_text().partition(" INFO ")[2].startswith("read\n")


def test_a_job_stops_with_one_line_before_it_reads_what_was_not_written(table):
    write(table, "a,b\n1,3\n")
    with pytest.raises(SystemExit) as caught, jobs.job(asked({"tables": [table]})):
        pytest.fail("it was read")
    assert caught.value.code == (
        f"pielab: {table}: changed since it was written; delete it and type "
        "the same command (log: results/logs/rule/a.log)"
    )


def test_inputs_that_users_bring_are_not_held_to_digests_wherever_they_lie(table):
    for path in ("mine.csv", "results/mine.csv", "results/tables/copy.csv"):
        write(path)
    external = {"external": ["mine.csv", "results/mine.csv", "results/tables/copy.csv"]}
    with jobs.job(asked(external | {"table": table})):
        pass
    with (
        pytest.raises(SystemExit, match=r"results/mine.csv: has no digest"),
        jobs.job(asked({"table": "results/mine.csv"})),
    ):
        pass


@pytest.mark.parametrize("folder", ["results", "../other/results"])
def test_logs_that_a_job_wrote_are_held_to_their_digest_where_they_are_read_as_external(
    tmp_path, monkeypatch, folder
):
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")
    log = f"{folder}/asked/draw0/samples_words.jsonl"
    with jobs.job(asked(outputs={"log": log}, log=f"{folder}/logs/ask_decoder/a.log")):
        write(log, '{"resps": [0.5]}')
    reads = asked({"external": [log]})
    with jobs.job(reads):
        pass
    write(log, '{"resps": [0.6]}')
    with (
        pytest.raises(SystemExit, match=f"^pielab: {log}: changed since it was written"),
        jobs.job(reads),
    ):
        pytest.fail("it was read")


def test_a_job_that_fails_leaves_no_digest_of_an_earlier_output(table):
    with pytest.raises(SystemExit), jobs.job(asked(outputs={"table": table})):
        raise ValueError("half way")
    assert not digests.path_of(table).exists()


def test_a_job_that_is_killed_after_its_output_leaves_no_digest(table):

    def kill():
        write(table, "a,b\n")
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt), jobs.job(asked(outputs={"table": table})):
        kill()
    assert [found.what for found in digests.survey("results")[0]] == [digests.UNKNOWN]


def test_an_output_that_was_not_made_is_left_to_snakemake():
    with jobs.job(asked(outputs={"table": "results/tables/absent.csv"})):
        pass
    assert not digests.path_of("results/tables/absent.csv").exists()


def test_a_script_gets_settings_and_paths_by_name(table):
    params = {"settings": '{"level": 90}', "untracked": '{"threads": 2}'}
    inputs = {"cells": table, "pies": [table], "none": []}
    with jobs.job(asked(inputs, {"table": "results/tables/b.csv"}, params=params)) as job:
        assert job.settings == {"level": 90, "threads": 2}
        assert job.inputs == inputs
        assert job.outputs == {"table": "results/tables/b.csv"}


@pytest.mark.parametrize(
    ("log", "root"),
    [
        ("results/logs/gate.log", "results"),
        ("results/logs/find_pies/bbc.log", "results"),
        ("sub/logs/results/logs/find_pies/bbc.log", "sub/logs/results"),
        ("/home/me/logs/results/logs/gate.log", "/home/me/logs/results"),
    ],
)
def test_the_folder_of_results_is_that_of_the_log_whatever_the_prefix(log, root):
    assert jobs.results_folder(log) == Path(root)


@pytest.mark.parametrize("script", sorted(path.name for path in SCRIPTS.glob("*.py")))
def test_every_script_has_this_door_and_no_other(script):
    (door,) = re.findall(
        r'^if "snakemake" in globals\(\):\n(.*)', (SCRIPTS / script).read_text(), re.S | re.M
    )
    assert len(re.findall(r"with jobs\.job\(snakemake\)( as job)?:\n", door)) == 1
    assert "logs.job" not in door
