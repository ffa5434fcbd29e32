"""Tabulate what each remedy mends, and what it costs."""

import pandas as pd

from pielab import csv_tables, files, jobs
from pielab.analysis.remedies import COLUMNS, GIVEN, with_verdicts
from pielab.vocabulary import FALLBACK, KEYS, MODELS, TRAINING

TAKEN = ("primary", "level_unit", "level_text", "collapsed")  # of pies.csv


def with_sizes(table: pd.DataFrame, frontier: pd.DataFrame) -> pd.DataFrame:
    """Return the rows with `size_share`, and that of the plain method.

    Both models are kept for a fallback; `more_bytes` is what that costs, or dense layers.
    """
    sizes = frontier.drop_duplicates(list(MODELS)).set_index(list(MODELS))
    for column, method in (("size_share", "method"), ("size_share_plain", "plain")):
        table = table.assign(**{column: _known(table, method, sizes["size_share"])})
    dense = _known(table, "plain", sizes["dense_bytes"])
    more = table["more_bytes"].astype(float).mask(table["kind"] == FALLBACK, dense)
    size = table["size_share"] + (more / dense).where(table["kind"] != TRAINING, 0)
    return table.assign(more_bytes=more, size_share=size)


def _known(table: pd.DataFrame, method: str, sizes: pd.Series) -> pd.Series:
    """Return what is known of the models of each row, by the column that has their method."""
    keys = table[["dataset", "model", method, "level"]].itertuples(index=False, name=None)
    return pd.Series([sizes.get(key) for key in keys], index=table.index, dtype=float)


def main(measured: list[str], cells: str, frontier: str, table: str) -> None:
    nothing = pd.DataFrame(columns=[*KEYS, *GIVEN, *COLUMNS])  # of a study that compresses no model
    parts = [csv_tables.read_csv(path) for path in measured]
    rows = pd.concat(parts, ignore_index=True) if parts else nothing.astype({"level": float})
    pies = csv_tables.read_csv(cells)
    tested = pies.loc[pies["split"] == "test", [*KEYS, *TAKEN]]
    rows = with_verdicts(rows).merge(tested, on=list(KEYS), how="left", validate="many_to_one")
    files.write_frame(table, with_sizes(rows, csv_tables.read_csv(frontier)))


if "snakemake" in globals():
    with jobs.job(snakemake) as job:
        main(**job.inputs, **job.outputs)
