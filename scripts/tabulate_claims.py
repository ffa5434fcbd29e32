"""Join the verdicts on all datasets into one table."""

import pandas as pd

from pielab import files, logs


def main(claims: list[str], table: str) -> None:
    files.write_frame(table, pd.concat(map(pd.read_csv, claims)))


if "snakemake" in globals():
    with logs.job(snakemake.log[0]):
        main(list(snakemake.input.claims), snakemake.output.table)
