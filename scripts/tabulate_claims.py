"""Join the verdicts on all datasets into one table, with effects that other factors leave."""

import pandas as pd

from pielab import csv_tables, files, jobs
from pielab.claims import adjusted


def joined(paths: list[str]) -> pd.DataFrame:
    """Return the rows of all datasets."""
    return pd.concat(map(csv_tables.read_csv, paths), ignore_index=True)


def main(inputs: dict, outputs: dict[str, str]) -> None:
    explained = csv_tables.read_csv(inputs["causes"])
    by_measure = adjusted.by_measure(joined(inputs["by_measure"]), explained)
    table = adjusted.scorecard(joined(inputs["claims"]), explained, by_measure)
    files.write_frame(outputs["by_measure"], by_measure)
    files.write_frame(outputs["table"], table)


if "snakemake" in globals():
    with jobs.job(snakemake) as job:
        main(job.inputs, job.outputs)
