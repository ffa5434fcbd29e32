"""Join what makes texts break for all pairs of dataset and model into one table."""

import pandas as pd

from pielab import csv_tables, files, jobs


def main(causes: list[str], table: str) -> None:
    files.write_frame(table, pd.concat(map(csv_tables.read_csv, causes), ignore_index=True))


if "snakemake" in globals():
    with jobs.job(snakemake) as job:
        main(**job.inputs, **job.outputs)
