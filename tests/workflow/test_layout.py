"""Where catalogues, snakedeploy and users find the workflow."""

import pytest

from helpers.small_study import ROOT, STUDY, snakemake


@pytest.mark.parametrize("snakefile", ["Snakefile", "workflow/Snakefile"])
def test_either_snakefile_plans_the_whole_study(tmp_path, snakefile):
    run = snakemake(tmp_path, STUDY, "-n", "--quiet", "rules", snakefile=ROOT / snakefile)
    assert run.returncode == 0, run.stderr
    jobs = [line.split() for line in run.stdout.splitlines()]
    counts = {line[0]: int(line[1]) for line in jobs if len(line) == 2 and line[1].isdigit()}
    (target,) = {"all", "study"} & set(counts)
    assert counts.pop(target) == 1
    assert counts["train_dense"] == 2
    assert counts["build_report"] == 1
    assert counts.pop("total") == sum(counts.values()) + 1
