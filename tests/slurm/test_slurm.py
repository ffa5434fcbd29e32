"""The tiny study on a real SLURM, with most of what goes wrong on a cluster."""

import copy
import shutil
import subprocess
import tempfile
import threading
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import NamedTuple

import pytest
import yaml

from helpers import forked
from helpers.slurm_cluster import TETHERED, ask, cluster, wait_for, why_not
from helpers.small_study import ROOT, STUDY

pytestmark = pytest.mark.skipif(bool(why_not()), reason=f"no SLURM: {why_not()}")

CODE = ("Snakefile", "workflow", "scripts", "profiles", "slurm", "envs", "resources")
COMMAND = [
    *("--profile", "slurm", "--configfile", "study.yaml"),
    *("--slurm-init-seconds-before-status-checks", "12"),
    *(
        "--set-resources",
        "find_pies:mem_mb=50 * 40 ** (attempt - 1)",
    ),  # first too little
]
PATIENCE = 240  # seconds; a slow machine is not a failure
GPU_JOBS = ("rule_train_dense", "rule_prune")
TARGETS = ["results/tables/pies.csv", "results/tables/scores.csv"]
WEIGHTS = "results/models/rotten_tomatoes/bilstm/dense/none/seeds0-0.safetensors"


class Job(NamedTuple):
    id: str
    state: str
    name: str  # rule and wildcards
    memory: str
    gpus: str


class Site:
    """A clone of the project on a cluster, and what its user does there."""

    def __init__(self, folder, environment):
        self.folder, self.environment = folder, environment
        self.runs, self.logs = [], []

    def slurm(self, *command):
        return ask(self.environment, *command)

    def start(self, *arguments):
        """Start `snakemake --profile slurm`; what it says is kept."""
        log = self.folder / f"run{len(self.logs)}.log"
        command = [*COMMAND, *arguments, "--", *TARGETS]
        process = snakemake(self.folder, log, *command, environment=self.environment)
        self.runs.append(process)
        self.logs.append(log)
        return process

    def until(self, condition, seconds=PATIENCE):
        """Return the condition's value once it is true, unless the last run ends before."""

        def look():
            assert self.runs[-1].poll() is None, self.logs[-1].read_text()
            return condition()

        return wait_for(look, seconds)

    def jobs(self, name="", *states):
        """Return the jobs that there ever were, by age, whose name contains this."""
        columns = "JobID:|,State:|,Comment:|,MinMemory:|,tres-per-job:"
        lines = self.slurm("squeue", "--states=all", "-h", "-O", columns).splitlines()
        jobs = [Job(*(field.strip() for field in line.split("|"))) for line in lines]
        chosen = [job for job in jobs if name in job.name and (not states or job.state in states)]
        return sorted(chosen, key=lambda job: int(job.id))


def snakemake(folder, log, *arguments, environment=None):
    command = [*TETHERED, forked.python(), "-m", "snakemake", *arguments]
    with open(log, "w") as out:
        return subprocess.Popen(command, cwd=folder, env=environment, stdout=out, stderr=out)


def clone(folder, study):
    """Copy the code, and write a study beside it."""
    for name in CODE:
        if (ROOT / name).is_symlink() or (ROOT / name).is_file():
            shutil.copy2(ROOT / name, folder / name, follow_symlinks=False)
        else:
            shutil.copytree(ROOT / name, folder / name)
    (folder / "study.yaml").write_text(yaml.safe_dump(study))


def results(folder):
    """Return the bytes of all predictions, PIE sets and tables."""
    paths = [
        path
        for stage in ("predictions", "pies", "tables")
        for path in folder.glob(f"results/{stage}/**/*.*")
    ]
    return {str(path.relative_to(folder)): path.read_bytes() for path in paths}


@contextmanager
def watched(path):
    """Yield the set of contents that a file is seen to have while the block runs."""
    versions, stop = set(), threading.Event()

    def look():
        last = None
        while not stop.wait(0.005):
            with suppress(FileNotFoundError):
                now = path.stat()
                if last != (last := (now.st_ino, now.st_size, now.st_mtime_ns)):
                    versions.add(path.read_bytes())

    thread = threading.Thread(target=look)
    thread.start()
    try:
        yield versions
    finally:
        stop.set()
        thread.join()


@pytest.fixture(scope="module")
def study():
    return STUDY | {"methods": {"imp-ft": STUDY["methods"]["imp-ft"]}}


@pytest.fixture(scope="module")
def local(tmp_path_factory, study):
    """The folder of a run without SLURM."""
    folder = tmp_path_factory.mktemp("local")
    clone(folder, study)
    log = folder / "run.log"
    command = ["--cores", "2", "--configfile", "study.yaml", "--", *TARGETS]
    assert snakemake(folder, log, *command).wait(PATIENCE) == 0, log.read_text()
    return folder


@pytest.fixture(scope="module")
def site(local, study, tmp_path_factory):
    folder = tmp_path_factory.mktemp("site")
    clone(folder, study)
    with tempfile.TemporaryDirectory(prefix="slurm-") as state, cluster(Path(state)) as environment:
        site = Site(folder, environment)
        yield site
        for run in site.runs:
            run.kill()
            run.wait()


