"""Encode a dataset with the tokenizer of a pretrained encoder."""

import json
from pathlib import Path

import pandas as pd

from pielab import files, logs
from pielab.data import encoding


def main(
    settings: dict, data: dict[str, str], card: str, tokenizer: str, train: str, test: str
) -> None:
    from transformers import AutoTokenizer

    description = files.read_json(card)
    loaded = AutoTokenizer.from_pretrained(tokenizer)
    for split, path in (("train", train), ("test", test)):
        frame = pd.read_parquet(data[split])
        examples = encoding.subword_ids(frame, loaded, settings["max_tokens"])
        encoding.write_encoded(path, examples, frame, description)


if "snakemake" in globals():
    with logs.job(snakemake.log[0]):
        main(
            json.loads(snakemake.params.settings),
            {"train": snakemake.input.train, "test": snakemake.input.test},
            snakemake.input.card,
            str(Path(snakemake.input.tokenizer).parent),
            **dict(snakemake.output.items()),
        )
