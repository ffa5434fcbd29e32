"""Judge whether compressed versions may ship: for machines as JSON and JUnit XML, and in words."""

import json
from pathlib import Path

from pielab import files, jobs, logs
from pielab.gate.judging import judge_versions
from pielab.gate.junit import junit
from pielab.gate.screen import screen


def main(settings: dict, inputs: dict, outputs: dict[str, str]) -> None:
    gate = judge_versions(settings, inputs)
    text = json.dumps(gate, indent=1, ensure_ascii=False, allow_nan=False)
    files.write_text(outputs["json"], text + "\n")
    files.write_text(outputs["junit"], junit(gate))
    files.write_text(outputs["screen"], screen(gate, Path(outputs["screen"]).parents[1]))
    logs.logger.info("%s: %d versions", gate["verdict"], len(gate["versions"]))


if "snakemake" in globals():
    with jobs.job(snakemake) as job:
        main(job.settings, job.inputs, job.outputs)
