"""Encode the texts without labels that a method calibrates a model with."""

import json
from pathlib import Path

from pielab import files, jobs
from pielab.data import encoding
from pielab.data.calibration_texts import read_texts


def main(settings: dict, card: str, folder: str, output: str) -> None:
    from transformers import AutoTokenizer

    frame, described = read_texts(settings["file"], settings["column"]), files.read_json(card)
    tokenizer = AutoTokenizer.from_pretrained(folder, trust_remote_code=False)
    classes, several = len(described["classes"]), described["task"] == "multi-label"
    if several:
        frame = frame.drop(columns="label").assign(labels=[[] for _ in range(len(frame))])
    examples = encoding.subword_ids(frame, tokenizer, settings["max_tokens"])
    arrays = encoding.encode(examples, frame, classes)
    files.write_arrays(output, arrays, encoding.header(described, frame, arrays["labels"]))


if "snakemake" in globals():
    with jobs.job(snakemake):
        main(
            json.loads(snakemake.params.settings),
            snakemake.input.card,
            str(Path(snakemake.input.tokenizer).parent),
            snakemake.output[0],
        )
