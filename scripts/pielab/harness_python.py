"""Run a module by the Python that has lm_eval, which is in an environment of its own."""

import importlib.util
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

from pielab import logs, provenance

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


def run(module: str, job: dict, where: str) -> None:
    """Run a module of the library on a job, and log what it prints.

    Parameters
    ----------
    job : dict
        What the module is handed as a file of JSON.
    where : str
        The output, for messages.

    Raises
    ------
    ValueError
        If there is no Python that has lm_eval, or with the last line if the module fails.
    """
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "job.json"
        path.write_text(json.dumps(job), encoding="utf-8")
        command = [python_with_harness(), "-m", module, str(path)]
        places = [str(provenance.LIBRARY.parent), os.environ.get("PYTHONPATH", "")]
        own = os.environ | {"PYTHONPATH": os.pathsep.join(filter(None, places))}
        done = subprocess.run(command, capture_output=True, text=True, env=own)
    said = done.stderr.strip().splitlines() or ["nothing"]
    if done.returncode:
        logs.logger.info("%s", done.stderr)
        raise ValueError(f"{where}: {said[-1].removeprefix(ERROR)}")
    for line in done.stdout.splitlines():
        logs.logger.info("%s", line)
