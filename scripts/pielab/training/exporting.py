"""Write a compressed model as a folder of transformers, and check that it decides as here."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import torch

from pielab.data.encoding import read_tokenizer
from pielab.training import models
from pielab.training.architectures import architecture_module


def write(
    model: models.Classifier,
    settings: Mapping,
    labels: Sequence[str],
    inputs: Mapping[str, str],
    folder: Path,
) -> None:
    """Write a compressed model with its tokenizer and its labels, in float32.

    Parameters
    ----------
    settings : mapping
        `model`, its architecture and the like; `max_tokens`, to which texts are cut, perhaps None;
        `multi_label`.
    labels : sequence of str
        The names of the classes, in their order.
    inputs : mapping
        `pretrained`: the weights that the model started from, in a fetched folder.

    Raises
    ------
    ValueError
        If transformers has no class for such a model.
    """
    classifier = whole(model, settings["model"], inputs, len(labels))
    config = classifier.config
    config.id2label = dict(enumerate(labels))
    config.label2id = {label: number for number, label in enumerate(labels)}
    labelling = "multi" if settings["multi_label"] else "single"
    config.problem_type = f"{labelling}_label_classification"
    classifier.save_pretrained(folder)
    tokenizer = read_tokenizer(Path(inputs["pretrained"]).parent)
    tokenizer.model_max_length = settings["max_tokens"] or tokenizer.model_max_length
    tokenizer.save_pretrained(folder)


def whole(
    model: models.Classifier, settings: dict, inputs: Mapping[str, str], n_classes: int
) -> Any:
    """Return the classifier of transformers that a model is, with all that it was not trained on.

    `settings`: as models.build takes them; `inputs`: as write takes them.

    Raises
    ------
    ValueError
        If transformers has no class for such a model.
    """
    name = settings["architecture"]
    module = architecture_module(name)
    if not hasattr(module, "whole"):
        raise ValueError(f"architecture {name}: transformers has no class for such a model")
    return module.whole(model.cpu(), settings, inputs["pretrained"], n_classes)


def longest(folder: Path) -> int:
    """Return the tokens to which a folder's tokenizer cuts a text."""
    return int(read_tokenizer(folder).model_max_length)


def decide(folder: Path, frame: pd.DataFrame, max_tokens: int | None, several: bool) -> np.ndarray:
    """Return what a folder's pipeline predicts for texts: float (texts, classes), probabilities.

    Parameters
    ----------
    frame : DataFrame
        `text` and `text_pair`.
    several : bool
        Whether a text may have several labels.
    """
    from transformers import pipeline

    classifier: Any = pipeline("text-classification", model=str(folder), device="cpu")
    limits = {"truncation": True, "max_length": max_tokens or classifier.tokenizer.model_max_length}
    texts = [
        {"text": text, "text_pair": pair} if isinstance(pair, str) else {"text": text}
        for text, pair in zip(frame["text"], frame["text_pair"], strict=True)
    ]
    apply = "sigmoid" if several else "softmax"
    place = classifier.model.config.label2id
    probabilities = np.empty((len(texts), len(place)))
    with torch.inference_mode():
        for row, text in enumerate(texts):
            for answers in classifier(text, top_k=None, function_to_apply=apply, **limits):
                probabilities[row, place[answers["label"]]] = answers["score"]
    return probabilities


def check(
    folder: Path, probabilities: np.ndarray, logits: np.ndarray, frame: pd.DataFrame, several: bool
) -> None:
    """Raise if a folder decides otherwise than the audited model.

    Parameters
    ----------
    probabilities : float (texts, classes)
        As decide returns them.
    logits : float32 (texts, classes)
        Of the audited model.

    Raises
    ------
    ValueError
        With the number of texts, and the first of them.
    """
    if several:
        differ = ((probabilities > 0.5) != (logits > 0)).any(axis=1)
    else:
        differ = probabilities.argmax(axis=1) != logits.argmax(axis=1)
    if differ.any():
        row = int(np.flatnonzero(differ)[0])
        raise ValueError(
            f"{folder}: decides otherwise than the audited model on {int(differ.sum())} of "
            f"{len(probabilities)} texts, such as example {frame['example_id'].iloc[row]}; "
            "expected none"
        )
