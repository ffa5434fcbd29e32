"""Join the verdicts on all datasets into one table."""

import pandas as pd

from pielab import csv_tables, files, jobs


def main(claims: dict[str, list[str]], outputs: dict[str, str]) -> None:
    for name, paths in claims.items():
        files.write_frame(outputs[name], pd.concat(map(csv_tables.read_csv, paths)))


if "snakemake" in globals():
    with jobs.job(snakemake):
        inputs = snakemake.input
        read = {"table": list(inputs.claims), "by_measure": list(inputs.by_measure)}
        main(read, dict(snakemake.output.items()))
