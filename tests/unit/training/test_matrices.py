import pytest
import torch

from helpers.small_model import SETTINGS, bilstm, encoded, run
from pielab.training import batches, loop, matrices, passes


def test_the_matrices_of_a_bilstm_are_its_lstms_and_hidden_layers_block_by_block():
    lstms = ["{}_lstms.{}.weight_ih_l0", "{}_lstms.{}.weight_hh_l0"]
    assert [sorted(stage) for stage in matrices.stages(bilstm())] == [
        *(
            sorted(name.format(way, depth) for way in ("forward", "backward") for name in lstms)
            for depth in (0, 1)
        ),
        ["hidden.0.weight"],
        ["hidden.2.weight"],
    ]


def gather(model, names, data, rows, statistic):
    """Return a statistic of what matrices read of these texts, padded to no length."""
    with matrices.gathering(model, names, statistic) as sums, torch.no_grad():
        for part in passes.equal_length_batches(data.encoded.lengths, rows, None):
            model(batches.collate(data.encoded, part, model.padding))
    return sums


def states_of(lstm, text):
    """Return what both matrices of an LSTM read, a token at a time."""
    cell = torch.nn.LSTMCell(lstm.input_size, lstm.hidden_size)
    names = ("weight_ih", "weight_hh", "bias_ih", "bias_hh")
    cell.load_state_dict({name: getattr(lstm, f"{name}_l0") for name in names})
    state = torch.zeros(1, lstm.hidden_size), torch.zeros(1, lstm.hidden_size)
    read = []
    for token in text:
        read.append((token, state[0][0]))
        state = cell(token[None], state)
    return [torch.stack(parts) for parts in zip(*read, strict=True)]


@pytest.mark.parametrize("way", ["forward", "backward"])
def test_both_matrices_of_an_lstm_read_the_tokens_and_the_states_before_them(way):
    model, data = bilstm(), encoded()
    rows = torch.tensor([3, 5, 6, 11])
    names = [f"{way}_lstms.0.weight_{kind}_l0" for kind in ("ih", "hh")]
    found = gather(model, names, run(data), rows, matrices.sum_of_products)
    products = [0, 0]
    for row in rows.tolist():
        ids = data.ids[data.offsets[row] : data.offsets[row + 1]].long()
        text = model.embedding(ids if way == "forward" else ids.flip(0))
        for kind, read in enumerate(states_of(getattr(model, f"{way}_lstms")[0], text)):
            products[kind] = products[kind] + read.T @ read
    for name, expected in zip(names, products, strict=True):
        assert torch.allclose(found[name].float(), expected, atol=1e-4)


def test_a_linear_layer_reads_one_state_a_text_and_no_padding():
    model, data = bilstm(), encoded()
    rows = torch.arange(24)
    names = ["hidden.0.weight"]
    (found,) = gather(model, names, run(data), rows, matrices.sum_of_squares).values()
    seen = []
    handle = model.hidden[0].register_forward_hook(lambda _, given, __: seen.append(given[0]))
    for row in rows:
        model(batches.collate(data, row[None], 0))
    handle.remove()
    assert torch.allclose(found.float(), torch.cat(seen).square().sum(dim=0), atol=1e-4)


def test_batches_hold_each_text_once_and_one_length_each():
    data = encoded(200)
    rows = torch.randperm(200)[:150]
    parts = list(passes.equal_length_batches(data.lengths, rows, None))
    assert sorted(torch.cat(parts).tolist()) == sorted(rows.tolist())
    assert all(len(data.lengths[part].unique()) == 1 for part in parts)
    padded = list(passes.equal_length_batches(data.lengths, rows, 8))
    assert [len(part) for part in padded] == [64, 64, 22]


def test_later_blocks_read_what_compressed_ones_say():
    model, seen = bilstm(), {}
    settings = loop.Settings(**vars(SETTINGS) | {"pad_to": 7})
    data = loop.Run(encoded(), settings, seed=0)

    def note(weight, squares):
        seen[tuple(weight.shape)] = squares
        return torch.zeros_like(weight)

    matrices.change_calibrated(model, data, torch.arange(24), matrices.sum_of_squares, note)
    # LSTMs whose weights are zero say the same of every text
    assert seen[128, 256].unique().numel() < 257
    same = model.hidden[1](model.hidden[0].bias).square() * 24
    assert torch.allclose(seen[128, 256].float(), same, atol=1e-4)


def test_a_draw_is_the_same_texts_again_and_no_other_seed_has_it():
    data = encoded(1000)

    def draw(seed, number):
        return matrices.draw_texts(data, {"examples": 50}, (seed, number))

    drawn = draw(1, 2)
    assert torch.equal(drawn, draw(1, 2))
    assert len(drawn.unique()) == 50
    assert not torch.equal(drawn, draw(2, 2))
    assert not torch.equal(drawn, draw(1, 3))
    with pytest.raises(ValueError, match=r"calibration.examples: 50; expected at most 40"):
        matrices.draw_texts(encoded(40), {"examples": 50}, (0, 0))


def test_what_is_neither_linear_nor_an_lstm_is_named():
    class Other(torch.nn.Module):
        def __init__(self):
            super().__init__()
            self.inner = torch.nn.Conv1d(2, 2, 2)

    with pytest.raises(ValueError, match=r"inner.weight: a layer of type Conv1d; expected Linear"):
        gather(Other(), ["inner.weight"], run(), torch.arange(2), matrices.sum_of_squares)
