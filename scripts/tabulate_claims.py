"""Join the verdicts on all datasets into one table."""

import pandas as pd

from pielab import csv_tables, files, jobs


def main(claims: list[str], table: str) -> None:
    files.write_frame(table, pd.concat(map(csv_tables.read_csv, claims)))


if "snakemake" in globals():
    with jobs.job(snakemake):
        main(list(snakemake.input.claims), snakemake.output.table)
