"""End with 1 where the gate blocks, by verdicts that are judged again: gate.json may be edited."""

import json
import sys

from pielab import endings, files, jobs, logs
from pielab.gate.judging import judge_versions


def main(settings: dict, inputs: dict) -> bool:
    """Return whether the gate fails.

    Raises
    ------
    ValueError
        If the file of the verdict does not hold what the measured losses say.
    """
    judged, written = judge_versions(settings, inputs), files.read_json(inputs["verdict"])
    if json.loads(json.dumps(judged)) != written:
        raise ValueError(
            f"{inputs['verdict']}: another verdict than the measured losses give, "
            f"{judged['verdict']}; delete it and run the same command again"
        )
    logs.logger.info("%s", judged["verdict"])  # by which the end of a run knows that there is one
    return judged["fails"]


if "snakemake" in globals():
    with jobs.job(snakemake) as job:
        fails = main(job.settings, job.inputs)
    if json.loads(snakemake.params.says_last):
        endings.print_screen(job.inputs["screen"])
    sys.exit(int(fails))
