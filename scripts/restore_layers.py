"""Put dense layers back into a block of compressed models, one at a time or the best together."""

from collections.abc import Mapping

from pielab import jobs
from pielab.cells import read_level
from pielab.training import compressing, restoring


def main(settings: dict, block: str, level: float, inputs: Mapping[str, str], output: str) -> None:
    restoring.run_block(settings, compressing.model_keys(block), level, inputs, output)


if "snakemake" in globals():
    with jobs.job(snakemake) as job:
        level = read_level(snakemake.wildcards.level).number
        main(job.settings, snakemake.wildcards.seeds, level, job.inputs, snakemake.output[0])
