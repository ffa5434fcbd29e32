"""Tabulate what each remedy mends, and what it costs."""

import pandas as pd

from pielab import csv_tables, files, jobs
from pielab.analysis.remedies import with_verdicts
from pielab.vocabulary import KEYS, MODELS

TAKEN = ("primary", "level_unit", "level_text", "collapsed")  # of pies.csv


def with_sizes(table: pd.DataFrame, frontier: pd.DataFrame) -> pd.DataFrame:
    """Return the rows with `size_share`, and that of the plain method."""
    sizes = frontier.drop_duplicates(list(MODELS)).set_index(list(MODELS))["size_share"]
    for column, method in (("size_share", "method"), ("size_share_plain", "plain")):
        keys = table[["dataset", "model", method, "level"]].itertuples(index=False, name=None)
        table = table.assign(**{column: [sizes.get(key) for key in keys]})
    return table


def main(measured: list[str], cells: str, frontier: str, table: str) -> None:
    rows = pd.concat([csv_tables.read_csv(path) for path in measured], ignore_index=True)
    pies = csv_tables.read_csv(cells)
    tested = pies.loc[pies["split"] == "test", [*KEYS, *TAKEN]]
    rows = with_verdicts(rows).merge(tested, on=list(KEYS), how="left", validate="one_to_one")
    files.write_frame(table, with_sizes(rows, csv_tables.read_csv(frontier)))


if "snakemake" in globals():
    inputs = snakemake.input
    with jobs.job(snakemake):
        main(list(inputs.measured), inputs.cells, inputs.frontier, snakemake.output.table)
