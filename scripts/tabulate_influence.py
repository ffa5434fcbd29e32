"""Join the influence of all pairs of dataset and model into one table each."""

import pandas as pd

from pielab import csv_tables, files, jobs
from pielab.analysis.cell_tables import mark


def main(parts: dict[str, list[str]], cells: str, outputs: dict[str, str]) -> None:
    for name, paths in parts.items():
        table = pd.concat(map(csv_tables.read_csv, paths), ignore_index=True)
        files.write_frame(outputs[name], mark(table, csv_tables.read_csv(cells)))


if "snakemake" in globals():
    with jobs.job(snakemake):
        main(
            {name: list(snakemake.input[name]) for name in ("bins", "top")},
            snakemake.input.cells,
            dict(snakemake.output.items()),
        )
