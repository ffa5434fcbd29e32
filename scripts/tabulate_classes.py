"""Tabulate how each class fares in each cell."""

import numpy as np
import pandas as pd

from pielab import csv_tables, files, jobs
from pielab.analysis import by_probability, classes
from pielab.analysis.cell_tables import mark
from pielab.stats.significance import false_discovery


def main(settings: dict, inputs: dict, outputs: dict[str, str]) -> None:
    rng = np.random.default_rng(0)
    cards = map(files.read_json, inputs["cards"])
    described = dict(zip(settings["datasets"], cards, strict=True))
    tables, flipped = [], []
    for cell, path in zip(settings["cells"], inputs["pies"], strict=True):
        card, pies = described[cell["dataset"]], pd.read_parquet(path)
        names = card["classes"]
        truth = classes.truth_array(pies, len(names))
        rows = classes.class_table(pies, truth, cell.pop("seeds"), names, rng)
        rows = rows.join(by_probability.of_classes(truth, pies["pie_probability"].to_numpy()))
        counts = card["counts"]["train"]["classes"]
        rows.insert(1, "train_examples", [counts[name] for name in names])
        tables.append(pd.DataFrame([cell]).merge(rows, how="cross"))
        flipped.append(pd.DataFrame([cell]).merge(classes.flipped_pairs(pies, names), how="cross"))
    # One test a cell: adjusted for all cells, whose figure draws one conclusion
    p = pd.Series([table["p"].iloc[0] for table in tables])
    for table, q in zip(tables, false_discovery(p), strict=True):
        table["q"] = q
    marks = csv_tables.read_csv(inputs["cells"])
    files.write_frame(outputs["table"], mark(pd.concat(tables, ignore_index=True), marks))
    files.write_frame(outputs["pairs"], mark(pd.concat(flipped, ignore_index=True), marks))


if "snakemake" in globals():
    with jobs.job(snakemake) as job:
        main(job.settings, job.inputs, job.outputs)
