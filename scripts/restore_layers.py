"""Put dense layers back into a block of compressed models, one at a time or the best together."""

from collections.abc import Mapping

import pandas as pd

from pielab import jobs
from pielab.cells import read_level
from pielab.training import compressing, restoring


def main(settings: dict, block: str, level: float, inputs: Mapping[str, str], output: str) -> None:
    ranked = []
    if "ranking" in inputs:
        table = pd.read_csv(inputs["ranking"]).sort_values(
            ["chosen_left", "more_bytes"], kind="stable"
        )
        ranked = list(table["layer"][: settings["keep"]])
    parsed = compressing.model_keys(block)
    restoring.run_block(settings, parsed, level, inputs, output, ranked)


if "snakemake" in globals():
    with jobs.job(snakemake) as job:
        level = read_level(snakemake.wildcards.level).number
        main(job.settings, snakemake.wildcards.seeds, level, job.inputs, snakemake.output[0])
