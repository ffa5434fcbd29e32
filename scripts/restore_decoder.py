"""Put dense blocks back into a compressed decoder and let lm-evaluation-harness ask it."""

from collections.abc import Mapping
from typing import Any

from pielab import harness_python, jobs


def main(settings: dict, inputs: Mapping[str, Any], mixtures: str) -> None:
    job = {"settings": settings, "inputs": inputs, "outputs": {"mixtures": mixtures}}
    harness_python.run("pielab.external.restored_decoders", job, mixtures)


if "snakemake" in globals():
    with jobs.job(snakemake) as job:
        main(job.settings, job.inputs, snakemake.output[0])
