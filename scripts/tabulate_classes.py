"""Tabulate how each class fares in each cell."""

import json

import numpy as np
import pandas as pd

from pielab import files, logs
from pielab.analysis import classes
from pielab.analysis.collapse import mark
from pielab.stats.significance import false_discovery


def main(settings: dict, cards: list[str], found: list[str], cells: str, table: str) -> None:
    rng = np.random.default_rng(0)
    described = dict(zip(settings["datasets"], map(files.read_json, cards), strict=True))
    tables = []
    for cell, path in zip(settings["cells"], found, strict=True):
        card, pies = described[cell["dataset"]], pd.read_parquet(path)
        names = card["classes"]
        truth = classes.truth_array(pies, len(names))
        rows = classes.class_table(pies, truth, cell.pop("seeds"), names, rng)
        counts = card["counts"]["train"]["classes"]
        rows.insert(1, "train_examples", [counts[name] for name in names])
        tables.append(pd.DataFrame([cell]).merge(rows, how="cross"))
    # One test a cell: adjusted for all cells, whose figure draws one conclusion
    p = pd.Series([one["p"].iloc[0] for one in tables])
    for one, q in zip(tables, false_discovery(p), strict=True):
        one["q"] = q
    marked = mark(pd.concat(tables, ignore_index=True), pd.read_csv(cells))
    files.write_frame(table, marked)


if "snakemake" in globals():
    with logs.job(snakemake.log[0]):
        main(
            json.loads(snakemake.params.settings),
            list(snakemake.input.cards),
            list(snakemake.input.pies),
            snakemake.input.cells,
            snakemake.output.table,
        )
