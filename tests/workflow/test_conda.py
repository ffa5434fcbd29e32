"""`--sdm conda` with a stand-in of the conda executable: its environments are the tests' own."""

import os
import subprocess
import sys

import yaml

from helpers import forked
from helpers.small_study import ROOT

CONDA = """#!/bin/sh
echo "$@" >> {folder}/calls
case "$*" in
  "info --json") echo '{{"conda_prefix": "{folder}", "platform": "linux-64"}}' ;;
  --version) echo "conda 26.1.0" ;;
  "config --get channel_priority --json") echo '{{"get": {{"channel_priority": "strict"}}}}' ;;
  *"env create"*) while [ "$1" != --prefix ]; do shift; done; mkdir -p "$2" ;;
esac
"""


def test_each_rule_runs_in_the_environment_of_its_stage(tmp_path, study):
    programs = tmp_path / "conda/bin"
    programs.mkdir(parents=True)
    (programs / "conda").write_text(CONDA.format(folder=tmp_path / "conda"))
    (programs / "conda").chmod(0o755)
    (programs / "activate").write_text(f'echo "$1" >> {tmp_path}/activated\n')
    (tmp_path / "study.yaml").write_text(yaml.safe_dump(study))
    command = [forked.python(), "-m", "snakemake", "--snakefile", ROOT / "Snakefile"]
    command += ["--directory", tmp_path, "--configfile", tmp_path / "study.yaml", "--cores", "1"]
    command += ["--sdm=conda", "--", "results/encoded/rotten_tomatoes/bilstm/train.safetensors"]
    own = f"{os.path.dirname(forked.python())}:{os.path.dirname(sys.executable)}"
    path = f"{programs}:{own}:{os.environ['PATH']}"
    done = subprocess.run(
        list(map(str, command)), env=os.environ | {"PATH": path}, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    made = (tmp_path / "conda/calls").read_text()
    assert made.count("env create") == 2  # data and models; nothing here needs analysis
    activated = (tmp_path / "activated").read_text().splitlines()
    # Once to install its packages of content, once for its job
    assert sorted(map(activated.count, set(activated))) == [2, 2]
    copies = {p.read_text() for p in (tmp_path / ".snakemake/conda").glob("*.yaml")}
    assert copies == {(ROOT / f"envs/{name}.yaml").read_text() for name in ("data", "models")}
