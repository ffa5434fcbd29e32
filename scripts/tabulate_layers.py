"""Join what is known of the layers of all cells whose layers are put back."""

import pandas as pd

from pielab import csv_tables, files, jobs
from pielab.vocabulary import MODELS


def main(cells: list[dict], inputs: dict[str, list[str]], outputs: dict[str, str]) -> None:
    for name, output in outputs.items():
        parts = [
            pd.DataFrame([{name: cell[name] for name in MODELS}]).merge(
                csv_tables.read_csv(path), how="cross"
            )
            for cell, path in zip(cells, inputs[name], strict=True)
        ]
        files.write_frame(output, pd.concat(parts))


if "snakemake" in globals():
    with jobs.job(snakemake) as job:
        main(job.settings["cells"], job.inputs, job.outputs)
