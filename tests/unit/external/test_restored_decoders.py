"""Which block of a decoder did it: dense blocks put back, and what the harness says then."""

import json
import subprocess

import numpy as np
import pandas as pd
import pytest
import torch

from helpers import tiny_decoder
from pielab import files
from pielab.data import harness_examples
from pielab.external import restored_decoders
from pielab.training import decoders, matrices, storage
from pielab.training.architectures import decoder

needs_harness = pytest.mark.skipif(not tiny_decoder.PYTHON.is_file(), reason="needs make harness")
CPU = torch.device("cpu")
ENVIRONMENT = {"PYTHONPATH": "scripts", "HF_HUB_OFFLINE": "1", "HF_DATASETS_OFFLINE": "1"}
ENVIRONMENT |= {"PATH": "/usr/bin:/bin", "HOME": "/nowhere"}
FIRST, SECOND = "model.model.layers.0", "model.model.layers.1"


@pytest.fixture
def fetched(tmp_path):
    """The path of a tiny decoder's weights, and the settings of a job that prunes it."""
    tiny_decoder.save(tmp_path / "source", dtype=torch.bfloat16)
    (tmp_path / "model").mkdir()
    decoder.fetch({"revision": None}, str(tmp_path / "source"), str(tmp_path / "model"))
    tasks = tiny_decoder.write_tasks(tmp_path / "tasks")
    method = {"criterion": "magnitude", "schedule": "after-training"}
    own = {"model": {"architecture": "decoder"}, "device": "cpu", "threads": 1, "draw": 0}
    own |= {"tasks": ["colour"], "tasks_from": str(tasks), "limit": None, "num_fewshot": None}
    own |= {"batch_size": 4, "level": 50, "method": method}
    own["read"] = {"scores": "probabilities", "metric": "acc", "filter": None, "joined": False}
    own["read"] |= {"right_from": None, "drop": None}
    return str(tmp_path / "model/model.safetensors"), own


def test_the_blocks_of_a_decoder_are_its_layers_and_sizes_are_by_block(fetched):
    path, settings = fetched
    model = decoders.compressed(settings, path, CPU)
    names = map(restored_decoders.block_name, matrices.matrices(model))
    assert list(dict.fromkeys(names)) == [FIRST, SECOND]
    assert restored_decoders.block_name("model.lm_head.weight") == "model.lm_head"
    known = restored_decoders.weights.describe(model)
    how = settings["method"], 50, restored_decoders.block_name, 2
    sizes = storage.layer_sizes(known, *how)
    weights = sum(own.numel() for own in model.parameters())
    pruned = sum(own.numel() for own in matrices.matrices(model).values())
    assert sizes[""] == (2 * weights, 2 * weights - pruned + pruned // 8)
    assert sizes[FIRST] == sizes[SECOND]
    assert sizes[FIRST][0] - sizes[FIRST][1] == (pruned - pruned // 8) // 2


def test_all_blocks_put_back_are_the_dense_model(fetched):
    path, settings = fetched
    dense = decoders.compressed(settings | {"method": None}, path, CPU)
    model = decoders.compressed(settings, path, CPU)
    of_dense, own = (restored_decoders.state_of(each) for each in (dense, model))
    mixed = {name: weight for name, weight in of_dense.items() if ".layers." in name}
    restored_decoders.load(model, {**own, **mixed})
    assert all(weight.equal(of_dense[name]) for name, weight in model.named_parameters())


def run(module, job, tmp_path):
    """Run a module in the environment of the harness."""
    (tmp_path / "job.json").write_text(json.dumps(job))
    command = [tiny_decoder.PYTHON, "-m", module, tmp_path / "job.json"]
    done = subprocess.run(command, capture_output=True, text=True, env=ENVIRONMENT, check=False)
    assert done.returncode == 0, done.stderr


@needs_harness
@pytest.mark.slow
def test_mixed_models_answer_as_a_model_that_is_mixed_by_hand(fetched, tmp_path, monkeypatch):
    monkeypatch.setitem(ENVIRONMENT, "HF_HOME", str(tmp_path / "hub"))
    path, settings = fetched
    dense, pruned = (
        restored_decoders.state_of(decoders.compressed(settings | changed, path, CPU))
        for changed in ({"method": None}, {})
    )
    plain = decoders.compressed(settings | {"method": None}, path, CPU)
    by_hand = {name: (pruned if ".layers.1." in name else dense)[name] for name in dense}
    restored_decoders.load(plain, by_hand)
    folder = tmp_path / "by_hand"
    plain.answering().save_pretrained(folder)
    tiny_decoder.tokenizer().save_pretrained(folder)
    logs = {name: f"{tmp_path}/{name}" for name in ("results", "weights")}
    asked = {key: own for key, own in settings.items() if key not in ("method", "read")}
    outputs = logs | {"samples": [f"{tmp_path}/samples_colour.jsonl"]}
    job = {"settings": asked, "inputs": {"pretrained": f"{folder}/model.safetensors"}}
    run("pielab.training.asking", job | {"outputs": outputs}, tmp_path)
    frame, classes = harness_examples.read_examples(outputs["samples"][0])
    frame.to_parquet(tmp_path / "test.parquet")
    files.write_text(tmp_path / "card.json", json.dumps({"classes": classes}))
    inputs = {"pretrained": path, "card": f"{tmp_path}/card.json"}
    inputs |= {"examples": f"{tmp_path}/test.parquet"}
    mixtures = {"mixtures": f"{tmp_path}/mixed.safetensors"}
    run(
        "pielab.external.restored_decoders",
        {"settings": settings, "inputs": inputs, "outputs": mixtures},
        tmp_path,
    )
    arrays, header = files.read_arrays(mixtures["mixtures"])
    assert json.loads(header["layers"]) == [FIRST, SECOND]
    said = pd.read_json(outputs["samples"][0], lines=True)["filtered_resps"]
    expected = np.array([[float(score) for score, _ in row] for row in said])
    for kind, place in (("implanted", 1), ("restored", 0)):  # the same model, twice
        found = arrays[kind][0, place]
        np.testing.assert_allclose(found - found[:, :1], expected - expected[:, :1], atol=1e-5)
