"""Gather what is known of each text without asking the study's models."""

import numpy as np
import pandas as pd

from pielab import files
from pielab.causes import doubt, lexical, semantic
from pielab.data.labels import label_array, texts_digest

NEAREST = "nearest"  # column of lists: the examples of the training split that are nearest


def class_frequency(labels: np.ndarray, training: np.ndarray, n_classes: int) -> np.ndarray:
    """Return how many training texts have each text's class, of several the rarest; else NaN.

    Parameters
    ----------
    labels, training : int64 (texts,) of one label, uint8 (texts, classes) of several
    """
    counts = semantic.label_sets(training, n_classes).sum(axis=0, dtype=np.float64)
    has_class = semantic.label_sets(labels, n_classes) > 0
    rarest = np.where(has_class, counts, np.inf).min(axis=1)
    return np.where(np.isfinite(rarest) & (len(training) > 0), rarest, np.nan)


def read_embeddings(path: str, frames: dict[str, pd.DataFrame]) -> dict[str, np.ndarray]:
    """Return the arrays that measure_splits takes, of a file that may come from another study.

    Raises
    ------
    ValueError
        If they are of other texts.
    """
    arrays, header = files.read_arrays(path)
    for split, frame in frames.items():
        digest = texts_digest(frame)
        if header.get(split) != digest:
            raise ValueError(
                f"{path}: embeddings of {split} texts {str(header.get(split))[:8]}; expected "
                f"{digest[:8]}, the digest of this dataset's ids and texts: without the file the "
                "texts are embedded here"
            )
    return arrays


def measure_splits(
    frames: dict[str, pd.DataFrame], n_classes: int, arrays: dict[str, np.ndarray] | None
) -> dict[str, pd.DataFrame]:
    """Return the factors of the texts of `train` and `test`, one row an example.

    Parameters
    ----------
    frames : dict of DataFrame
        `example_id`, `text`, `text_pair` and labels.
    arrays : dict of array, optional
        `train` and `test`, embeddings (texts, width), and `train_fragmented` and
        `test_fragmented`; without them, what they tell is left out.
    """
    training = frames["train"]
    counts = lexical.text_counts(map(lexical.split_words, lexical.joined_texts(training)))
    labels = {split: label_array(frame, n_classes) for split, frame in frames.items()}
    tables = {}
    for split, frame in frames.items():
        table = pd.DataFrame({"example_id": frame["example_id"]})
        table["class_frequency"] = class_frequency(labels[split], labels["train"], n_classes)
        table = table.join(lexical.measure(frame, counts, split == "train"))
        if arrays:
            table["fragmented"] = arrays[f"{split}_fragmented"]
            meant = _meaning(arrays, labels, split, n_classes)
            ids = training["example_id"].to_numpy()
            rows = meant.pop(NEAREST)
            found = ids[rows] if len(ids) else rows.astype(object)
            table = table.join(pd.DataFrame(meant))
            table[NEAREST] = [
                [one for one, row in zip(own, places, strict=True) if row >= 0]
                for own, places in zip(found, rows, strict=True)
            ]
        tables[split] = table
    return tables


def _meaning(
    arrays: dict[str, np.ndarray], labels: dict[str, np.ndarray], split: str, n_classes: int
) -> dict[str, np.ndarray]:
    """Return the semantic factors of a split, and the nearest training texts by their rows."""
    embedded, training = (arrays[name].astype(np.float32) for name in (split, "train"))
    sets = {name: semantic.label_sets(labels[name], n_classes) for name in (split, "train")}
    is_training = split == "train"
    given = (embedded, sets[split], training, sets["train"], is_training)
    near = semantic.neighbours(*given)
    columns = {
        "neighbour_distance": near.distance,
        "neighbours_other_label": near.other_label,
        "typicality": semantic.typicality(*given),
        NEAREST: near.nearest,
    }
    if is_training:
        chances = doubt.cross_validated(embedded, labels[split], n_classes)
        columns |= _doubts(chances, labels[split])
    return columns


def _doubts(chances: np.ndarray, labels: np.ndarray) -> dict[str, np.ndarray]:
    """Return how much models that were not trained on each text doubt its label, and whether."""
    if not np.isfinite(chances).all() or labels.ndim == 2:
        return dict.fromkeys(("label_doubt", "doubted"), np.full(len(labels), np.nan))
    return {
        "label_doubt": doubt.of_label(chances, labels),
        "doubted": doubt.is_doubted(chances, labels) * 1.0,
    }
