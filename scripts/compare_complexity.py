"""Compare the text complexity of PIEs with that of the other examples in all cells."""

import pandas as pd

from pielab import csv_tables, files, jobs
from pielab.analysis import by_probability, contrast
from pielab.analysis.cell_tables import mark

COLUMNS = ("pie", "baseline_margin", "pie_probability")


def main(settings: dict, inputs: dict, outputs: dict[str, str]) -> None:
    tables = []
    for split in [split for split in ("train", "test") if split in inputs]:
        by_dataset = {
            dataset: pd.read_parquet(path).drop(columns="example_id")
            for dataset, path in zip(settings["datasets"], inputs[split], strict=True)
        }
        for cell, path in zip(settings["cells"], inputs[f"{split}_pies"], strict=True):
            pies = pd.read_parquet(path, columns=list(COLUMNS))
            pie, margin, probability = (pies[name].to_numpy() for name in COLUMNS)
            texts = by_dataset[cell["dataset"]]
            compared = contrast.contrast_measures(texts, pie, margin).join(
                by_probability.of_measures(texts, probability, margin)
            )
            tables.append(pd.DataFrame([cell | {"split": split}]).merge(compared, how="cross"))
    marked = mark(pd.concat(tables, ignore_index=True), csv_tables.read_csv(inputs["cells"]))
    files.write_frame(outputs["table"], marked)


if "snakemake" in globals():
    with jobs.job(snakemake) as job:
        main(job.settings, job.inputs, job.outputs)
