"""Join the influence of all pairs of dataset and model into one table each."""

import pandas as pd

from pielab import csv_tables, files, jobs
from pielab.analysis.cell_tables import mark


def main(inputs: dict, outputs: dict[str, str]) -> None:
    cells = csv_tables.read_csv(inputs["cells"])
    for name, output in outputs.items():
        table = pd.concat(map(csv_tables.read_csv, inputs[name]), ignore_index=True)
        files.write_frame(output, mark(table, cells))


if "snakemake" in globals():
    with jobs.job(snakemake) as job:
        main(job.inputs, job.outputs)
