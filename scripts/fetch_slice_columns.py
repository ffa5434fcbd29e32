"""Read the columns of a dataset's source that its test examples are grouped by."""

import pandas as pd

from pielab import files, jobs
from pielab.data.slice_columns import slice_columns


def main(settings: dict, test: str, table: str) -> None:
    ids = pd.read_parquet(test, columns=["example_id"])["example_id"]
    files.write_frame(table, slice_columns(settings, ids))


if "snakemake" in globals():
    with jobs.job(snakemake) as job:
        main(job.settings, job.inputs["test"], **job.outputs)
