"""Encode the texts without labels that a method calibrates a model with."""

from pathlib import Path

from pielab import files, jobs
from pielab.data import encoding
from pielab.data.calibration_texts import read_texts


def main(settings: dict, inputs: dict, output: str) -> None:
    frame = read_texts(settings["file"], settings["column"])
    described = files.read_json(inputs["card"])
    tokenizer = encoding.read_tokenizer(Path(inputs["tokenizer"]).parent)
    if described["task"] == "multi-label":
        frame = frame.drop(columns="label").assign(labels=[[] for _ in range(len(frame))])
    examples = encoding.subword_ids(frame, tokenizer, settings["max_tokens"])
    files.write_arrays(output, *encoding.encode(examples, frame, described))


if "snakemake" in globals():
    with jobs.job(snakemake) as job:
        main(job.settings, job.inputs, snakemake.output[0])
