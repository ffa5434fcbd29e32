"""Tabulate what each method costs and gives: size as stored, score, and negative flips."""

import numpy as np
import pandas as pd

from pielab import csv_tables, files, jobs
from pielab.analysis.frontier import frontier
from pielab.vocabulary import KEYS


def main(settings: dict, inputs: dict, outputs: dict[str, str]) -> None:
    # Of predictions that are shared there are no weights, and no sizes
    described: dict = {}
    by_module: list[dict] = []
    if inputs["weights"]:
        # Imported late: they bring torch, which takes longer than the rest of the job
        from pielab.training import storage
        from pielab.training import weights as weights_of

        for (dataset, model), path in zip(settings["pairs"], inputs["weights"], strict=True):
            read = weights_of.read_description(path)
            described[dataset, model] = read
            of_model = weights_of.by_module(read.weights, read.left_out)
            by_module += [{"dataset": dataset, "model": model} | row for row in of_model]
    rows, flips = [], []
    for cell, path in zip(settings["cells"], inputs["pies"], strict=True):
        dense = described.get((cell["dataset"], cell["model"]))
        sizes = dict.fromkeys(("bytes", "dense_bytes", "level_reached"), np.nan)
        if dense is not None:
            method = settings["methods"][cell["method"]]
            sizes = {
                "bytes": storage.stored_bytes(dense.weights, method, cell["level"], dense.each),
                "dense_bytes": storage.dense_bytes(dense.weights, dense.each),
                "level_reached": storage.level_reached(dense.weights, method, cell["level"]),
            }
        rows.append({name: cell[name] for name in KEYS} | sizes)
        flips.append((pd.read_parquet(path, columns=["flip"])["flip"] == "negative").to_numpy())
    cells = csv_tables.read_csv(inputs["cells"])
    files.write_frame(outputs["table"], frontier(rows, flips, cells))
    columns = ["dataset", "model", "module", "role", "parameters"]
    files.write_frame(outputs["weights"], pd.DataFrame(by_module, columns=columns))


if "snakemake" in globals():
    with jobs.job(snakemake) as job:
        main(job.settings, job.inputs, job.outputs)
