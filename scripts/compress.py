"""Compress a block of dense models by one method, once a calibration draw, and predict."""

import json
from collections.abc import Mapping

from pielab import jobs
from pielab.cells import read_level
from pielab.training import compressing


def main(
    settings: dict, members: str, level: float, inputs: Mapping[str, str], outputs: dict[str, str]
) -> None:
    compressing.run_block(settings, compressing.parse_members(members), level, inputs, outputs)


if "snakemake" in globals():
    with jobs.job(snakemake):
        main(
            json.loads(snakemake.params.settings) | json.loads(snakemake.params.untracked),
            snakemake.wildcards.seeds,
            read_level(snakemake.wildcards.level).number,
            snakemake.input,
            dict(snakemake.output.items()),
        )
