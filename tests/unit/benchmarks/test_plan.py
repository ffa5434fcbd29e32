"""Plans that are timed."""

import re
import shutil
from pathlib import Path

from helpers.benchmark_script import load

AUDIT = Path(__file__).parents[3] / "config/audit.yaml"


def test_the_jobs_of_a_plan_are_those_that_snakemake_lists(tmp_path):
    script = load("plan")
    shutil.copy(AUDIT, tmp_path / "study.yaml")
    _, memory, said = script.snakemake(tmp_path, "--dry-run", "--quiet", "rules")
    of_rules = dict(re.findall(r"^(\w+) +(\d+)$", said, re.MULTILINE))
    assert (
        script.planned_jobs(said) == int(of_rules.pop("total")) == sum(map(int, of_rules.values()))
    )
    assert memory > 20
