"""What is asked of Snakemake without a documented way does what it is for."""

import subprocess
import sys
from pathlib import Path

import pytest

from helpers import forked
from pielab import snakemake_internals as internals

ROOT = Path(__file__).parents[2]
SNAKEFILE = f"""
import sys

sys.path.insert(0, {str(ROOT / "scripts")!r})

from pielab import snakemake_internals as internals

onstart:
    print("before:", workflow.scheduler.job_rate_limiter)
    internals.lift_rate_limit(workflow)
    print("after:", workflow.scheduler.job_rate_limiter)

def nothing(wildcards):
    return []

def word(wildcards, output):
    return "a"

def twice(wildcards, attempt):
    return 2 * attempt

rule all:
    input: nothing
    output: "done"
    params: word=word
    resources: mem_mb=twice
    shell: "touch {{output}}"

internals.keep_signatures(workflow)
amounts = [one._evaluator for one in workflow.get_rule("all").resources.values()]
functions = [nothing, word, *filter(None, amounts)]
print("known:", len(functions) > 2 and all(hasattr(one, "__signature__") for one in functions))
"""


@pytest.mark.parametrize(("asked", "lifted"), [([], True), (["7/1s"], False)])
def test_a_run_on_this_machine_looks_at_its_jobs_when_one_ends_alone(tmp_path, asked, lifted):
    (tmp_path / "Snakefile").write_text(SNAKEFILE)
    command = [forked.python(), "-m", "snakemake", "--cores", "1"]
    command += [part for limit in asked for part in ("--max-jobs-per-timespan", limit)]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=True)
    said = dict(line.split(": ") for line in done.stdout.splitlines() if ": " in line)
    assert "JobRateLimiter" in said["before"]
    assert (said["after"] == "None") is lifted
    assert said["known"] == "True"
    assert (tmp_path / "done").exists()
    assert_notes(tmp_path)


def assert_notes(folder):
    """Assert that a note on a file is found where Snakemake wrote it, until it is lost or cut."""
    notes, done = folder / internals.NOTES, Path("done")
    assert internals.without_notes([done, Path("other")], notes) == [Path("other")]
    (note,) = notes.iterdir()
    note.chmod(0o600)
    note.write_bytes(note.read_bytes()[:-5])
    assert internals.without_notes([done], notes) == [done]
    note.unlink()
    assert internals.without_notes([done], notes) == [done]
    (notes.parent / "incomplete" / note.name).touch()
    assert internals.without_notes([done], notes) == []


FORKING = f"""
import sys

from snakemake.benchmark import benchmarked
from snakemake.script import PythonScript

sys.path.insert(0, {str(ROOT / "scripts")!r})

from pielab import snakemake_internals as internals

onstart:
    internals.fork_jobs(PythonScript, benchmarked)

rule all:
    input: "one", "other"

rule one:
    output: "one"
    benchmark: "one.tsv"
    resources: tmpdir="scratch"
    script: "note.py"

rule other:
    input: "one"
    output: "other"
    threads: 2
    script: "note.py"

rule stops:
    output: "stops"
    script: "stop.py"
"""


def test_scripts_of_one_thread_are_forks_and_all_else_starts_as_ever(tmp_path):
    (tmp_path / "Snakefile").write_text(FORKING)
    (tmp_path / "note.py").write_text(
        "import os, sys\n"
        "forked = 'forking' in open(f'/proc/{os.getppid()}/cmdline').read()\n"
        "print(forked, os.environ['OMP_NUM_THREADS'], os.environ['TMPDIR'], snakemake.threads,"
        " file=open(snakemake.output[0], 'w'))"
    )
    (tmp_path / "stop.py").write_text("import sys; sys.exit('a reason')")
    command = [sys.executable, "-m", "snakemake", "--cores", "2"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "one").read_text() == "True 1 scratch 1\n"
    forked, threads, *_ = (tmp_path / "other").read_text().split()
    assert (forked, threads) == ("False", "2")
    assert (tmp_path / "one.tsv").read_text().startswith("s\t")
    done = subprocess.run([*command, "stops"], cwd=tmp_path, capture_output=True, text=True)
    assert done.returncode == 1
    assert "a reason\n" in done.stderr
    assert "Error in rule stops" in done.stderr
