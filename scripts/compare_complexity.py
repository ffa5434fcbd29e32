"""Compare the text complexity of PIEs with that of the other examples in all cells."""

import json

import pandas as pd

from pielab import csv_tables, files, jobs
from pielab.analysis import by_probability, contrast
from pielab.analysis.cell_tables import mark

COLUMNS = ("pie", "baseline_margin", "pie_probability")


def main(settings: dict, measures: dict, found: dict, cells: str, table: str) -> None:
    tables = []
    for split, paths in measures.items():
        by_dataset = {
            dataset: pd.read_parquet(path).drop(columns="example_id")
            for dataset, path in zip(settings["datasets"], paths, strict=True)
        }
        for cell, path in zip(settings["cells"], found[split], strict=True):
            pies = pd.read_parquet(path, columns=list(COLUMNS))
            pie, margin, probability = (pies[name].to_numpy() for name in COLUMNS)
            texts = by_dataset[cell["dataset"]]
            compared = contrast.contrast_measures(texts, pie, margin).join(
                by_probability.of_measures(texts, probability, margin)
            )
            tables.append(pd.DataFrame([cell | {"split": split}]).merge(compared, how="cross"))
    marked = mark(pd.concat(tables, ignore_index=True), csv_tables.read_csv(cells))
    files.write_frame(table, marked)


if "snakemake" in globals():
    inputs = snakemake.input
    splits = [split for split in ("train", "test") if inputs.get(split)]
    with jobs.job(snakemake):
        main(
            json.loads(snakemake.params.settings),
            {split: list(inputs[split]) for split in splits},
            {split: list(inputs[f"{split}_pies"]) for split in splits},
            inputs.cells,
            snakemake.output.table,
        )
