"""What is asked of Snakemake without a documented way does what it is for."""

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SNAKEFILE = f"""
import sys

sys.path.insert(0, {str(ROOT / "scripts")!r})

from pielab import snakemake_internals as internals

onstart:
    print("before:", workflow.scheduler.job_rate_limiter)
    internals.lift_rate_limit(workflow)
    print("after:", workflow.scheduler.job_rate_limiter)

rule all:
    output: "done"
    shell: "touch {{output}}"
"""


@pytest.mark.parametrize(("asked", "lifted"), [([], True), (["7/1s"], False)])
def test_a_run_on_this_machine_looks_at_its_jobs_when_one_ends_alone(tmp_path, asked, lifted):
    (tmp_path / "Snakefile").write_text(SNAKEFILE)
    command = [sys.executable, "-m", "snakemake", "--cores", "1"]
    command += [part for limit in asked for part in ("--max-jobs-per-timespan", limit)]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=True)
    said = dict(line.split(": ") for line in done.stdout.splitlines() if ": " in line)
    assert "JobRateLimiter" in said["before"]
    assert (said["after"] == "None") is lifted
    assert (tmp_path / "done").exists()
