"""Compress a block of dense models by one method, once a calibration draw, and predict."""

from collections.abc import Mapping

from pielab import jobs
from pielab.cells import read_level
from pielab.training import compressing


def main(
    settings: dict, block: str, level: float, inputs: Mapping[str, str], outputs: dict[str, str]
) -> None:
    compressing.run_block(settings, compressing.model_keys(block), level, inputs, outputs)


if "snakemake" in globals():
    with jobs.job(snakemake) as job:
        level = read_level(snakemake.wildcards.level).number
        main(job.settings, snakemake.wildcards.seeds, level, job.inputs, job.outputs)
