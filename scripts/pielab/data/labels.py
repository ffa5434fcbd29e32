"""Labels as arrays, and how many examples each class has."""

import hashlib
import json
from collections import Counter
from itertools import chain

import numpy as np
import pandas as pd


def label_lists(frame: pd.DataFrame) -> list[list[int]]:
    """Return the labels of each example, also where all have one."""
    return list(frame["labels"]) if "labels" in frame else [[label] for label in frame["label"]]


def class_counts(frame: pd.DataFrame, classes: list[str]) -> dict[str, int]:
    """Return the number of examples of each class, by name."""
    counts = Counter(chain.from_iterable(label_lists(frame)))
    return {name: counts[index] for index, name in enumerate(classes)}


def label_array(frame: pd.DataFrame, n_classes: int) -> np.ndarray:
    """Return int64 (examples,) for one label an example, uint8 (examples, classes) for several."""
    if "label" in frame:
        return frame["label"].to_numpy(dtype=np.int64)
    array = np.zeros((len(frame), n_classes), dtype=np.uint8)
    for row, labels in enumerate(frame["labels"]):
        array[row, list(labels)] = 1
    return array


def examples_digest(frame: pd.DataFrame, labels: np.ndarray) -> str:
    """Return a SHA-256 of the examples' ids and labels, in their order."""
    ids = json.dumps(frame["example_id"].tolist(), ensure_ascii=False)
    return hashlib.sha256(ids.encode() + labels.tobytes()).hexdigest()


def texts_digest(frame: pd.DataFrame) -> str:
    """Return a SHA-256 of the examples' ids and texts, in their order."""
    rows = [frame[name].tolist() for name in ("example_id", "text", "text_pair")]
    return hashlib.sha256(json.dumps(rows, ensure_ascii=False).encode()).hexdigest()
