"""Measure what may make a dataset's texts break, as far as no model of the study is asked."""

import pandas as pd

from pielab import files, jobs
from pielab.causes import texts


def main(
    frames: dict[str, str], card: str, embeddings: str | None, outputs: dict[str, str]
) -> None:
    arrays = files.read_arrays(embeddings)[0] if embeddings else None
    read = {split: pd.read_parquet(path) for split, path in frames.items()}
    measured = texts.measure_splits(read, len(files.read_json(card)["classes"]), arrays)
    for split, table in measured.items():
        files.write_frame(outputs[split], table)


if "snakemake" in globals():
    inputs = snakemake.input
    with jobs.job(snakemake):
        main(
            {"train": inputs.train, "test": inputs.test},
            inputs.card,
            inputs.get("embeddings") or None,
            dict(snakemake.output.items()),
        )
