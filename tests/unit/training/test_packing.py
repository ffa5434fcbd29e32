"""A quantised classifier leaves as whole numbers too, which say what its weights are."""

import logging

import numpy as np
import pandas as pd
import pytest
import torch
from safetensors.torch import load_file
from torch import nn

import export
from helpers import tiny_transformers as tiny
from helpers.external_models import save_tokenizer
from helpers.small_model import encoded
from pielab import files
from pielab.training import batches, compressing, exporting, models, packing, weights
from pielab.training.compressors import quantise

EDGE = ("score", "classifier", "out_proj")  # last layers, which are not rounded


def rounded(kind, bits, group, folder):
    """Write a classifier with rounded weights; return it as it was before, and its folder."""
    dense, own = tiny.classifier(kind), tiny.classifier(kind)
    with torch.no_grad():
        for name, module in own.named_modules():
            if isinstance(module, nn.Linear) and not name.endswith(EDGE):
                codes = quantise.quantise(module.weight, bits, group)
                module.weight.copy_(quantise.dequantise(*codes, group))
    own.save_pretrained(folder)
    save_tokenizer(folder)
    return dense, folder


def test_numbers_of_four_bits_are_packed_from_the_lowest_bits_up():
    codes = torch.tensor([[-8, 7, 0, 1, -1, 2, 3, -7, 5]], dtype=torch.int8)
    # Counted from -8: 0, 15, 8, 9, 7, 10, 11, 1, and 13 in a word of its own
    assert packing.pack(codes, 4).tolist() == [[0x1BA798F0, 13]]
    high = packing.pack(torch.full((1, 8), 7, dtype=torch.int8), 4)
    assert high.tolist() == [[-1]]  # all bits set, read with a sign


