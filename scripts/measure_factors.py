"""Measure what may make a dataset's texts break, as far as no model of the study is asked."""

import pandas as pd

from pielab import files, jobs
from pielab.causes import texts


def main(inputs: dict, outputs: dict[str, str]) -> None:
    embeddings = inputs["embeddings"]  # [] of a study that embeds no texts
    arrays = files.read_arrays(embeddings)[0] if embeddings else None
    frames = {split: pd.read_parquet(inputs[split]) for split in outputs}
    measured = texts.measure_splits(frames, len(files.read_json(inputs["card"])["classes"]), arrays)
    for split, table in measured.items():
        files.write_frame(outputs[split], table)


if "snakemake" in globals():
    with jobs.job(snakemake) as job:
        main(job.inputs, job.outputs)
