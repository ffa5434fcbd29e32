import numpy as np
import pytest
import torch
from safetensors.torch import save_file
from torch import nn

from helpers.small_model import bilstm, encoded
from pielab.training import batches, encoders, models
from pielab.training.architectures import bilstm as bilstm_module
from pielab.training.architectures import encoder


def packed_reference(model, data, rows):
    """Return the logits of a packed bidirectional LSTM with the model's weights."""
    width = model.embedding.weight.shape[1]
    lstm = nn.LSTM(width, bilstm_module.HIDDEN, num_layers=2, bidirectional=True, batch_first=True)
    with torch.no_grad():
        pairs = zip(model.forward_lstms, model.backward_lstms, strict=True)
        for layer, (ahead, back) in enumerate(pairs):
            for kind in ("weight_ih", "weight_hh", "bias_ih", "bias_hh"):
                getattr(lstm, f"{kind}_l{layer}").copy_(getattr(ahead, f"{kind}_l0"))
                getattr(lstm, f"{kind}_l{layer}_reverse").copy_(getattr(back, f"{kind}_l0"))
    batch = batches.collate(data, rows, 0)
    packed = nn.utils.rnn.pack_padded_sequence(
        model.embedding(batch.ids), batch.lengths, batch_first=True, enforce_sorted=False
    )
    _, (last, _) = lstm(packed)
    return model.classifier(model.hidden(torch.cat([last[2], last[3]], dim=1)))


def test_the_bilstm_equals_a_packed_bidirectional_lstm_of_the_same_weights():
    model, data = bilstm(), encoded()
    rows = torch.arange(len(data))
    got = model(batches.collate(data, rows, 0))
    assert torch.allclose(got, packed_reference(model, data, rows), atol=1e-6)


def test_the_packed_form_equals_the_one_for_cpus_and_so_do_its_gradients():
    model, data = bilstm(), encoded()
    batch = batches.collate(data, torch.arange(len(data)), 0)
    states, found = model.embedding(batch.ids.T), []
    for logits in (
        model(batch),
        model.classifier(model.hidden(model._packed_ends(states, batch.lengths))),
    ):
        model.zero_grad()
        logits.square().sum().backward()
        found.append((logits, [p.grad.clone() for p in model.parameters() if p.requires_grad]))
    assert torch.allclose(found[0][0], found[1][0], atol=1e-6)
    for one, other in zip(found[0][1], found[1][1], strict=True):
        assert torch.allclose(one, other, atol=1e-5)


def test_reordered_rows_and_their_gradients_are_those_of_indexing():
    order = torch.tensor([2, 1, 0, 4, 3])
    weight = torch.randn(5, 3)
    found = []
    for reorder in (lambda own: bilstm_module._Reordered.apply(own, order), lambda own: own[order]):
        values = torch.arange(15.0).view(5, 3).requires_grad_()
        reordered = reorder(values)
        (reordered * weight).sum().backward()
        found.append((reordered.detach(), values.grad))
    assert all(torch.equal(*pair) for pair in zip(*found, strict=True))


def test_texts_of_equal_length_give_what_they_give_among_longer_ones():
    model, data = bilstm().eval(), encoded()
    rows = torch.arange(len(data))
    everything = model(batches.collate(data, rows, 0))
    for length in data.lengths.unique():
        own = rows[data.lengths == length]
        assert torch.allclose(model(batches.collate(data, own, 0)), everything[own], atol=1e-6)


def test_an_lstm_never_computes_in_half_precision_and_an_encoder_s_logits_are_whole(tiny_bert):
    model, data = encoder.Encoder(tiny_bert, 2).eval(), encoded()
    assert (bilstm().autocasts, model.autocasts) == (False, True)
    with torch.autocast("cpu", dtype=torch.bfloat16):
        logits = model(batches.collate(data, torch.arange(8), 0))
    assert logits.dtype == torch.float32
    assert not torch.equal(logits, logits.bfloat16().float())


def test_padding_can_be_the_mean_vector():
    vectors = torch.randn(20, 5, generator=torch.Generator().manual_seed(9))
    assert bilstm_module.BiLSTM(vectors, 2).padding == 0
    model, data = bilstm_module.BiLSTM(vectors, 2, pad_with="mean"), encoded()
    batch = batches.collate(data, torch.tensor([0]), model.padding, pad_to=12)
    assert batch.ids[0, int(data.lengths[0]) :].unique().tolist() == [1]


