import dataclasses
import json

import numpy as np
import pytest
import torch
import transformers

from helpers.small_model import SETTINGS, encoded, run
from pielab.training import batches, encoders, frozen, loop, models, predict, pruning
from pielab.training.architectures import encoder

SIZES = {"vocab_size": 20, "hidden_size": 16, "num_attention_heads": 2, "intermediate_size": 32}
SIZES |= {"num_hidden_layers": 3, "max_position_embeddings": 16}
KINDS = {
    "bert": (transformers.BertConfig, transformers.BertModel),
    "roberta": (transformers.RobertaConfig, transformers.RobertaModel),  # read by transformers
}


def write(folder, kind="bert", **changes):
    config, model = KINDS[kind]
    torch.manual_seed(0)
    sizes = SIZES | changes | ({"pad_token_id": 0} if kind == "roberta" else {})
    whole = model(config(**sizes)).eval()
    for parameter in whole.parameters():  # biases and norms start as zeros and ones
        parameter.data += 0.1 * torch.randn_like(parameter)
    whole.save_pretrained(folder)
    return whole


@pytest.fixture(scope="module", params=KINDS)
def folder(request, tmp_path_factory):
    folder = tmp_path_factory.mktemp(request.param)
    write(folder, request.param, hidden_dropout_prob=0, attention_probs_dropout_prob=0)
    return folder


