"""Files below results/ that are not what was written: no job reads one, `verify` names it."""

import json
import os
import shutil
from contextlib import contextmanager
from pathlib import Path
from types import SimpleNamespace

import pytest

from helpers.small_study import ROOT, snakemake
from helpers.study_dag import jobs_of
from pielab import digests, jobs

PAIR = "rotten_tomatoes/bilstm"
CELL = f"{PAIR}/imp-ft/sparsity90"


@pytest.fixture(scope="module")
def damaged_study(finished_once, tmp_path_factory):
    """A finished study whose files each test damages and mends, and the jobs of its graph."""
    folder = tmp_path_factory.mktemp("damage") / "study"
    shutil.copytree(finished_once, folder, copy_function=shutil.copy2)
    return folder, [*jobs_of(folder), *jobs_of(folder, ["gate"])]


@pytest.fixture(autouse=True)
def _at_once(monkeypatch):
    monkeypatch.setattr(digests, "SECONDS", 0)


def results_of(folder):
    """Return the results of a study, relative to its folder."""
    own = folder / "results"
    paths = [path for path in own.rglob("*") if path.is_file() and not path.name.startswith(".")]
    skipped = ("logs", "benchmarks")
    return [str(p.relative_to(folder)) for p in paths if p.relative_to(own).parts[0] not in skipped]


def cut(path, others):
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


def empty(path, others):
    path.write_bytes(b"")


def flip(place):
    def damage(path, others):
        content = bytearray(path.read_bytes())
        content[int(place * (len(content) - 1))] ^= 1
        path.write_bytes(content)

    return damage


def swap(path, others):
    """Put a sibling of another content in a file's place: of its kind, else any other result."""
    kinds = [other for other in others if other.suffix == path.suffix] or others
    content = path.read_bytes()
    sibling = next(other for other in kinds if other.read_bytes() != content)
    path.write_bytes(sibling.read_bytes())


def drop_digest(path, others):
    digests.forget([path])


DAMAGES = {
    "cut": cut,
    "emptied": empty,
    "first byte": flip(0),
    "a byte in the middle": flip(0.5),
    "last byte": flip(1),
    "swapped": swap,
    "of an earlier release": drop_digest,
}


@contextmanager
def damaged(damage, names, folder, whole):
    """Damage results of a study, and put back those of a whole one."""
    paths = [whole / name for name in results_of(whole)]
    try:
        for name in names:
            DAMAGES[damage](folder / name, [path for path in paths if path != whole / name])
        yield
    finally:
        for name in names:
            for path in (whole / name, digests.path_of(whole / name)):
                shutil.copy2(path, folder / path.relative_to(whole))


@pytest.mark.parametrize("damage", DAMAGES)
def test_each_file_that_is_damaged_stops_the_jobs_that_read_it(
    damaged_study, finished_once, damage, monkeypatch, tmp_path
):
    folder, graph = damaged_study
    monkeypatch.chdir(folder)
    monkeypatch.setattr(jobs, "results_folder", lambda log: "results")
    for name in results_of(folder):
        with damaged(damage, [name], folder, finished_once):
            for job in [job for job in graph if name in map(str, job.input) and job.rule.is_script]:
                log = tmp_path / "study/logs/a.log"
                asked = SimpleNamespace(input=job.input, output=[], log=[str(log)], params={})
                with pytest.raises(SystemExit) as caught, jobs.job(asked):
                    pytest.fail(f"{job.rule.name} reads {name}")
                assert caught.value.code.startswith(f"pielab: {name}: ")
                assert "delete it and type the same command" in caught.value.code


@pytest.mark.parametrize("damage", DAMAGES)
def test_verify_names_the_files_that_are_damaged_and_no_other(
    damaged_study, finished_once, damage, monkeypatch
):
    folder = damaged_study[0]
    monkeypatch.chdir(folder)
    assert digests.survey("results")[0] == []
    names = results_of(folder)
    assert len(names) > 60
    what = digests.UNKNOWN if DAMAGES[damage] is drop_digest else digests.CHANGED
    for some in (names[::2], names[1::2]):
        with damaged(damage, some, folder, finished_once):
            found = digests.survey("results")[0]
        assert sorted(found) == sorted(digests.Problem(Path(name), what) for name in some)


def test_only_targets_and_what_planning_reads_have_no_reader(damaged_study):
    folder, graph = damaged_study
    read = {str(path) for job in graph if job.rule.is_script for path in job.input}
    unread = {name for name in results_of(folder) if name not in read}
    kinds = {name.split("/")[1] for name in unread}
    assert kinds <= {"figures", "report", "tables", "study.json", "provenance.json", "pies"}


def test_a_damaged_file_stops_the_run_verify_names_it_and_repair_mends_it(finished, study):
    seeds = finished / f"results/pies/{CELL}.dense.seeds.csv"
    table = finished / "results/tables/seeds.csv"
    before = table.read_bytes()
    seeds.write_text(seeds.read_text().splitlines()[0] + "\n")
    os.remove(table)
    (finished / "results/notes.txt").write_text("mine")
    run = snakemake(finished, study, "--cores", "1", "--", "results/tables/seeds.csv")
    assert run.returncode == 1
    assert run.stderr.rstrip().splitlines()[-1]
    said = f"pielab: results/pies/{CELL}.dense.seeds.csv: changed since it was written"
    assert said in run.stderr
    run = snakemake(finished, study, "--cores", "1", "--", "verify")
    assert run.returncode == 1
    assert f"results/pies/{CELL}.dense.seeds.csv: changed\n" in run.stdout
    assert "results/notes.txt: not written by any job\n" in run.stdout
    run = snakemake(finished, study, "--cores", "1", "--", "repair")
    assert run.returncode == 0, run.stderr
    assert not seeds.exists()
    assert (finished / "results/notes.txt").read_text() == "mine"
    assert "To make them again, type:\nsnakemake --snakefile" in run.stdout
    assert "-- repair" not in run.stdout
    os.remove(finished / "results/notes.txt")
    run = snakemake(finished, study, "--cores", "1", "--", "results/tables/seeds.csv")
    assert run.returncode == 0, run.stderr
    assert table.read_bytes() == before


def test_final_tables_are_listed_with_digests_as_sha256sum_prints_them(finished):
    listed = json.loads((finished / "results/provenance.json").read_text())["tables"]
    assert set(listed) == {f"tables/{path.name}" for path in finished.glob("results/tables/*.csv")}
    for name, digest in listed.items():
        beside = digests.path_of(finished / "results" / name)
        assert beside.read_text() == f"{digest}  {name}\n"


def test_a_job_that_reads_an_encoder_names_all_files_that_it_reads(tmp_path):
    shutil.copy(ROOT / "config/config.yaml", tmp_path / "study.yaml")
    read = {
        job.rule.name: {path.rpartition("/")[2] for path in job.input if "/pretrained/" in path}
        for job in jobs_of(tmp_path)
        if any("/pretrained/" in path for path in job.input)
    }
    weights = {"model.safetensors", "config.json"}
    assert read == {
        "encode_subwords": weights | {"tokenizer.json", "tokenizer_config.json"},
        "train_dense": weights,
        "prune": weights,
    }