def test_padding_does_not_reach_the_bilstm_unless_it_is_asked_to():
    model, data = bilstm().eval(), encoded()
    row = torch.tensor([int(data.lengths.argmin())])
    alone = model(batches.collate(data, row, 0))
    among = model(batches.collate(data, torch.cat([row, data.lengths.argmax()[None]]), 0))[:1]
    padded = model(batches.collate(data, row, 0, pad_to=12))
    assert torch.allclose(alone, among, atol=1e-6)
    assert not torch.allclose(alone, padded, atol=1e-4)


@pytest.fixture(scope="module")
def tiny_bert(tmp_path_factory):
    from transformers import BertConfig, BertModel

    torch.manual_seed(0)
    sizes = dict(hidden_size=16, num_hidden_layers=2, num_attention_heads=2, intermediate_size=32)
    folder = tmp_path_factory.mktemp("bert")
    BertModel(BertConfig(vocab_size=20, max_position_embeddings=16, **sizes)).save_pretrained(
        folder
    )
    return folder


def test_an_encoder_ignores_padding_and_sees_the_second_text(tiny_bert):
    model, data = encoder.Encoder(tiny_bert, 2, freeze_embeddings=True).eval(), encoded()
    batch = batches.collate(data, torch.tensor([0, 1]), 0)
    alone = model(batches.collate(data, torch.tensor([0]), 0))
    assert torch.allclose(model(batch)[:1], alone, atol=1e-5)
    reference = model.encoder(
        attention_mask=torch.ones(1, int(batch.lengths[0])),
        input_ids=batch.ids[:1, : batch.lengths[0]],
        token_type_ids=torch.tensor([[0] + [1] * (int(batch.lengths[0]) - 1)]),
    ).pooler_output
    paired = batches.Batch(batch.ids, batch.lengths, torch.tensor([1, 1]), batch.labels)
    assert torch.allclose(model(paired)[:1], model.classifier(reference), atol=1e-5)


def test_frozen_embeddings_are_neither_trained_nor_stored(tiny_bert):
    state = models.trainable_state(encoder.Encoder(tiny_bert, 2, freeze_embeddings=True))
    assert not any("embeddings" in name for name in state)
    state = models.trainable_state(encoder.Encoder(tiny_bert, 2, freeze_embeddings=False))
    assert any("word_embeddings" in name for name in state)


def test_an_encoder_can_be_cut_to_its_first_layers(tiny_bert):
    assert len(encoders.download_encoder(tiny_bert, layers=1).encoder.layer) == 1


def test_prunable_weights_of_an_encoder_leave_out_embeddings_classifier_and_biases(tiny_bert):
    from pielab.training import pruning

    model = encoder.Encoder(tiny_bert, 2, freeze_embeddings=False)
    names = set(pruning.prunable(model, layer_norm=False))
    linear = {f"{n}.weight" for n, m in model.encoder.named_modules() if isinstance(m, nn.Linear)}
    assert names == {f"encoder.{name}" for name in linear}
    extra = set(pruning.prunable(model, layer_norm=True)) - names
    assert len(extra) == 4
    assert all("LayerNorm.weight" in n and "embeddings" not in n for n in extra)


def test_a_model_without_pooled_output_is_refused(tmp_path):
    from transformers import DistilBertConfig, DistilBertModel

    config = DistilBertConfig(vocab_size=20, dim=16, n_layers=1, n_heads=2, hidden_dim=16)
    DistilBertModel(config).save_pretrained(tmp_path)
    with pytest.raises(ValueError, match="distilbert model has no pooled output"):
        encoders.download_encoder(tmp_path)


def test_states_of_several_seeds_survive_a_round_trip_and_a_strange_state_is_refused(tmp_path):
    states = {seed: models.trainable_state(bilstm(seed)) for seed in (0, 11)}
    with models.writing_states(tmp_path / "w.safetensors", bilstm(), (0, 11)) as write:
        for seed in (0, 11):
            write(seed, bilstm(seed))
    back = models.read_state(tmp_path / "w.safetensors", 11)
    assert all(torch.equal(back[name], states[11][name]) for name in states[11])
    with pytest.raises(ValueError, match="do not fit the model"):
        models.restore(bilstm(), {"other": torch.zeros(1)})


def test_the_seed_decides_the_first_weights_whatever_ran_before(tmp_path):
    save_file({"vectors": torch.randn(20, 5)}, tmp_path / "v.safetensors")
    settings = {"architecture": "bilstm"}
    first = models.build(settings, tmp_path / "v.safetensors", 2, seed=3)
    torch.rand(5)
    again = models.build(settings, tmp_path / "v.safetensors", 2, seed=3)
    other = models.build(settings, tmp_path / "v.safetensors", 2, seed=4)
    assert torch.equal(first.classifier.weight, again.classifier.weight)
    assert not torch.equal(first.classifier.weight, other.classifier.weight)
    assert np.isfinite(first.classifier.weight.detach().numpy()).all()
