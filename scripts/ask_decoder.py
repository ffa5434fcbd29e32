"""Compress a decoder and let lm-evaluation-harness ask it, in an environment that has both."""

import importlib.util
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pielab import jobs, logs, provenance

PYTHON = ".venv-harness/bin/python"  # made by make harness
ERROR = "ValueError: "


def python_with_harness() -> str:
    """Return the Python that has lm_eval.

    Raises
    ------
    ValueError
        With what to type, if there is none.
    """
    named = os.environ.get("PIELAB_HARNESS")
    if not named and importlib.util.find_spec("lm_eval"):
        return sys.executable
    places = [named] if named else [PYTHON, str(provenance.LIBRARY.parents[1] / PYTHON)]
    for place in places:
        if Path(place).is_file():
            return place
    raise ValueError(
        f"{places[0]}: not there; decoders are asked by lm_eval in an environment of its own: "
        "type make harness, or add --sdm conda, or name its Python by PIELAB_HARNESS"
    )


def main(settings: dict, inputs: Mapping[str, Any], outputs: Mapping[str, Any]) -> None:
    """Run training/asking.py by the Python that has lm_eval.

    Raises
    ------
    ValueError
        If there is none, or with its last line if it fails.
    """
    job = {"settings": settings, "inputs": inputs, "outputs": outputs}
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "job.json"
        path.write_text(json.dumps(job), encoding="utf-8")
        command = [python_with_harness(), "-m", "pielab.training.asking", str(path)]
        places = [str(provenance.LIBRARY.parent), os.environ.get("PYTHONPATH", "")]
        own = os.environ | {"PYTHONPATH": os.pathsep.join(filter(None, places))}
        run = subprocess.run(command, capture_output=True, text=True, env=own)
    said = run.stderr.strip().splitlines() or ["nothing"]
    if run.returncode:
        logs.logger.info("%s", run.stderr)
        raise ValueError(f"{outputs['results']}: {said[-1].removeprefix(ERROR)}")
    for line in run.stdout.splitlines():
        logs.logger.info("%s", line)


if "snakemake" in globals():
    with jobs.job(snakemake):
        main(
            json.loads(snakemake.params.settings) | json.loads(snakemake.params.untracked),
            {"pretrained": snakemake.input.pretrained},
            {"samples": list(snakemake.output.samples), "results": snakemake.output.results},
        )