def pairs():
    """Return examples of two texts each."""
    data = encoded()
    return dataclasses.replace(data, pair_start=(data.lengths // 2).int())


def inputs(batch):
    return batches.model_inputs(batch, segments=True)


@pytest.mark.parametrize("pooled_only", [False, True])
def test_our_bert_is_hugging_face_s_in_output_and_gradient(tmp_path, pooled_only):
    theirs, ours = write(tmp_path), encoders.read_encoder(tmp_path).eval()
    ours.pooled_only = pooled_only
    data = pairs()
    assert len(set(data.lengths.tolist())) > 1
    batch = batches.collate(data, torch.arange(len(data)), 0)
    outputs = [model(**inputs(batch)) for model in (theirs, ours)]
    mask = inputs(batch)["attention_mask"].bool()
    for model, output in zip((theirs, ours), outputs, strict=True):
        states = 0 if pooled_only else output.last_hidden_state[mask].cos().sum()
        (output.pooler_output.sin().sum() + states).backward()
        assert type(model).__name__ in ("BertModel", "Bert")
    assert torch.allclose(outputs[0].pooler_output, outputs[1].pooler_output, atol=1e-6)
    assert outputs[1].last_hidden_state.shape[1] == (1 if pooled_only else mask.shape[1])
    for mine, other in zip(ours.named_parameters(), theirs.named_parameters(), strict=True):
        assert mine[0] == other[0]
        assert torch.allclose(mine[1].grad, other[1].grad, atol=1e-5), mine[0]


def test_our_bert_drops_as_often_as_its_config_says(tmp_path):
    write(tmp_path, hidden_dropout_prob=0.25, attention_probs_dropout_prob=0.5)
    ours = encoders.read_encoder(tmp_path)
    rates = {m.p for m in ours.modules() if isinstance(m, torch.nn.Dropout)}
    assert rates == {0.25}
    assert {layer.attention.rate for layer in ours.encoder.layer} == {0.5}
    data = pairs()
    batch = batches.collate(data, torch.arange(4), 0)
    first, second = (ours.train()(**inputs(batch)).pooler_output for _ in range(2))
    assert not torch.allclose(first, second)


@pytest.mark.parametrize("training", [False, True])
def test_the_first_token_reads_without_the_keys_and_values_of_the_others_what_it_reads_with_them(
    tmp_path, training
):
    write(tmp_path, attention_probs_dropout_prob=0.5)
    ours, data = encoders.read_encoder(tmp_path).train(training), pairs()
    attention = ours.encoder.layer[-1].attention
    batch = batches.collate(data, torch.arange(4), 0)
    states, mask = torch.randn(4, batch.ids.shape[1], 16), inputs(batch)["attention_mask"].bool()
    found = []
    for seen in (False, True):  # who looks at keys gets them
        hook = attention.self["key"].register_forward_hook(lambda *_: None) if seen else None
        torch.manual_seed(0)  # the same are dropped
        ours.zero_grad()
        read = attention(states, mask[:, None, None, :], 1)
        read.sin().sum().backward()
        found.append([read, *(p.grad.clone() for p in attention.parameters())])
        if hook:
            hook.remove()
    for fast, slow in zip(*found, strict=True):
        assert torch.allclose(fast, slow, atol=1e-6)
    assert not torch.equal(found[0][1], found[1][1])  # sums in another order


def test_weights_that_train_are_not_those_of_the_file(tmp_path):
    write(tmp_path)
    before = (tmp_path / "model.safetensors").read_bytes()
    for frozen_layers in (0, 2):
        ours = encoders.read_encoder(tmp_path, frozen_layers)
        for parameter in ours.parameters():
            parameter.data.zero_()
    again = encoders.read_encoder(tmp_path)
    assert (tmp_path / "model.safetensors").read_bytes() == before
    assert all(parameter.any() for parameter in again.parameters())


@pytest.mark.parametrize(
    "change", [{"model_type": "roberta"}, {"hidden_act": "relu"}, {"is_decoder": True}]
)
def test_another_architecture_is_left_to_transformers(tmp_path, change):
    from pielab.training import bert

    write(tmp_path)
    config = json.loads((tmp_path / "config.json").read_text())
    assert bert.parse_config(config).hidden_size == 16
    assert bert.parse_config(config | change) is None


def states_of(folder, data, frozen):
    """Return the float32 states after `frozen` layers by the whole encoder, text by text."""
    whole = encoders.read_encoder(folder).eval()
    config = whole.config
    rows = []
    for row in range(len(data)):
        batch = batches.collate(data, torch.tensor([row]), config.pad_token_id)
        found = []
        hook = whole.encoder.layer[frozen - 1].register_forward_hook(
            lambda module, args, output, found=found: found.append(output)
        )
        with torch.no_grad():
            whole(**batches.model_inputs(batch, config.type_vocab_size > 1))
        hook.remove()
        rows.append(found[0][0])
    return torch.cat(rows)


def kept_states(folder, data, number):
    states = np.zeros((len(data.ids), SIZES["hidden_size"]), np.float16)

    def put(rows, first):
        states[first : first + len(rows)] = rows

    frozen.compute_states(encoder.read_frozen(folder, number), data, put)
    return torch.from_numpy(states)


@pytest.mark.parametrize("frozen", [1, 2])
def test_kept_states_are_those_of_the_whole_encoder_in_half_precision(folder, frozen):
    data = pairs()
    expected = states_of(folder, data, frozen)
    assert torch.allclose(kept_states(folder, data, frozen).float(), expected, atol=2e-3, rtol=1e-3)


def plain(folder, frozen):
    """Return a whole encoder whose embeddings and first layers are not trained."""
    torch.manual_seed(1)
    model = encoder.Encoder(folder, 2)
    for part in (model.encoder.embeddings, *model.encoder.encoder.layer[:frozen]):
        part.requires_grad_(False)
    return model


def cut(folder, frozen):
    torch.manual_seed(1)
    return encoder.Encoder(folder, 2, freeze_layers=frozen)


def original_name(name, frozen):
    """Return a parameter's name in the whole encoder."""
    start = "encoder.encoder.layer."
    if not name.startswith(start):
        return name
    number, _, rest = name.removeprefix(start).partition(".")
    return f"{start}{int(number) + frozen}.{rest}"


@pytest.mark.parametrize("frozen", [1, 2])
@pytest.mark.parametrize("sparsity", [0, 50])
def test_training_over_kept_states_is_training_the_whole_encoder_with_frozen_layers(
    folder, frozen, sparsity
):
    data = pairs()
    kept = dataclasses.replace(data, states=states_of(folder, data, frozen))
    method = pruning.Method("impact" if sparsity else "none", "iterative", impact_examples=9)
    settings = dataclasses.replace(SETTINGS, learning_rate=1e-3)
    found = []
    for model, own in ((plain(folder, frozen), data), (cut(folder, frozen), kept)):
        first = run(own, settings)
        loop.train(model, first, stage=0)
        dense = models.trainable_state(model)
        pruning.compress(model, method, sparsity, dense, first)
        found.append((model, predict.predict(model, own)))
    assert np.allclose(found[0][1], found[1][1], atol=1e-4)
    whole, top = (models.trainable_state(model) for model, _ in found)
    assert {original_name(name, frozen) for name in top} == set(whole)
    for name, value in top.items():
        assert torch.allclose(value, whole[original_name(name, frozen)], atol=2e-3), name


def test_frozen_layers_are_neither_pruned_nor_kept_with_the_weights(folder):
    model = cut(folder, 2)
    names = set(pruning.prunable(model, layer_norm=True))
    assert all(".layer.0." in name or ".pooler." in name for name in names)
    assert len([name for name in names if ".pooler." in name]) == 1
    assert not any("embeddings" in name for name in models.trainable_state(model))


def test_no_layer_left_to_train_is_refused(folder):
    for read in (encoders.read_encoder, encoders.read_frozen):
        with pytest.raises(ValueError, match="freeze_layers: 3; expected fewer than the 3 layers"):
            read(folder, 3)


def test_a_checkpoint_without_a_pooler_is_refused_by_its_missing_weights(tmp_path):
    torch.manual_seed(0)
    transformers.BertForMaskedLM(transformers.BertConfig(**SIZES)).save_pretrained(tmp_path)
    with pytest.raises(ValueError, match=r"no weights pooler\.dense\.bias, pooler\.dense\.weight"):
        encoders.download_encoder(str(tmp_path), None)
