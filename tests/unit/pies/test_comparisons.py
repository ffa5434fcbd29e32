"""What comparisons of a dataset and model share is read once."""

import numpy as np
import pandas as pd
import pytest

from pielab import files
from pielab.data.labels import examples_digest, label_array
from pielab.pies import reading
from pielab.pies.comparisons import PairFiles, read_comparisons

CELLS = [
    {"dataset": "d", "model": "m", "method": method, "level": "sparsity50", "baseline": "dense"}
    for method in ("imp-ft", "ibp-ai")
]


@pytest.fixture
def pair(tmp_path):
    """Return the files of a dataset and model, with one label for each example."""
    return write_pair(tmp_path, {"label": [0, 1, 2, 1]})


def write_pair(folder, labels):
    rng = np.random.default_rng(0)
    (folder / "card.json").write_text('{"classes": ["a", "b", "c"]}')
    frames, predictions = {}, {"train": [], "test": []}
    for split in ("train", "test"):
        frame = pd.DataFrame({"example_id": [*"wxyz"], "text": "long", **labels})
        frames[split] = str(folder / f"{split}.parquet")
        frame.to_parquet(frames[split])
        digest = examples_digest(frame, label_array(frame, 3))
        for group in ("dense/none", "imp-ft/sparsity50", "ibp-ai/sparsity50"):
            path = folder / group / f"seeds0-1.{split}.safetensors"
            logits = rng.normal(size=(2, 4, 3)).astype(np.float32)
            files.write_arrays(
                path, {"seeds": np.arange(2), "logits": logits}, {"examples": digest}
            )
            predictions[split].append(str(path))
    return PairFiles(str(folder / "card.json"), frames, predictions)


def read_paths(monkeypatch):
    """Return a list to which each block of predictions that is read adds its path."""
    read, plain = [], files.read_logits

    def watch(paths, examples):
        read.extend("/".join(path.split("/")[-3:]) for path in paths)
        return plain(paths, examples)

    monkeypatch.setattr(reading.files, "read_logits", watch)
    return read


def test_a_baseline_of_several_comparisons_is_read_once(pair, monkeypatch):
    read = read_paths(monkeypatch)
    first, second = (cell for _, cell in read_comparisons({"ties": "lowest", "cells": CELLS}, pair))
    assert first.baseline is second.baseline
    assert read == [
        "dense/none/seeds0-1.test.safetensors",
        "imp-ft/sparsity50/seeds0-1.test.safetensors",
        "ibp-ai/sparsity50/seeds0-1.test.safetensors",
    ]


def test_several_labels_take_their_thresholds_from_the_training_split(tmp_path, monkeypatch):
    pair = write_pair(tmp_path, {"labels": [[0], [1, 2], [2], [0, 1]]})
    read = read_paths(monkeypatch)
    ((_, cell),) = read_comparisons({"ties": "lowest", "cells": CELLS[:1]}, pair)
    assert cell.multi_label
    assert {path.split(".")[-2] for path in read} == {"train", "test"}


def test_texts_are_left_in_the_file_of_examples(pair):
    examples = reading.read_examples(pair.frames["test"], 3)
    assert (examples.ids.tolist(), examples.labels.tolist()) == ([*"wxyz"], [0, 1, 2, 1])
    assert examples.clusters is None
