"""Measure how long and how hard to read the texts of a dataset are."""

import pandas as pd

from pielab import files, jobs, logs
from pielab.analysis import readability


def main(frames: dict[str, str], outputs: dict[str, str], workers: int) -> None:
    for split, path in frames.items():
        frame = pd.read_parquet(path)
        if frame["text_pair"].isna().all():
            measured = readability.measure_texts(frame["text"], workers)
        else:
            measured = readability.measure_pairs(frame["text"], frame["text_pair"], workers)
        measured.insert(0, "example_id", frame["example_id"])
        files.write_frame(outputs[split], measured)
        logs.logger.info("%s: %d texts", split, len(measured))


if "snakemake" in globals():
    with jobs.job(snakemake) as job:
        main(job.inputs, job.outputs, snakemake.threads)
