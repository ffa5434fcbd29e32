"""Embed a dataset's texts, and measure how much of their words a tokenizer cuts."""

import numpy as np
import pandas as pd

from pielab import files, jobs
from pielab.causes import lexical
from pielab.data.labels import texts_digest
from pielab.training import devices, embedding, encoders, minilm


def main(settings: dict, frames: dict[str, str], embeddings: str) -> None:
    devices.make_deterministic(settings["threads"])
    device = devices.choose_device(settings["device"])
    folder = minilm.folder()
    encoder = encoders.read_encoder(folder)
    tokenizer = embedding.read_tokenizer(folder)
    arrays: dict[str, np.ndarray] = {}
    header: dict[str, str] = {}
    for split, path in frames.items():
        frame = pd.read_parquet(path)
        header[split] = texts_digest(frame)
        arrays[split] = embedding.embed(frame, encoder, tokenizer, str(device)).astype(np.float16)
        words = [lexical.split_words(text) for text in lexical.joined_texts(frame)]
        arrays[f"{split}_fragmented"] = embedding.fragmented_share(words, tokenizer)
    files.write_arrays(embeddings, arrays, header)


if "snakemake" in globals():
    with jobs.job(snakemake) as job:
        main(job.settings, job.inputs, **job.outputs)
