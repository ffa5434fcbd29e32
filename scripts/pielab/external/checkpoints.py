"""Predict with classifiers that were made elsewhere: Hugging Face folders and ONNX files."""

from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pandas as pd
import torch
from tqdm import tqdm

from pielab.external import class_order, outputs, tokens
from pielab.external.classifier import Classifier
from pielab.external.folders import read_folder
from pielab.external.onnx_files import read_onnx
from pielab.external.outputs import LOGITS, SOFTMAX


def predict(
    path: str, frame: pd.DataFrame, card: Mapping, settings: Mapping, device: torch.device
) -> tuple[np.ndarray, dict[str, str]]:
    """Return a model's logits, float32 (examples, classes), and what else is known of it.

    That is how it computes (device, precision), what it gives (scores), how it reads the texts
    (see tokens.describe_reading), and the order of its labels.

    Parameters
    ----------
    path : str
        A folder with a model for sequence classification, or an ONNX file, which runs on the CPU.
    frame : DataFrame
        The examples, `text` and `text_pair`.
    card : mapping
        The dataset's `task` and `classes`.
    settings : mapping
        `tokenizer`, a folder, `max_tokens`, `batch_size` and `scores`, each perhaps None, and
        `threads`.

    Raises
    ------
    ValueError
        If it is no such model, is for other classes, or predicts what is no number.
    """
    model = read_classifier(Path(path), settings, device)
    most = (model.pad_to, tokens.positions(model.described))
    length = tokens.longest(model.tokenizer, most, settings["max_tokens"], path)
    size = 1 if model.one_by_one else settings["batch_size"] or model.batch_size
    multi_label, raw = card["task"] == "multi-label", np.empty((0, 0), np.float32)
    with tqdm(total=len(frame), desc="predict", disable=None, leave=False) as progress:
        for rows, batch in tokens.token_batches(frame, model, length, size):
            scores = model.run(batch)
            if not np.isfinite(scores).all():
                raise ValueError(f"{path}: a prediction is not a finite number")
            if not len(raw):  # only now an ONNX file says how many outputs it has
                n_outputs, classes = scores.shape[1], card["classes"]
                named = {"multi_label": multi_label, "labels": settings.get("labels")}
                matched = outputs.match(model.described, n_outputs, classes, named, path)
                raw = np.empty((len(frame), n_outputs), np.float32)
            raw[rows] = scores
            progress.update(len(rows))
    # A study may mix models with tables of labels; a folder's `.logits` are what their name says
    stated = settings["scores"] if path.endswith(".onnx") else None
    meaning = _meaning(model.gives, None if stated == "labels" else stated, path)
    logits = outputs.as_logits(raw, meaning, multi_label, path)
    known = model.computed | {"scores": meaning, "label_order": _label_order(model.described)}
    known |= tokens.describe_reading(frame, model.tokenizer, length)
    arranged = outputs.arrange(logits, matched.columns)
    if {"label", "labels"} & set(frame):
        columns = matched.columns if matched.by_position else None
        notes = class_order.check(arranged[None], frame, card["classes"], columns, path)
        known |= {"note": notes[0]} if notes else {}
    return arranged, known


def _label_order(described: Mapping) -> str:
    """Return the names of a model's outputs in their order, "" if it has none."""
    names = described.get("id2label")
    if not isinstance(names, dict):
        return ""
    try:
        return ", ".join(str(names[key]) for key in sorted(names, key=int))
    except (ValueError, TypeError):
        return ""


def _meaning(known: str | None, stated: str | None, path: str) -> str:
    """Return what a model's outputs are, as it or else the config states.

    Raises
    ------
    ValueError
        If neither says it, or they contradict each other.
    """
    if known is None and stated is None:
        raise ValueError(
            f"{path}: its graph does not tell whether it gives logits or probabilities; expected "
            "predictions.scores: logits or probabilities"
        )
    if known is None:
        return LOGITS if stated == LOGITS else SOFTMAX
    if stated is not None and (stated == LOGITS) != (known == LOGITS):
        raise ValueError(
            f"{path}: gives {known} by its last operation; expected {stated}, as "
            "predictions.scores says: leave that key out"
        )
    return known


def read_classifier(path: Path, settings: Mapping, device: torch.device) -> Classifier:
    """Return the model in a folder or an ONNX file, with its tokenizer.

    Raises
    ------
    ValueError
        If there is none that can be read without running code of its makers.
    """
    tokenizer = settings["tokenizer"] and Path(settings["tokenizer"])
    if path.suffix != ".onnx":
        return read_folder(path, tokenizer or path, device)
    # The hub keeps exported files in a folder below the model's
    folders = [tokenizer] if tokenizer else [path.parent, path.parent.parent]
    return read_onnx(path, folders, settings["threads"])
