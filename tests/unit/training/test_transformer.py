"""Classifiers of transformers, of many architectures, against transformers' own forward pass."""

import dataclasses

import numpy as np
import pytest
import torch
from torch import nn

from helpers import tiny_transformers as tiny
from helpers.small_model import SETTINGS, encoded, run
from pielab.training import (
    anatomy,
    batches,
    frozen,
    loop,
    matrices,
    models,
    predict,
    pruning,
    restoring,
    weights,
)
from pielab.training.architectures import transformer
from pielab.training.checkpoints import Checkpoint
from pielab.training.compressors import Job, compressor_module

KINDS = list(tiny.CONFIGS)
LAYERED = [kind for kind in KINDS if kind not in tiny.WITHOUT_LAYERS]
each_kind = pytest.mark.parametrize("kind", KINDS)
FREE = {"architecture": "transformer", "freeze_embeddings": False, "freeze_layers": None}


@pytest.fixture(scope="module")
def folders(tmp_path_factory):
    root = tmp_path_factory.mktemp("pretrained")
    for kind in KINDS:
        tiny.save(root / kind, kind)
    return root


def ours(kind, **freeze):
    return transformer.Transformer(tiny.classifier(kind), **freeze).train(False)


def padded(rows):
    """Return ids and mask of texts, filled up on the right."""
    texts = encoded()
    batch = batches.collate(texts, torch.tensor(rows), 0)
    return batch


@each_kind
def test_logits_are_those_of_transformers_own_forward_pass(kind):
    theirs, model, data = tiny.classifier(kind), ours(kind), encoded()
    batch = padded(list(range(24)))
    position = torch.arange(batch.ids.shape[1])
    with torch.no_grad():
        own = model(batch)
        mask = (position < batch.lengths[:, None]).long()
        expected = theirs(input_ids=batch.ids, attention_mask=mask).logits
        assert torch.allclose(own, expected, atol=1e-6, rtol=0)
        for row in range(24):
            ids = data.ids[data.offsets[row] : data.offsets[row + 1]].long()[None]
            alone = theirs(input_ids=ids, attention_mask=torch.ones_like(ids)).logits[0]
            assert torch.allclose(own[row], alone, atol=1e-5, rtol=0)
    assert expected.std() > 0.01


