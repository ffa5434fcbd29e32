"""Tabulate what fallbacks leave of negative flips, beside what both models take to store."""

import pandas as pd

from pielab import csv_tables, files, jobs
from pielab.analysis.fallback import COLUMNS, with_sizes
from pielab.vocabulary import KEYS

TAKEN = ("primary", "level_unit", "level_text", "is_compressed", "collapsed")  # of pies.csv


def main(measured: list[str], cells: str, frontier: str, table: str) -> None:
    nothing = pd.DataFrame(columns=[*KEYS, *COLUMNS])  # of a study that compresses no model
    parts = [csv_tables.read_csv(path) for path in measured]
    rows = pd.concat(parts, ignore_index=True) if parts else nothing.astype({"level": float})
    pies = csv_tables.read_csv(cells)
    tested = pies.loc[pies["split"] == "test", [*KEYS, *TAKEN]]
    rows = rows.merge(tested, on=list(KEYS), how="left", validate="many_to_one")
    files.write_frame(table, with_sizes(rows, csv_tables.read_csv(frontier)))


if "snakemake" in globals():
    with jobs.job(snakemake) as job:
        main(**job.inputs, **job.outputs)
