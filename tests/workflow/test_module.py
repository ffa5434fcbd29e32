"""The workflow as a module of another one, in a folder of its own."""

import json
import os
import subprocess
import threading
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer

import pytest
import yaml

from helpers import forked
from helpers.documents import blocks
from helpers.small_audit import AUDIT, write_audit
from helpers.small_study import ROOT, STUDY

# Ten lines, as a user writes them
OUTER = """\
configfile: "outer.yaml"


module pielab:
    snakefile: {snakefile}
    config: {config}
    {prefix}


use rule * from pielab as pie_*


rule all:
    default_target: True
    input: rules.pie_all.input
"""


@pytest.fixture
def outer(tmp_path):
    """Return a function that runs snakemake on a workflow that uses this one."""

    def run(
        *arguments,
        config=None,
        prefix="",
        chosen="config",
        snakefile=None,
        environment=(),
        text=OUTER,
    ):
        config = config or STUDY
        snakefile = snakefile or repr(str(ROOT / "workflow/Snakefile"))
        text = text.format(snakefile=snakefile, config=chosen, prefix=prefix)
        (tmp_path / "Snakefile").write_text(text)
        (tmp_path / "outer.yaml").write_text(yaml.safe_dump(config))
        command = [forked.python(), "-m", "snakemake", *arguments]
        known = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
        known |= {"PYTHONDONTWRITEBYTECODE": ""} | dict(environment)
        return subprocess.run(command, capture_output=True, text=True, env=known, cwd=tmp_path)

    run.folder = tmp_path
    return run


def jobs(run):
    assert run.returncode == 0, run.stdout + run.stderr
    lines = [line.split() for line in run.stdout.splitlines()]
    return {line[0]: int(line[1]) for line in lines if len(line) == 2 and line[1].isdigit()}


def test_a_module_plans_the_same_jobs_with_the_whole_config_a_part_and_a_prefix(outer):
    whole = jobs(outer("-n", "--quiet", "rules", config=STUDY | {"samples": ["a", "b"]}))
    part = jobs(
        outer("-n", "--quiet", "rules", config={"pielab": STUDY}, chosen='config["pielab"]')
    )
    below = jobs(outer("-n", "--quiet", "rules", prefix='prefix: "sub"'))
    assert whole == part == below
    assert whole["pie_train_dense"] == 2
    assert whole["pie_build_report"] == 1
    assert whole["total"] == sum(whole.values()) - whole["total"]


def test_the_workflow_of_the_guide_plans_a_study(outer):
    page = ROOT / "docs/guides/module.md"
    (text,) = (block.text for block in blocks(page) if block.language == "python")
    (outer.folder / "config.yaml").write_text(yaml.safe_dump({"pielab": STUDY}))
    text = text.replace("{", "{{").replace("}", "}}").replace("CLONE", str(ROOT))
    planned = jobs(outer("-n", "--quiet", "rules", text=text))
    assert planned["pie_train_dense"] == 2


def test_a_key_of_the_other_workflow_that_is_nearly_one_of_ours_is_pointed_out(outer):
    run = outer("-n", config=STUDY | {"sparsites": [50], "samples": []})
    assert run.returncode == 0, run.stderr
    assert "'sparsites' is not a key of PIElab" in run.stdout + run.stderr
    assert "'samples'" not in run.stdout + run.stderr


def test_a_config_without_a_study_says_what_is_missing(outer):
    run = outer("-n", config={"samples": ["a"]})
    assert run.returncode == 1
    assert "config: top level: key 'datasets' is missing" in run.stdout + run.stderr


def test_a_module_below_a_prefix_runs_reads_the_users_files_and_says_its_verdict(outer):
    write_audit(outer.folder)
    chosen = {"prefix": 'prefix: "sub"', "config": {"pielab": AUDIT}, "chosen": 'config["pielab"]'}
    run = outer("--cores", "1", "--", "pie_gate", **chosen)
    assert run.returncode == 1, run.stdout + run.stderr
    assert "BLOCK: reviews, ours with int8" in run.stdout
    assert "report shows (sub/results/report/index.html;" in " ".join(run.stdout.split())
    assert not (outer.folder / "results").exists()
    owner = json.loads((outer.folder / "sub/results/study.json").read_text())
    assert owner == {"config_files": ["outer.yaml"]}
    again = jobs(outer("-n", "--quiet", "rules", "--", "pie_gate", **chosen))
    assert set(again) == {"pie_gate", "total"}


def test_from_a_url_the_library_must_be_installed_and_serves_then(outer):
    handler = partial(SimpleHTTPRequestHandler, directory=ROOT)
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        url = f"http://127.0.0.1:{server.server_port}/workflow/Snakefile"
        run = outer("-n", snakefile=repr(url))
        assert run.returncode == 1
        said = "needs the library pielab of the same tag: pip install git+URL@TAG"
        assert said in run.stdout + run.stderr
        installed = {"PYTHONPATH": str(ROOT / "scripts")}
        found = jobs(outer("-n", "--quiet", "rules", snakefile=repr(url), environment=installed))
        assert found["pie_train_dense"] == 2
        server.shutdown()
