"""What is asked of Snakemake without a documented way does what it is for."""

import subprocess
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
