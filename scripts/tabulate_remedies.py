"""Tabulate what each remedy mends and costs, and what fallbacks leave of negative flips."""

from collections.abc import Sequence

import pandas as pd

from pielab import csv_tables, files, jobs
from pielab.analysis import fallback
from pielab.analysis.remedies import COLUMNS, GIVEN, with_verdicts
from pielab.vocabulary import FALLBACK, KEYS, MODELS, TRAINING

TAKEN = ("primary", "level_unit", "level_text", "is_compressed", "collapsed")  # of pies.csv


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


def joined(paths: list[str], columns: Sequence[str], cells: pd.DataFrame) -> pd.DataFrame:
    """Return the rows of all pairs, with the marks that `cells` has for each.

    `columns`: those of the rows, for a study that compresses no model and has none.
    """
    nothing = pd.DataFrame(columns=[*KEYS, *columns]).astype({"level": float})
    parts = [csv_tables.read_csv(path) for path in paths]
    rows = pd.concat(parts, ignore_index=True) if parts else nothing
    return rows.merge(cells, on=list(KEYS), how="left", validate="many_to_one")


def main(inputs: dict, outputs: dict[str, str]) -> None:
    pies, frontier = (csv_tables.read_csv(inputs[name]) for name in ("cells", "frontier"))
    tested = pies.loc[pies["split"] == "test", [*KEYS, *TAKEN]]
    rows = joined(inputs["remedies"], [*GIVEN, *COLUMNS], tested.drop(columns="is_compressed"))
    files.write_frame(outputs["remedies"], with_sizes(with_verdicts(rows), frontier))
    rows = joined(inputs["fallback"], fallback.COLUMNS, tested)
    files.write_frame(outputs["fallback"], fallback.with_sizes(rows, frontier))


if "snakemake" in globals():
    with jobs.job(snakemake) as job:
        main(job.inputs, job.outputs)
