"""Encode a dataset as ids of word vectors, and keep the vectors of the words that it has."""

import json

import pandas as pd

from pielab import files, jobs, logs
from pielab.data import encoding
from pielab.data.vectors import embedding_table


def main(settings: dict, inputs: dict, outputs: dict[str, str]) -> None:
    description = files.read_json(inputs["card"])
    frames = {split: pd.read_parquet(inputs[split]) for split in ("train", "test")}
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
    for name, frame in frames.items():
        examples = encoding.word_ids(frame, vocabulary, split, settings["max_tokens"])
        files.write_arrays(outputs[name], *encoding.encode(examples, frame, description))
    files.write_arrays(
        outputs["vectors"], {"vectors": table}, {"words": json.dumps(list(vocabulary))}
    )


if "snakemake" in globals():
    with jobs.job(snakemake) as job:
        main(job.settings, job.inputs, job.outputs)
