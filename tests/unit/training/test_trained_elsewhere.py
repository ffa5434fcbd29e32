"""Classifiers that were trained elsewhere: with several labels, their layers, and their export."""

import copy
import json
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import nn
from transformers import BertForSequenceClassification

import encode_subwords
import read_checkpoints
from helpers.external_models import CLASSES, card, one_by_one, save_bert, texts
from pielab import files
from pielab.training import batches, checkpoints, compressing, exporting, predict, restoring
from pielab.training.architectures import transformer
from pielab.training.compressors import quantise

ORDERS = (CLASSES, CLASSES[::-1])  # in which the two folders have the classes
JOB = {
    "model": {
        "architecture": "transformer",
        "freeze_embeddings": False,
        "freeze_layers": None,
    },
    "training": {"epochs": 0, "learning_rate": 0.0, "batch_size": 8, "pad_to": None},
    "method": {"compressor": "quantise", "bits": 3, "group": None},
    "device": "cpu",
    "threads": 1,
}


@pytest.fixture(scope="module", autouse=True)
def _usual_numbers():
    """Undo for other tests what jobs set for their process."""
    yield
    torch.set_flush_denormal(False)


@pytest.fixture(scope="module")
def brought(tmp_path_factory):
    """Two classifiers for several labels, read as the dense models: folders, texts, paths."""
    root = tmp_path_factory.mktemp("several")
    several = {"problem_type": "multi_label_classification"}
    folders = [
        str(save_bert(root / f"seed{seed}", order, seed, **several))
        for seed, order in enumerate(ORDERS)
    ]
    frame = texts(24, seed=5)
    labels = np.random.default_rng(0).integers(0, 2, (24, 3)).astype(np.uint8)
    frame = frame.assign(example_id=range(24), labels=list(labels))
    paths = {"test": str(root / "test.parquet"), "card": str(root / "card.json")}
    frame.to_parquet(paths["test"])
    (root / "card.json").write_text(json.dumps(card(task="multi-label")))
    (root / "fetched").mkdir()
    fetched = {"layers": None, "revision": None, "dropout": None, "folders": folders}
    transformer.fetch(fetched, folders[0], str(root / "fetched"))
    inputs = {
        "test": str(root / "test.safetensors"),
        "pretrained": str(root / "fetched/model.safetensors"),
    }
    read = paths | {"tokenizer": str(root / "fetched/tokenizer.json")}
    encode_subwords.main({"max_tokens": 24}, read, {"test": inputs["test"]})
    made = {name: str(root / f"{name}.made.safetensors") for name in ("weights", "test")}
    job = JOB | {"folders": folders}
    stop = checkpoints.Checkpoint(made["test"], 10**6, ["s"], [])
    read_checkpoints.main(job, range(2), paths, stop, inputs, made)
    return folders, frame, inputs | {"dense": made["weights"]}, made["test"]


def in_order(logits, seed):
    """Return a folder's logits in the order of the classes."""
    return logits[:, [ORDERS[seed].index(name) for name in CLASSES]]


def rounded(folder):
    """Return a folder's classifier, its matrices rounded to three bits."""
    own = BertForSequenceClassification.from_pretrained(folder)
    with torch.no_grad():
        for name, module in own.named_modules():
            if isinstance(module, nn.Linear) and name != "classifier":
                codes = quantise.quantise(module.weight, 3)
                module.weight.copy_(quantise.dequantise(*codes))
    return own


def said_by(own, folder, frame, path):
    """Return what a changed classifier of a folder says of texts."""
    own.save_pretrained(path)
    for file in (*folder.glob("*token*"), *folder.glob("vocab*")):
        (path / file.name).write_bytes(file.read_bytes())
    return one_by_one(path, frame)


def test_with_several_labels_the_dense_logits_are_those_of_the_folders_by_class(brought):
    folders, frame, _, predicted = brought
    logits = files.read_arrays(predicted)[0]["logits"]
    for seed, folder in enumerate(folders):
        expected = in_order(one_by_one(folder, frame), seed)
        np.testing.assert_allclose(logits[seed], expected, atol=1e-4)
    assert not np.allclose(logits[0], logits[1], atol=0.1)


def test_layers_that_are_put_back_are_those_of_the_folders(brought, tmp_path):
    folders, frame, inputs, _ = brought
    path = tmp_path / "layers.safetensors"
    keys = compressing.model_keys("0-1")
    restoring.run_block(JOB, keys, 3.0, inputs, str(path))
    arrays, header = files.read_arrays(path)
    layers = json.loads(header["layers"])
    assert len(layers) == 2 * 6 + 1  # of two layers, and the pooler
    assert all(name.startswith("model.bert.") for name in layers)
    for seed, number in ((0, 3), (1, 12)):
        name = layers[number].removeprefix("model.")
        folder = Path(folders[seed])
        dense, small = BertForSequenceClassification.from_pretrained(folder), rounded(folder)
        pair = ((small, dense, "restored"), (dense, small, "implanted"))
        for base, other, kind in pair:
            mixed = copy.deepcopy(base)
            mixed.get_submodule(name).load_state_dict(other.get_submodule(name).state_dict())
            expected = in_order(said_by(mixed, folder, frame, tmp_path / f"{seed}{kind}"), seed)
            np.testing.assert_allclose(arrays[kind][seed, number], expected, atol=1e-4)


def test_with_several_labels_the_exported_folder_says_sigmoids_and_decides_alike(brought, tmp_path):
    folders, frame, inputs, _ = brought
    splits = {"test": inputs["test"]}
    read = batches.read_splits(splits, torch.device("cpu"))
    (key,) = compressing.model_keys("1-1")
    ((_, model),) = compressing.compressed_models(JOB, [key], 3.0, inputs, read["test"])
    logits = predict.predict(model, read["test"])
    own = JOB | {"max_tokens": 24, "multi_label": True}
    exporting.write(model, own, CLASSES, inputs, tmp_path / "out")
    said = exporting.decide(tmp_path / "out", frame, 24, several=True)
    np.testing.assert_allclose(said, 1 / (1 + np.exp(-logits)), atol=1e-5)
    exporting.check(tmp_path / "out", said, logits, frame, several=True)
    theirs = said_by(rounded(folders[1]), Path(folders[1]), frame, tmp_path / "own")
    expected = in_order(theirs, 1)
    np.testing.assert_allclose(logits, expected, atol=1e-4)
    assert files.read_json(tmp_path / "out/config.json")["problem_type"].startswith("multi_label")
    wrong = logits.copy()
    wrong[3, 2] *= -1
    with pytest.raises(ValueError, match="on 1 of 24 texts, such as example 3; expected none"):
        exporting.check(tmp_path / "out", said, wrong, frame, several=True)
