"""Where catalogues, snakedeploy and users find the workflow."""

import re
import subprocess

import pytest

from helpers import forked
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


def test_the_report_has_the_tables_of_every_rule_that_writes_some():
    listed = (ROOT / "workflow/rules/targets.smk").read_text()
    for file in (ROOT / "workflow/rules").glob("*.smk"):
        for name, body in re.findall(
            r"(?ms)^ *rule (\w+):\n(.*?)(?=^ *rule |\Z)", file.read_text()
        ):
            outputs = body.partition("output:")[2].partition("log:")[0]
            assert f"rules.{name}.output" in listed or "results/tables/" not in outputs, name


def test_rules_of_seconds_run_where_snakemake_does_also_under_another_name():
    for file in (ROOT / "workflow").glob("**/*.smk"):
        assert "localrules:" not in file.read_text()


def test_what_snakemake_does_not_document_is_asked_for_in_one_module():
    asked = re.compile(
        r"\bworkflow\.(?!rst|source_path|snakefile|basedir)\w+|overwrite_configfiles|register_resource"
        r"|global_resources|dag_settings"
    )
    files = [*(ROOT / "workflow").glob("**/*.smk"), ROOT / "workflow/Snakefile", ROOT / "Snakefile"]
    for file in files:
        lines = [line for line in file.read_text().splitlines() if not line.strip().startswith("#")]
        assert [line for line in lines if asked.search(line)] == [], file


def test_a_key_on_the_command_line_and_a_file_without_datasets_change_the_default_study(tmp_path):
    (tmp_path / "level.yaml").write_text("sparsities: [50]")
    command = [forked.python(), "-m", "snakemake", "-n", "--quiet", "rules"]
    command += ["--configfile", tmp_path / "level.yaml", "--config", "pies={baseline: control}"]
    run = subprocess.run(command, capture_output=True, text=True, cwd=ROOT)
    assert run.returncode == 0, run.stdout + run.stderr
    # Two models, of each a level of two methods and the control itself
    assert re.search(r"^find_pies +6$", run.stdout, re.MULTILINE), run.stdout
