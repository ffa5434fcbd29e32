"""Find the Python of an environment of its own, and run a module by the one that has lm_eval."""

import importlib.util
import json
import os
import subprocess
import sys
from pathlib import Path

from pielab import leftovers, logs, provenance

ERROR = "ValueError: "


def python_with(package: str, name: str, why: str) -> str:
    """Return the Python that has a package, which may be in an environment of its own.

    Parameters
    ----------
    name : str
        Of the target of make that makes the environment.
    why : str
        What needs the package, for the message.

    Raises
    ------
    ValueError
        With what to type, if there is none.
    """
    variable, python = f"PIELAB_{name.upper()}", f".venv-{name}/bin/python"
    named = os.environ.get(variable)
    if not named and importlib.util.find_spec(package):
        return sys.executable
    places = [named] if named else [python, str(provenance.LIBRARY.parents[1] / python)]
    for place in places:
        if Path(place).is_file():
            return place
    raise ValueError(
        f"{places[0]}: not there; {why} {package} in an environment of its own: "
        f"type make {name}, or add --sdm conda, or name its Python by {variable}"
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
    with leftovers.temporary_folder() as folder:
        path = Path(folder) / "job.json"
        path.write_text(json.dumps(job), encoding="utf-8")
        python = python_with("lm_eval", "harness", "decoders are asked by")
        command = [python, "-m", module, str(path)]
        places = [str(provenance.LIBRARY.parent), os.environ.get("PYTHONPATH", "")]
        environment = os.environ | {"PYTHONPATH": os.pathsep.join(filter(None, places))}
        done = subprocess.run(command, capture_output=True, text=True, env=environment)
    lines = done.stderr.strip().splitlines() or ["nothing"]
    if done.returncode:
        logs.logger.info("%s", done.stderr)
        raise ValueError(f"{where}: {lines[-1].removeprefix(ERROR)}")
    for line in done.stdout.splitlines():
        logs.logger.info("%s", line)