@pytest.mark.parametrize("kind", [k for k in KINDS if k not in tiny.DECODERS])
def test_a_model_that_knows_segments_is_told_the_second_text(kind):
    model, theirs = ours(kind), tiny.classifier(kind)
    data = dataclasses.replace(encoded(), pair_start=(encoded().lengths // 2).int())
    batch = batches.collate(data, torch.tensor([0]), 0)
    number = int(batch.lengths[0])
    segments = (torch.arange(number) >= number // 2).long()[None]
    knows = kind in ("bert", "roberta", "electra", "albert")
    assert model.segments == knows
    given = {"token_type_ids": segments} if knows else {}
    expected = theirs(input_ids=batch.ids, attention_mask=torch.ones_like(batch.ids), **given)
    assert torch.allclose(model(batch), expected.logits, atol=1e-6)


@each_kind
def test_compressed_are_all_linear_layers_but_the_last_and_never_embeddings(kind):
    model = ours(kind)
    own = set(pruning.prunable(model, layer_norm=False))
    linear = {
        f"{name}.weight"
        for name, module in model.named_modules()
        if isinstance(module, nn.Linear) or type(module).__name__ == "Conv1D"
    }
    assert own == linear - {f"{model.last}.weight"}
    assert model.last.rpartition(".")[2] in ("classifier", "out_proj", "score")
    tables = {f"{n}.weight" for n, m in model.named_modules() if isinstance(m, nn.Embedding)}
    assert tables
    assert not own & tables
    norms = set(pruning.prunable(model, layer_norm=True)) - own
    assert norms
    assert all(model.get_parameter(name).ndim == 1 for name in norms)


@each_kind
def test_gradients_reach_all_that_is_trained_and_nothing_that_is_frozen(kind):
    for freeze in ({}, {"freeze_embeddings": True}):
        model = ours(kind, **freeze)
        loop.loss_of(model(padded(list(range(24)))), encoded().labels, False).backward()
        for name, parameter in model.named_parameters():
            has = parameter.grad is not None and bool((parameter.grad != 0).any())
            if "key" in name and name.endswith("bias"):
                continue  # the softmax does not depend on it
            assert has == parameter.requires_grad or "rel_embeddings" in name, name
        tables = model.model.get_input_embeddings().weight
        assert tables.requires_grad == (not freeze)


@pytest.mark.slow
@each_kind
def test_masks_stay_while_training_goes_on_and_rewinding_gives_first_values_back(kind):
    for rewind in (False, True):
        model = ours(kind)
        first, own = models.trainable_state(model), run()
        loop.train(model, own, stage=0)
        dense = models.trainable_state(model)
        models.restore(model, first)
        method = pruning.Method("impact", "iterative", rewind, impact_examples=9)
        still = dataclasses.replace(SETTINGS, epochs=0) if rewind else SETTINGS
        masks = pruning.compress(model, method, 50, dense, run(settings=still))
        for name, mask in masks.items():
            weight = model.get_parameter(name).detach()
            assert (weight[~mask] == 0).all()
            assert abs(int(mask.sum()) - 0.5 * mask.numel()) <= 2
            if rewind:
                assert torch.equal(weight[mask], first[name][mask])


@pytest.mark.slow
@each_kind
def test_a_job_that_was_stopped_goes_on_to_the_bit(kind, tmp_path):
    settings = dataclasses.replace(SETTINGS, epochs=3)

    def trained(stop=None):
        own = Checkpoint(tmp_path / f"{kind}.x", 0, ["s"], [])
        own.open(0)
        model = ours(kind)

        def end(epoch):
            if epoch == stop:
                raise KeyboardInterrupt

        data = run(settings=settings)
        loop.train(model, dataclasses.replace(data, checkpoint=own), 0, after_epoch=end)
        return models.trainable_state(model)

    with pytest.raises(KeyboardInterrupt):
        trained(stop=3)
    resumed = trained()
    model = ours(kind)
    loop.train(model, run(settings=settings), 0)
    expected = models.trainable_state(model)
    assert all(torch.equal(resumed[name], expected[name]) for name in expected)


@pytest.mark.parametrize(
    ("kind", "compressor"),
    [
        *((kind, "wanda") for kind in KINDS),
        *(("gpt2", name) for name in ("sparsegpt", "quantise", "prune")),
        *(("albert", name) for name in ("sparsegpt", "quantise", "prune")),
    ],
)
def test_compressors_change_every_matrix_and_nothing_else(kind, compressor):
    options = {"sparsegpt": {"damping": 0.01, "block": 8}, "quantise": {"group": 8}}
    options |= {"prune": {"criterion": "magnitude", "schedule": "after-training"}}
    model = ours(kind)
    before = models.trainable_state(model)
    level = 3 if compressor == "quantise" else 50
    job = Job(level, options.get(compressor, {}), run(), torch.arange(16))
    after = models.trainable_state(compressor_module(compressor).compress(model, job))
    compressed = set(matrices.matrices(model))
    for name, weight in after.items():
        assert torch.equal(weight, before[name]) == (name not in compressed), name
    if compressor == "wanda":  # each output loses half of what it reads
        for name, own in matrices.matrices(model).items():
            assert (own == 0).sum(dim=1).eq(round(own.shape[1] / 2)).all(), name


@pytest.mark.parametrize("kind", LAYERED)
def test_heads_and_units_that_are_removed_say_nothing(kind):
    for what, number in (("heads", 4), ("feed_forward", 24)):
        layers = ours(kind).units(what)
        groups = 2 if kind in ("llama", "qwen2", "mistral") and what == "heads" else number
        if kind == "gpt2" and what == "feed_forward":
            groups = 64  # four times the width
        assert len(layers) == 3, what
        assert {layer.number for layer in layers} == {groups}
        found = []
        for spoil in (False, True):
            model = ours(kind)
            compressor_module("structured").compress(model, Job(50, {"what": what}, run()))
            own = matrices.matrices(model)
            for layer in model.units(what):
                (reader,) = layer.columns
                columns = own[reader].detach().unflatten(1, (layer.number, -1))
                says = _says(model, layer)
                assert says.sum() == layer.number // 2
                columns[:, ~says] += 100.0 * spoil
            found.append(predict.predict(model, encoded()))
        assert np.allclose(*found, atol=1e-5)
        assert not np.allclose(found[0], predict.predict(ours(kind), encoded()), atol=1e-3)


def _says(model, layer):
    """Return which units of a layer are not zero."""
    own, alive = matrices.matrices(model), torch.zeros(layer.number, dtype=torch.bool)
    for name, (parts, part) in layer.zeroed.items():
        if name in own:
            rows = own[name].unflatten(0, (parts, layer.number, -1))
            rows = rows if part is None else rows[part : part + 1]
            alive |= rows.flatten(2).transpose(0, 1).flatten(1).ne(0).any(1)
    return alive


@each_kind
def test_layers_are_put_back_by_name(kind):
    model = ours(kind)
    layers = restoring.layers_of(model)
    assert {name for own in layers.values() for name in own} >= set(matrices.matrices(model))
    assert [stage for stage in matrices.stages(model) if not stage] == []
    dense = models.trainable_state(model)
    compressor_module("quantise").compress(model, Job(2, {"group": None}, run()))
    compressed = models.trainable_state(model)
    for layer, names in layers.items():
        own = restoring.mixed(compressed, dense, names)
        changed = {name for name in own if not torch.equal(own[name], dense[name])}
        assert not changed & set(names)
        assert changed >= set(matrices.matrices(model)) - set(names), layer
    every = [name for names in layers.values() for name in names]
    models.restore(model, restoring.mixed(compressed, dense, every))
    given = predict.predict(model, encoded())
    assert np.array_equal(given, predict.predict(ours(kind), encoded()))


@each_kind
def test_the_seed_decides_the_head_whatever_ran_before_and_nothing_else(kind, folders):
    def built(seed):
        path = folders / kind / "model.safetensors"
        return models.trainable_state(models.build(FREE, path, 5, seed))

    first, _, again, other = built(3), torch.rand(7), built(3), built(4)
    assert all(torch.equal(first[name], again[name]) for name in first)
    differ = [name for name in first if not torch.equal(first[name], other[name])]
    assert any(first[name].shape[0] == 5 for name in differ)


def states_of(folder, data, number):
    """Return what frozen layers say, in half precision."""
    own = transformer.read_frozen(folder, number)
    states = np.zeros((len(data.ids), own.width), np.float16)

    def put(rows, first):
        states[first : first + len(rows)] = rows

    frozen.compute_states(own, data, put)
    return torch.from_numpy(states)


@pytest.mark.parametrize("kind", LAYERED)
@pytest.mark.parametrize("number", [1, 2])
def test_frozen_layers_are_computed_once_and_what_is_above_learns_alike(kind, number, folders):
    data = encoded()
    kept = dataclasses.replace(data, states=states_of(folders / kind, data, number))
    path, found = folders / kind / "model.safetensors", []
    for settings, own in ((FREE | {"freeze_layers": number}, kept), (FREE, data)):
        model = models.build(settings, path, 2, 1)
        if settings["freeze_layers"] is None:  # the whole model, what is below frozen in place
            inner = anatomy.examine(model.model)
            for parameter in anatomy.frozen_parameters(model.model, inner, number):
                parameter.requires_grad_(False)
            for layer in model.model.get_submodule(inner.layers)[:number]:
                layer.train = lambda mode: None  # without dropout
            for module in model.modules():
                if isinstance(module, nn.Dropout):
                    module.p = 0.0
        else:
            for module in model.modules():
                if isinstance(module, nn.Dropout):
                    module.p = 0.0
        names = set(models.trainable_state(model))
        quiet(model)
        loop.train(model, run(own, dataclasses.replace(SETTINGS, learning_rate=1e-3)), 0)
        found.append((names, predict.predict(model, own)))
    assert found[0][0] == found[1][0]
    assert np.allclose(found[0][1], found[1][1], atol=2e-2)


def quiet(model):
    """Let a model train without dropout, also where it is a number and no module."""
    model.train = lambda mode=True: nn.Module.train(model, False)


def test_freezing_leaves_out_the_layers_below_and_is_refused_where_there_is_no_list(folders):
    model = models.build(FREE | {"freeze_layers": 2}, folders / "llama/model.safetensors", 2, 0)
    assert not any(".layers.0." in name for name, _ in model.named_parameters())
    assert all(".layers.2." in name for name in pruning.prunable(model, False))
    for kind, line in (("albert", "an? albert model has no list of layers"), ("bert", "the 3 lay")):
        with pytest.raises(ValueError, match=f"freeze_layers: 3; expected .*{line}"):
            transformer.read_frozen(folders / kind, 3)


def test_a_weight_that_is_tied_to_the_embeddings_is_never_compressed():
    model = ours("bert")
    layer = model.model.bert.encoder.layer[0].attention.self
    layer.query.weight = nn.Parameter(model.model.bert.embeddings.word_embeddings.weight[:16])
    model.model.bert.embeddings.word_embeddings.weight = layer.query.weight
    assert weights.roles(model)["model.bert.embeddings.word_embeddings.weight"] == weights.TIED
    assert "model.bert.embeddings.word_embeddings.weight" not in pruning.prunable(model, False)


def test_bfloat16_reaches_the_body_and_not_the_logits():
    model, batch = ours("qwen2"), padded(list(range(8)))
    with torch.autocast("cpu", dtype=torch.bfloat16):
        logits = model(batch)
    assert logits.dtype == torch.float32
    assert not torch.equal(logits, logits.bfloat16().float())


@pytest.mark.parametrize("kind", ["bert", "gpt2", "albert", "deberta-v2"])
def test_every_weight_is_counted_once_with_the_reason_why_it_is_left_out(kind, folders):
    whole = sum(parameter.numel() for parameter in tiny.classifier(kind).parameters())
    for freeze in (None, 1):
        if freeze and kind in tiny.WITHOUT_LAYERS:
            continue
        settings = FREE | {"freeze_layers": freeze}
        model = models.build(settings, folders / kind / "model.safetensors", 2, 0)
        rows = weights.by_module(weights.describe(model), weights.left_out(model))
        assert sum(row["parameters"] for row in rows) == whole
        own = sum(row["parameters"] for row in rows if row["role"] == weights.MATRIX)
        assert own == sum(p.numel() for p in pruning.prunable(model, False).values())
        assert f"{own:,} of {whole:,} weights" in weights.sentence(rows)
