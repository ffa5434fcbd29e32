"""Damage that is planted in one layer is named by the map; storage; and the models of a block."""

import json
from types import SimpleNamespace

import numpy as np
import pytest
import torch
from safetensors.torch import save_file

from helpers.small_model import bilstm, encoded
from pielab import files
from pielab.analysis.layers import Mixtures, decide_like, layer_table
from pielab.pies.decisions import decide
from pielab.training import (
    batches,
    compressing,
    devices,
    loop,
    models,
    predict,
    restoring,
    storage,
    weights,
)
from pielab.training.compressing import ModelKey

SETTINGS = {
    "model": {"architecture": "bilstm"},
    "training": {"epochs": 1, "learning_rate": 0.01, "batch_size": 8, "pad_to": None},
    "method": {"compressor": "wanda", "calibration": {"examples": 8}},
    "threads": 1,
    "device": "cpu",
}
DAMAGED = "hidden.0"


@pytest.fixture(scope="module", autouse=True)
def _usual_numbers():
    """Undo for other tests what jobs set for their process."""
    yield
    torch.set_flush_denormal(False)


@pytest.fixture(scope="module")
def inputs(tmp_path_factory):
    """Return the files of trained dense models of two seeds, and of what they read."""
    folder = tmp_path_factory.mktemp("dense")
    data, paths = encoded(60), {name: str(folder / f"{name}.safetensors") for name in
                                ("train", "test", "pretrained", "dense")}  # fmt: skip
    header = {"n_classes": "2", "task": "single-label", "examples": "digest"}
    for split in ("train", "test"):
        save_file({name: getattr(data, name) for name in batches.TENSORS}, paths[split], header)
    save_file({"vectors": bilstm().embedding.weight.detach().clone()}, paths["pretrained"])
    dense = [bilstm(seed) for seed in (0, 1)]
    run = loop.Run(data, loop.Settings(4, 0.02, 8), 0)
    with models.writing_states(paths["dense"], dense[0], (0, 1)) as write:
        for seed, model in enumerate(dense):
            loop.train(model, run, stage=0)
            write(seed, model)
    return paths


def logits_of(inputs, keys, level=50.0, settings=SETTINGS):
    devices.make_deterministic(1)
    data = batches.read_encoded(inputs["train"])
    found = compressing.compressed_models(settings, keys, level, inputs, data)
    return [predict.predict(model, data) for _, model in found]


@pytest.mark.slow
def test_a_member_is_the_same_bytes_in_any_block_and_each_draw_is_another(inputs):
    together = logits_of(inputs, compressing.model_keys("0-1.draws0-1"))
    alone = logits_of(inputs, [ModelKey(1, 1)])
    assert together[3].tobytes() == alone[0].tobytes()
    assert len({logits.tobytes() for logits in together}) == 4


def test_blocks_name_their_members_seed_by_seed():
    assert compressing.model_keys("2-3") == [ModelKey(2, 0), ModelKey(3, 0)]
    assert compressing.model_keys("0-1.draws4-5") == [(0, 4), (0, 5), (1, 4), (1, 5)]


def test_written_members_are_read_back_in_the_order_of_seeds_and_draws(inputs, tmp_path):
    paths = []
    for block in ("0-1.draws0-0", "0-1.draws1-2"):
        outputs = {s: str(tmp_path / f"seeds{block}.{s}.safetensors") for s in ("train", "test")}
        keys = compressing.model_keys(block)
        compressing.run_block(SETTINGS, keys, 50.0, inputs, outputs)
        paths.append(outputs["test"])
    found = files.read_logits(paths, "digest")
    expected = logits_of(inputs, compressing.model_keys("0-1.draws0-2"))
    assert np.array_equal(found, np.stack(expected))


@pytest.fixture
def damaged(inputs, tmp_path, monkeypatch):
    """Return logits of models of which a layer is destroyed, of each layer restored, and names."""

    def compress(model, job):
        with torch.no_grad():
            model.get_submodule(DAMAGED).weight.zero_()
            model.get_submodule(DAMAGED).bias.mul_(-1)
        return model

    module = SimpleNamespace(compress=compress, stored_bytes=lambda *of: 5)
    for user in (compressing, storage):
        monkeypatch.setattr(user, "compressor_module", lambda name: module)
    keys, path = [ModelKey(0), ModelKey(1)], str(tmp_path / "each.safetensors")
    settings = SETTINGS | {"method": {"compressor": "planted"}}
    restoring.run_block(settings, keys, 50.0, inputs, path)
    arrays, header = files.read_arrays(path)
    compressed = np.stack(logits_of(inputs, keys, settings=settings))
    assert json.loads(header["sizes"])[DAMAGED] == [4 * (256 * 200 + 256), 5 + 4 * 256]
    return compressed, arrays, json.loads(header["layers"])


