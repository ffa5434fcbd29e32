"""Convert a log of Inspect to a table, by inspect_ai in an environment of its own."""

import importlib.util
import json
import os
import subprocess
import sys
import zipfile
from pathlib import Path

from pielab import jobs, logs, provenance, unpacking

TABLE = provenance.LIBRARY / "external/inspect_table.py"
PYTHON = ".venv-inspect/bin/python"  # made by make inspect


def python_with_inspect() -> str:
    """Return the Python that has inspect_ai.

    Raises
    ------
    ValueError
        With what to type, if there is none.
    """
    if importlib.util.find_spec("inspect_ai"):
        return sys.executable
    named = os.environ.get("PIELAB_INSPECT")
    places = [named] if named else [PYTHON, str(provenance.LIBRARY.parents[1] / PYTHON)]
    for place in places:
        if Path(place).is_file():
            return place
    raise ValueError(
        f"{places[0]}: not there; logs of Inspect need inspect_ai in an environment of its own: "
        "type make inspect, or add --sdm conda, or name its Python by PIELAB_INSPECT"
    )


def main(log: str, table: str, results: str) -> None:
    if not Path(log).is_file():
        raise ValueError(f"{log}: no such file; expected a log of Inspect, .eval or .json")
    if zipfile.is_zipfile(log):
        try:
            unpacking.check_zip(log)
        except ValueError as error:
            raise ValueError(f"{log}: {error}") from None
    command = [python_with_inspect(), str(TABLE), log, table, results]
    run = subprocess.run(command, capture_output=True, text=True)
    if run.returncode:
        said = run.stderr.strip().splitlines() or ["nothing"]
        raise ValueError(f"{log}: inspect_ai cannot read it: {said[-1]}")
    described = json.loads(Path(results).read_text(encoding="utf-8"))["config"]
    for key in ("samples_failed", "samples_unscored"):
        if described[key]:
            logs.logger.warning("%s: %s: %d", log, key, described[key])


if "snakemake" in globals():
    with jobs.job(snakemake) as job:
        main(job.settings["log"], **job.outputs)
