"""Pick the PIEs of each cell whose votes changed most, and most clearly, with their texts."""

import pandas as pd

from pielab import csv_tables, files, jobs
from pielab.analysis.cell_tables import mark
from pielab.pies.examples import in_words, shown_flips

MOST = 3  # of each kind of flip in each cell
MOST_SURE = 5


def main(settings: dict, inputs: dict, outputs: dict[str, str]) -> None:
    columns = ["example_id", "text", "text_pair"]
    names, texts = {}, {}
    for dataset, card, frame in zip(
        settings["datasets"], inputs["cards"], inputs["frames"], strict=True
    ):
        names[dataset] = files.read_json(card)["classes"]
        texts[dataset] = pd.read_parquet(frame, columns=columns)
    tables = []
    for cell, path in zip(settings["cells"], inputs["pies"], strict=True):
        picked = shown_flips(pd.read_parquet(path), cell.pop("seeds"), MOST, MOST_SURE)
        shown = picked[["flip", "example_id", "surest", "vote_change", "q", "tier"]]
        shown = shown.assign(**in_words(picked, names[cell["dataset"]]))
        shown = shown.merge(texts[cell["dataset"]], on="example_id", how="left")
        tables.append(pd.DataFrame([cell]).merge(shown, how="cross"))
    marked = mark(pd.concat(tables, ignore_index=True), csv_tables.read_csv(inputs["cells"]))
    files.write_frame(outputs["table"], marked)


if "snakemake" in globals():
    with jobs.job(snakemake) as job:
        main(job.settings, job.inputs, job.outputs)