def dense_logits(inputs):
    data, logits = batches.read_encoded(inputs["test"]), []
    for seed in (0, 1):
        model = models.build(SETTINGS["model"], inputs["pretrained"], 2, seed)
        models.restore(model, models.read_state(inputs["dense"], seed))
        logits.append(predict.predict(model, data))
    return np.stack(logits)


def test_a_destroyed_layer_that_is_put_back_gives_the_dense_model_and_others_change_nothing(
    inputs, damaged
):
    compressed, arrays, layers = damaged
    assert len(layers) == 6
    at, dense = layers.index(DAMAGED), dense_logits(inputs)
    assert np.array_equal(arrays["restored"][:, at], dense)
    assert np.array_equal(arrays["implanted"][:, at], compressed)
    for other in set(range(6)) - {at}:
        assert np.array_equal(arrays["restored"][:, other], compressed)
        assert np.array_equal(arrays["implanted"][:, other], dense)


def test_damage_that_is_planted_in_one_layer_is_named(inputs, damaged):
    compressed, arrays, layers = damaged
    labels = batches.read_encoded(inputs["test"]).labels.numpy()
    sides = [decide({"train": own}, labels)["train"] for own in (dense_logits(inputs), compressed)]
    truth = labels[:, None] == np.arange(2)
    decided = [decide_like(arrays[kind], sides[1]) for kind in ("restored", "implanted")]
    sizes = dict.fromkeys(layers, (100, 10)) | {"": (900, 300)}
    table, lightened, bad = layer_table(*sides, Mixtures(layers, *decided), truth, "lowest", sizes)
    first, rest = table.iloc[0], table.iloc[1:]
    assert first["layer"] == DAMAGED
    assert first["negative_flips"] == bad.sum() > 0
    assert first["gone"] == first["alone"] == first["negative_flips"]
    assert first["gone_share"] == 1
    assert (rest["gone"] == 0).all()
    assert (rest["alone"] == 0).all()
    assert first["more_size"] == pytest.approx(0.3)
    assert lightened.shape == (6, first["negative_flips"])
    assert lightened[0].min() >= 0 < lightened[0].max()
    assert (lightened[1:] == 0).all()


def test_the_best_layers_are_put_back_together():
    ranked = ["hidden.2", "hidden.0"]
    layers = restoring.layers_of(bilstm())
    assert restoring.layer_sets(layers, ranked) == [["hidden.2"], ["hidden.2", "hidden.0"]]
    assert restoring.layer_sets(layers, []) == [[layer] for layer in layers]


def test_sizes_count_what_training_changes_and_compress_what_pruning_may(inputs):
    shapes = weights.read_description(inputs["dense"]).weights
    model = bilstm()
    trained = {name: p for name, p in model.named_parameters() if p.requires_grad}
    assert {name: tuple(p.shape) for name, p in trained.items()} == {
        name: own.shape for name, own in shapes.items()
    }
    matrices = {name for name, own in shapes.items() if own.role == weights.MATRIX}
    assert matrices == set(restoring.matrices.matrices(model))
    assert storage.dense_bytes(shapes) == 4 * sum(p.numel() for p in trained.values())
    int8 = {"compressor": "quantise", "bits": 8, "group": None}
    rounded = sum(trained[name].numel() + 4 * len(trained[name]) for name in matrices)
    rest = sum(4 * p.numel() for name, p in trained.items() if name not in matrices)
    assert storage.stored_bytes(shapes, int8, 8) == rounded + rest
    layers = storage.layer_sizes(shapes, int8, 8)
    assert layers[""] == (storage.dense_bytes(shapes), rounded + rest)
    assert layers["hidden.2"] == (4 * (128 * 256 + 128), 128 * 256 + 4 * 128 + 4 * 128)
