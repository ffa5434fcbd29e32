"""Convert a log of Inspect to a table, by inspect_ai in an environment of its own."""

import json
import subprocess
import zipfile
from pathlib import Path

from pielab import harness_python, jobs, logs, provenance, unpacking

TABLE = provenance.LIBRARY / "external/inspect_table.py"


def main(log: str, table: str, results: str) -> None:
    if not Path(log).is_file():
        raise ValueError(f"{log}: no such file; expected a log of Inspect, .eval or .json")
    if zipfile.is_zipfile(log):
        try:
            unpacking.check_zip(log)
        except ValueError as error:
            raise ValueError(f"{log}: {error}") from None
    python = harness_python.python_with("inspect_ai", "inspect", "logs of Inspect need")
    command = [python, str(TABLE), log, table, results]
    run = subprocess.run(command, capture_output=True, text=True)
    if run.returncode:
        lines = run.stderr.strip().splitlines() or ["nothing"]
        raise ValueError(f"{log}: inspect_ai cannot read it: {lines[-1]}")
    described = json.loads(Path(results).read_text(encoding="utf-8"))["config"]
    for key in ("samples_failed", "samples_unscored"):
        if described[key]:
            logs.logger.warning("%s: %s: %d", log, key, described[key])


if "snakemake" in globals():
    with jobs.job(snakemake) as job:
        main(job.settings["log"], **job.outputs)
