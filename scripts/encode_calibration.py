"""Encode the texts without labels that a method calibrates a model with."""

from pathlib import Path

from pielab import files, jobs
from pielab.data import encoding
from pielab.data.calibration_texts import read_texts


def main(settings: dict, inputs: dict, output: str) -> None:
    from transformers import AutoTokenizer

    frame = read_texts(settings["file"], settings["column"])
    described = files.read_json(inputs["card"])
    folder = Path(inputs["tokenizer"]).parent
    tokenizer = AutoTokenizer.from_pretrained(folder, trust_remote_code=False)
    classes, several = len(described["classes"]), described["task"] == "multi-label"
    if several:
        frame = frame.drop(columns="label").assign(labels=[[] for _ in range(len(frame))])
    examples = encoding.subword_ids(frame, tokenizer, settings["max_tokens"])
    arrays = encoding.encode(examples, frame, classes)
    files.write_arrays(output, arrays, encoding.header(described, frame, arrays["labels"]))


if "snakemake" in globals():
    with jobs.job(snakemake) as job:
        main(job.settings, job.inputs, snakemake.output[0])
