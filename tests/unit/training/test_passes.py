"""Texts that pass a model again after each of its blocks has changed."""

import torch
from torch import nn

from helpers.small_model import bilstm, encoded, run
from pielab.training import passes

CHAIN = [["first"], ["second"], ["last"]]


class Chain(nn.Module):
    """Three layers, called in `order`, and how often each was."""

    padding = 0

    def __init__(self, order=("first", "second", "last")):
        super().__init__()
        self.order, self.calls = order, dict.fromkeys(order, 0)
        for name in self.calls:
            self.add_module(name, nn.Linear(4, 4))
        self.train(False)

    def forward(self, batch):
        states = batch.ids[:, :1].float().expand(-1, 4) / 20
        for name in self.order:
            layer = self.get_submodule(name)
            states = layer(states).tanh()
        return states


def what_each_reads(model, blocks, change):
    """Return what the first layer of each block reads, changing block by block; count calls."""
    found, data, rows = [], run(encoded(30)), torch.arange(30)
    compute = nn.Linear.forward

    def count(layer, given):
        names = {id(own): name for name, own in model.named_children()}
        model.calls[names[id(layer)]] += 1
        return compute(layer, given)

    nn.Linear.forward = count
    try:
        with passes.passing(model, data, rows, blocks) as read_until:
            for index, (name,) in enumerate(blocks):
                layer, read = model.get_submodule(name), []
                hook = layer.register_forward_hook(
                    lambda _, given, __, own=read: own.append(*given)
                )
                read_until(index)
                hook.remove()
                found.append(torch.cat(read))
                change(layer)
    finally:
        nn.Linear.forward = compute
    return found


def halve(layer):
    layer.weight.data /= 2


def model_of(order=("first", "second", "last")):
    torch.manual_seed(0)
    return Chain(order)


def test_each_block_reads_what_the_changed_ones_before_it_say():
    model = model_of()
    found = what_each_reads(model, CHAIN, halve)
    parts = passes.equal_length_batches(encoded(30).lengths, torch.arange(30), None)
    data = encoded(30)
    states = data.ids[data.offsets[torch.cat(list(parts))]].float()[:, None].expand(-1, 4) / 20
    for name, read in zip(("first", "second", "last"), found, strict=True):
        assert torch.allclose(read, states, atol=1e-6)
        states = model.get_submodule(name)(states).tanh()


def test_what_changed_blocks_say_is_computed_once_and_what_comes_later_not_at_all():
    model = model_of()
    what_each_reads(model, CHAIN, halve)
    batches = len(encoded(30).lengths.unique())
    # One text tells the order; a block is computed as it was and, if another reads it, as it became
    assert model.calls == {"first": 1 + 2 * batches, "second": 1 + 2 * batches, "last": 1 + batches}


def test_a_model_that_calls_its_blocks_otherwise_is_computed_whole_each_time():
    for order in (("second", "first", "last"), ("first", "first", "second", "last")):
        model = model_of(order)
        what_each_reads(model, CHAIN, halve)
        batches = len(encoded(30).lengths.unique())
        assert model.calls == {name: order.count(name) * (1 + 3 * batches) for name in model.calls}


def test_a_model_is_as_before_when_its_texts_have_passed():
    model = bilstm()
    blocks = [["forward_lstms.0", "backward_lstms.0"], ["hidden.0"], ["hidden.2"]]
    with passes.passing(model, run(), torch.arange(24), blocks) as read_until:
        for index in range(3):
            read_until(index)
    for module in model.modules():
        assert "forward" not in vars(module)
        assert not module._forward_hooks
        assert not module._forward_pre_hooks
