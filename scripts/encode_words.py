"""Encode a dataset as ids of word vectors, and keep the vectors of the words that it has."""

import json

import pandas as pd

from pielab import files, jobs, logs
from pielab.data import encoding
from pielab.data.vectors import embedding_table


def main(
    settings: dict, data: dict[str, str], card: str, train: str, test: str, vectors: str
) -> None:
    description = files.read_json(card)
    frames = {split: pd.read_parquet(path) for split, path in data.items()}
    split = encoding.splitter(settings["tokenizer"], settings["lowercase"])
    words = encoding.find_words(frames.values(), split)
    vocabulary, table = embedding_table(words, settings["vectors"])
    known = sum(count for word, count in words.items() if word in vocabulary)
    logs.logger.info(
        "%d of %d words have a vector: %.1f %% of the text",
        len(vocabulary),
        len(words),
        100 * known / words.total(),
    )
    for name, path in (("train", train), ("test", test)):
        examples = encoding.word_ids(frames[name], vocabulary, split, settings["max_tokens"])
        arrays = encoding.encode(examples, frames[name], len(description["classes"]))
        header = encoding.header(description, frames[name], arrays["labels"])
        files.write_arrays(path, arrays, header)
    files.write_arrays(vectors, {"vectors": table}, {"words": json.dumps(list(vocabulary))})


if "snakemake" in globals():
    with jobs.job(snakemake):
        main(
            json.loads(snakemake.params.settings),
            {"train": snakemake.input.train, "test": snakemake.input.test},
            snakemake.input.card,
            **dict(snakemake.output.items()),
        )
