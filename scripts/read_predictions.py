"""Read what models that others made say of a split, and write it as models leave it here."""

import json
from pathlib import Path

import numpy as np
import pandas as pd
from scipy.special import logit

from pielab import files, logs
from pielab.data.labels import examples_digest, label_array
from pielab.given import answers, tables


def read_members(
    settings: dict, classes: list[str], ids: list[str]
) -> tuple[list[str], np.ndarray]:
    """Return the names of all models and their logits, float32 (models, examples, classes)."""
    names, logits = [], []
    for path in settings["files"]:
        found, own = answers.align(tables.read_answers(path, classes, settings), ids, path)
        # Files that each hold one model are told apart by their names
        names += [name or Path(path).stem for name in found]
        logits.append(own)
    expected = settings["seeds"] * settings["draws"]
    if len(names) != expected:
        each = f" by {settings['draws']} draws" if settings["draws"] > 1 else ""
        raise ValueError(
            f"{', '.join(settings['files'])}: {len(names)} models ({', '.join(names[:10])}); "
            f"expected {expected}, the model's seeds{each}"
        )
    return names, np.concatenate(logits)


def at_threshold(logits: np.ndarray, threshold: float, path: str) -> np.ndarray:
    """Return logits of two classes whose second is the larger where its probability is above.

    Raises
    ------
    ValueError
        If there are other than two classes.
    """
    if logits.shape[2] != 2:
        raise ValueError(
            f"{path}: predictions.threshold is {threshold}, of {logits.shape[2]} classes; "
            "expected two classes, or several labels"
        )
    moved = logits.copy()
    moved[:, :, 1] -= logit(threshold)
    return moved


def main(settings: dict, card: str, examples: str, predictions: str) -> None:
    described = files.read_json(card)
    multi_label = described["task"] == "multi-label"
    frame = pd.read_parquet(examples)
    labels = label_array(frame, len(described["classes"]))
    ids = [str(name) for name in frame["example_id"]]
    settings = settings | {"multi_label": multi_label}
    names, logits = read_members(settings, described["classes"], ids)
    if settings["threshold"] is not None and not multi_label:
        logits = at_threshold(logits, settings["threshold"], settings["files"][0])
    members = np.arange(len(names), dtype=np.int32)
    arrays = {"logits": logits, "seeds": members // settings["draws"]}
    if settings["draws"] > 1:
        arrays["draws"] = members % settings["draws"]
    header = {
        "examples": examples_digest(frame, labels),
        "members": json.dumps(names, ensure_ascii=False),
        "scores": settings["scores"],
    }
    files.write_arrays(predictions, arrays, header)
    logs.logger.info("%d models, %d examples", len(names), len(ids))


if "snakemake" in globals():
    with logs.job(snakemake.log[0]):
        main(
            json.loads(snakemake.params.settings),
            snakemake.input.card,
            snakemake.input.examples,
            snakemake.output.predictions,
        )
