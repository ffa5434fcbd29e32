"""Measure what may make a dataset's texts break, as far as no model of the study is asked."""

import pandas as pd

from pielab import files, jobs
from pielab.causes import texts


def main(inputs: dict, outputs: dict[str, str]) -> None:
    frames = {split: pd.read_parquet(inputs[split]) for split in outputs}
    embedded = inputs["embeddings"]  # a file, or none of a study that embeds no texts
    arrays = texts.read_embeddings(embedded[0], frames) if embedded else None
    measured = texts.measure_splits(frames, len(files.read_json(inputs["card"])["classes"]), arrays)
    for split, table in measured.items():
        files.write_frame(outputs[split], table)


if "snakemake" in globals():
    with jobs.job(snakemake) as job:
        main(job.inputs, job.outputs)