@pytest.fixture(scope="module")
def torn(study):
    """The study with one more model, whose vectors cannot be read."""
    torn = copy.deepcopy(study)
    torn["models"]["torn"] = study["models"]["bilstm"] | {"vectors": "torn.txt", "seeds": 1}
    (pairs,) = torn["training"].values()
    pairs["torn"] = pairs["bilstm"]
    return torn


@pytest.fixture(scope="module")
def copies(site):
    """Kill Snakemake while it trains, and restart it too early: beside the job that still runs.

    And kill it again once a dense model is trained, which leaves the rest to be done.
    """
    with watched(site.folder / WEIGHTS) as versions:
        site.start()
        first = site.until(
            lambda: site.jobs("train_dense_wildcards_rotten_tomatoes_bilstm_0-0", "RUNNING")
        )[0]
        site.runs[-1].kill()
        site.slurm("scontrol", "suspend", first.id)  # until its copy runs
        assert site.start().wait(PATIENCE) == 1  # locked
        assert site.start("--unlock").wait(PATIENCE) == 0
        site.start()
        site.until(lambda: site.jobs(first.name, "RUNNING"))
        site.slurm("scontrol", "resume", first.id)
        site.until(lambda: site.jobs("train_dense", "COMPLETED"))
        site.runs[-1].kill()
        wait_for(lambda: len(site.jobs(first.name, "COMPLETED")) == 2, PATIENCE)
    return site.jobs(first.name), versions


@pytest.fixture(scope="module")
def recovered(site, copies, torn):
    """Go on after the kill as documented, with one more model.

    Then one job is cancelled, one lacks memory and one can only fail.
    """
    wait_for(lambda: not site.jobs("", "PENDING", "RUNNING", "COMPLETING"), PATIENCE)
    before = site.jobs()
    (site.folder / "torn.txt").write_text("the 0.1 0.2\nof 0.3\n")
    (site.folder / "study.yaml").write_text(yaml.safe_dump(torn))
    assert site.start("--unlock").wait(PATIENCE) == 0
    run = site.start()
    pruned = site.until(lambda: site.jobs("prune_wildcards", "RUNNING"))
    site.slurm("scancel", pruned[0].id)
    assert run.wait(PATIENCE) == 1
    return before, site.jobs()[len(before) :], site.logs[-1].read_text()


def test_a_restart_beside_running_jobs_is_refused_at_first(site, copies):
    assert "--unlock" in site.logs[1].read_text()


def test_two_copies_of_a_job_never_leave_a_broken_result(local, copies):
    jobs, versions = copies
    assert [job.state for job in jobs] == ["COMPLETED", "COMPLETED"]
    assert versions == {(local / WEIGHTS).read_bytes()}


def test_after_a_kill_no_job_that_ended_well_runs_again(recovered):
    before, after, _ = recovered
    done = {job.name for job in before if job.state == "COMPLETED"}
    assert {name.split("_wildcards_")[0] for name in done} >= {
        "rule_encode_words",
        "rule_train_dense",
    }
    assert not done & {job.name for job in after}


def test_a_cancelled_job_is_retried(recovered):
    _, after, _ = recovered
    cancelled = next(job for job in after if job.state == "CANCELLED")
    assert [job.state for job in after if job.name == cancelled.name] == ["CANCELLED", "COMPLETED"]


def test_a_job_out_of_memory_is_retried_with_more(recovered):
    _, after, _ = recovered
    tries = [job for job in after if "find_pies" in job.name]
    assert [job.memory for job in tries] == ["50M", "2000M"]
    assert tries[0].state in ("FAILED", "OUT_OF_MEMORY")
    assert tries[1].state == "COMPLETED"


def test_a_job_that_fails_for_good_is_reported_by_name_with_its_logs(recovered):
    _, after, log = recovered
    tries = [job for job in after if "torn" in job.name]
    assert [(job.state, job.memory) for job in tries] == [
        ("FAILED", memory) for memory in ("4000M", "8000M", "16000M")
    ]
    assert all(f"SLURM-job '{job.id}' failed" in log for job in tries)
    assert "Error in rule encode_words:" in log
    assert "results/logs/encode_words/rotten_tomatoes.torn.log" in log
    assert f"results/logs/slurm/rule_encode_words/rotten_tomatoes_torn/{tries[-1].id}.log" in log
    assert "torn.txt, line 2" in log


def test_only_jobs_that_use_a_model_ask_for_a_gpu(site, recovered):
    jobs = site.jobs()
    asking = {job.name for job in jobs if job.gpus == "gres:gpu:1"}
    assert asking == {job.name for job in jobs if job.name.startswith(GPU_JOBS)}


def test_once_the_fault_is_mended_results_equal_those_of_a_local_run(site, recovered, local, study):
    (site.folder / "study.yaml").write_text(yaml.safe_dump(study))
    assert site.start().wait(PATIENCE) == 0, site.logs[-1].read_text()
    expected, found = results(local), results(site.folder)
    assert found.keys() == expected.keys()
    assert not [path for path in expected if found[path] != expected[path]]
