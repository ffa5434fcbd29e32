"""Compress a decoder and let lm-evaluation-harness ask it, in an environment that has both."""

from collections.abc import Mapping
from typing import Any

from pielab import harness_python, jobs


def main(settings: dict, inputs: Mapping[str, Any], outputs: Mapping[str, Any]) -> None:
    job = {"settings": settings, "inputs": inputs, "outputs": outputs}
    harness_python.run("pielab.training.asking", job, outputs["results"])


if "snakemake" in globals():
    with jobs.job(snakemake) as job:
        main(job.settings, job.inputs, job.outputs)