@pytest.mark.parametrize("bits", range(2, 9))
def test_what_is_packed_is_unpacked_by_a_loop_over_single_bits(bits):
    top = 2 ** (bits - 1)
    codes = np.random.default_rng(bits).integers(1 - top, top, (3, 41)).astype(np.int8)
    words = packing.pack(torch.from_numpy(codes), bits).numpy().astype(np.int64) % 2**32
    assert words.shape == (3, -(-41 * bits // 32))
    for row in range(3):
        for column in range(41):
            places = range(column * bits, (column + 1) * bits)
            single = [words[row, place // 32] >> (place % 32) & 1 for place in places]
            value = sum(int(bit) << number for number, bit in enumerate(single)) - top
            assert value == codes[row, column]


@pytest.mark.parametrize("kind", ["bert", "llama"])
def test_a_folder_holds_whole_numbers_and_scales_that_make_the_weights(kind, tmp_path):
    dense, folder = rounded(kind, 4, 8, tmp_path / "own")
    packing.write(folder, dense, 4, 8, tmp_path / "packed")
    state, whole = (load_file(each / "model.safetensors") for each in (tmp_path / "packed", folder))
    names = [name for name in state if name.endswith("weight_packed")]
    assert len(names) == {"bert": 19, "llama": 21}[kind]  # of three layers, and BERT's pooler
    for name in names:
        path = name.removesuffix("_packed")
        assert path not in state
        codes = quantise.quantise(dense.get_parameter(path).detach(), 4, 8)[0]
        assert torch.equal(packing.pack(codes, 4), state[name])
        assert state[f"{path}_shape"].tolist() == list(whole[path].shape)
        scales = state[f"{path}_scale"].repeat_interleave(8, dim=1)
        assert torch.equal(codes * scales, whole[path])
    others = {name for name in state if "weight_" not in name}
    assert others == {name for name in whole if f"{name}_packed" not in state}
    known = files.read_json(tmp_path / "packed/config.json")["quantization_config"]
    assert known["ignore"] == [{"bert": "classifier", "llama": "score"}[kind]]
    assert known["config_groups"]["group_0"]["weights"]["group_size"] == 8
    assert (tmp_path / "packed/tokenizer.json").is_file()


def test_what_the_format_has_no_form_for_is_rejected(tmp_path):
    dense, folder = rounded("bert", 4, 5, tmp_path / "own")
    with pytest.raises(ValueError, match="16 columns in groups of 5; the format has no group"):
        packing.write(folder, dense, 4, 5, tmp_path / "packed")
    dense.bert.pooler.dense.weight.data *= 1.5
    with pytest.raises(ValueError, match=r"pooler\.dense: not the values that its whole numbers"):
        packing.write(rounded("bert", 4, 8, tmp_path / "own")[1], dense, 4, 8, tmp_path / "packed")
    turned = tiny.classifier("gpt2").transformer.h[0].mlp.c_fc
    with pytest.raises(ValueError, match=r"h\.0: a layer of type Conv1D; expected Linear"):
        packing.check(turned, "h.0", None)


@pytest.mark.parametrize("kind", ["bert", "deberta-v2", "albert", "llama"])
def test_transformers_reads_it_and_decides_alike(kind, tmp_path):
    pytest.importorskip(packing.PACKAGE)
    dense, folder = rounded(kind, 4, None, tmp_path / "own")
    texts = [" ".join(row) for row in np.random.default_rng(0).choice(["the", "film"], (6, 5))]
    frame = pd.DataFrame({"example_id": range(6), "text": texts, "text_pair": None})
    expected = exporting.decide(folder, frame, 16, several=False)

    def check(packed):
        assert np.array_equal(exporting.decide(packed, frame, 16, several=False), expected)

    said = export.pack(folder, dense, {"bits": 4, "group": None}, check)
    assert "`compressed-tensors`" in said


def test_without_the_package_the_log_shows_how_to_get_it(tmp_path, monkeypatch, caplog):
    caplog.set_level(logging.INFO, "pielab")
    monkeypatch.setattr(packing, "is_installed", lambda: False)
    assert export.pack(tmp_path, None, {"bits": 4, "group": None}, print) == ""
    assert "dequantised only; `pip install compressed-tensors` lets" in caplog.text
    assert not list(tmp_path.iterdir())


def test_a_form_that_decides_otherwise_or_cannot_be_read_is_not_left_behind(
    tmp_path, monkeypatch, caplog
):
    monkeypatch.setattr(packing, "is_installed", lambda: True)
    dense, folder = rounded("bert", 8, None, tmp_path / "own")

    def check(packed):
        raise AttributeError("no\nattribute")

    assert export.pack(folder, dense, {"bits": 8, "group": None}, check) == ""
    assert not (folder / packing.FOLDER).exists()
    assert "not in the format of compressed-tensors: no attribute" in caplog.text


def test_the_methods_that_make_whole_numbers_are_those_that_quantise():
    assert packing.applies_to({"compressor": "quantise", "bits": 8})
    assert not packing.applies_to({"compressor": "wanda"})
    assert not packing.applies_to({"criterion": "magnitude", "schedule": "after-training"})


def test_a_model_that_was_trained_after_pruning_is_read_and_not_made_again(tmp_path):
    folder = tmp_path / "bert"
    tiny.save(folder, "bert")
    own = {"architecture": "transformer", "freeze_embeddings": False, "freeze_layers": None}
    paths = {"pretrained": str(folder / "model.safetensors")}
    built = [models.build(own, paths["pretrained"], 2, seed) for seed in (0, 1, 0, 1)]
    for name, pair in (("dense", built[:2]), ("pruned", built[2:])):
        paths[name] = str(tmp_path / f"{name}.safetensors")
        with models.writing_states(paths[name], built[0], [0, 1]) as write:
            for seed, model in enumerate(pair):
                with torch.no_grad():
                    for parameter in model.parameters():
                        parameter.mul_(0.5 if name == "pruned" else 1)
                write(seed, model)
    data = encoded()
    paths["test"] = str(tmp_path / "test.safetensors")
    arrays = {name: getattr(data, name).numpy() for name in batches.TENSORS}
    files.write_arrays(paths["test"], arrays, {"n_classes": "2", "task": "single-label"})
    job = {"settings": {"model": own}, "is_retrained": True}
    dense, model = export.models_of(job, compressing.ModelKey(1, 0), 50, paths)
    state = models.trainable_state(model)
    assert state
    assert all(torch.equal(state[name], 0.5 * dense[name]) for name in state)
    assert weights.describe(model).keys() == dense.keys()
