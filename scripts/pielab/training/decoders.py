"""Compress decoders, in memory or for a folder of their own."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import torch

from pielab.data.calibration_texts import read_texts
from pielab.data.encoding import read_tokenizer
from pielab.methods import calibration, compressor_of
from pielab.seeds import derive_seed
from pielab.training import batches, devices, loop, matrices, models, weights
from pielab.training.compressors import Job, compressor_module

ONLY_SEED = 0


def compressed(settings: dict, pretrained: str, device: torch.device) -> Any:
    """Return the decoder of a fetched folder, compressed if there is a method."""
    model = models.build(settings["model"], pretrained, 0, ONLY_SEED).to(device)
    weights.log(model)
    method = settings.get("method")
    if method is None:
        return model
    drawn, draw = calibration(method), settings["draw"]
    texts, rows = batches.from_ids([[0]]), None
    if drawn:
        tokenizer = read_tokenizer(Path(pretrained).parent)
        frame = read_texts(drawn["file"], drawn["column"])
        texts = batches.from_ids(first_tokens(frame["text"].tolist(), tokenizer, drawn["tokens"]))
        rows = matrices.draw_texts(texts, drawn, (ONLY_SEED, draw))
    how = loop.Settings(epochs=0, learning_rate=0.0, batch_size=1)
    run = loop.Run(texts.to(device), how, derive_seed(ONLY_SEED, "draw", draw))
    job = Job(settings["level"], method, run, rows)
    return compressor_module(compressor_of(method)).compress(model, job)


def export(settings: dict, pretrained: str, folder: str | Path) -> dict[str, str]:
    """Write a compressed decoder as a folder of transformers, in the precision in which it answers.

    Returns
    -------
    dict
        `weights`, a sentence on what was compressed, and `precision`.

    Raises
    ------
    ValueError
        If what transformers reads from the folder is not what was written.
    """
    from transformers import AutoModelForCausalLM

    model = compressed(settings, pretrained, devices.choose_device(settings["device"]))
    rows = weights.by_module(weights.describe(model), weights.left_out(model))
    decoder = model.answering().cpu()
    decoder.save_pretrained(folder)
    read_tokenizer(Path(pretrained).parent).save_pretrained(folder)
    again = AutoModelForCausalLM.from_pretrained(folder, dtype="auto", trust_remote_code=False)
    found = again.state_dict()
    wrong = [
        name for name, parameter in decoder.state_dict().items() if not parameter.equal(found[name])
    ]
    if wrong:
        raise ValueError(f"{folder}: {wrong[0]} is read otherwise than it was written")
    precision = str(decoder.dtype).removeprefix("torch.")
    return {"weights": weights.sentence(rows), "precision": precision}


def first_tokens(texts: Sequence[str], tokenizer: Any, number: int) -> list[list[int]]:
    """Return the first tokens of each text, at most so many.

    Raises
    ------
    ValueError
        If a text has none.
    """
    found = [ids[:number] for ids in tokenizer(list(texts))["input_ids"]]
    for text, ids in zip(texts, found, strict=True):
        if not ids:
            raise ValueError(f"calibration.file: {text[:40]!r} has no tokens; expected some")
    return found
