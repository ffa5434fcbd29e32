import dataclasses
import logging
import os
import subprocess
import sys
from pathlib import Path

import pytest
import torch

from helpers.small_model import SETTINGS, bilstm, encoded, run
from pielab.seeds import derive_seed, parse_seeds
from pielab.training import adam, batches, loop, models, predict


def trained(seed, data, settings=SETTINGS, stage=0):
    model = bilstm(seed)
    loop.train(model, run(data, settings, seed), stage)
    return models.trainable_state(model)


def same(a, b):
    return all(torch.equal(a[name], b[name]) for name in a)


def test_a_seed_s_result_is_the_same_in_any_block_and_from_run_to_run():
    data = encoded()
    block = {seed: trained(seed, data) for seed in (0, 1, 2)}
    assert same(trained(2, data), block[2])
    assert same(trained(0, data), block[0])
    assert not same(block[0], block[1])


def test_stages_and_epochs_have_orders_of_their_own():
    lengths = encoded().lengths
    orders = {
        (stage, epoch): torch.cat(
            list(
                batches.shuffled_batches(
                    lengths,
                    8,
                    torch.Generator().manual_seed(derive_seed(0, "order", stage, epoch)),
                )
            )
        ).tolist()
        for stage in (0, 1)
        for epoch in (1, 2)
    }
    assert len({tuple(order) for order in orders.values()}) == 4
    assert all(sorted(order) == list(range(24)) for order in orders.values())


def test_batches_hold_examples_of_like_length():
    lengths = torch.arange(1000) % 97
    parts = batches.shuffled_batches(lengths, 10, torch.Generator().manual_seed(0))
    spread = [int(lengths[part].max() - lengths[part].min()) for part in parts]
    assert max(spread) <= 10


def test_batches_are_random_where_all_texts_are_padded_alike(monkeypatch):
    drawn = []

    def record(*arguments):
        drawn.append(arguments[0])
        return iter([torch.arange(24)])

    monkeypatch.setattr(batches, "random_batches", record)
    trained(0, encoded())
    assert drawn == []
    trained(0, encoded(), dataclasses.replace(SETTINGS, pad_to=12))
    assert drawn == [24]


def test_random_batches_hold_every_example_once():
    parts = list(batches.random_batches(100, 7, torch.Generator().manual_seed(0)))
    order = torch.cat(parts).tolist()
    assert sorted(order) == list(range(100)) != order
    assert {len(part) for part in parts[:-1]} == {7}


def test_one_step_equals_adam_written_out_with_the_gradient_clipped_at_1():
    data = encoded(examples=8)
    settings = dataclasses.replace(SETTINGS, batch_size=8)
    model = bilstm()
    rows = next(
        batches.shuffled_batches(
            data.lengths, 8, torch.Generator().manual_seed(derive_seed(0, "order", 0, 1))
        )
    )
    batch = batches.collate(data, rows, 0)
    torch.nn.functional.cross_entropy(model(batch), batch.labels).backward()
    own = [p for p in model.parameters() if p.requires_grad]
    norm = torch.sqrt(sum((p.grad**2).sum() for p in own))
    scale = min(1.0, 1.0 / (float(norm) + 1e-6))
    # First step of Adam: m = g and v = g^2 after bias correction
    expected = [p - 0.01 * (g := p.grad * scale) / (g.abs() + 1e-8) for p in own]
    state = trained(0, data, settings)
    for value, target in zip(state.values(), expected, strict=True):
        assert torch.allclose(value, target, atol=1e-5)


def test_adam_is_torch_s_to_the_bit_where_some_parameters_have_no_gradient():
    torch.manual_seed(0)
    ours = [torch.nn.Parameter(torch.randn(4, 3)) for _ in range(3)]
    theirs = [torch.nn.Parameter(p.detach().clone()) for p in ours]
    steppers = adam.Adam(ours, 0.01), torch.optim.Adam(theirs, lr=0.01, fused=True)
    for step in range(5):
        for parameters, stepper in zip((ours, theirs), steppers, strict=True):
            stepper.zero_grad()
            torch.manual_seed(step)
            used = parameters[: 2 + step % 2]
            sum((p * torch.randn(4, 3)).sum() ** 2 for p in used).backward()
            stepper.step()
    for mine, other in zip(ours, theirs, strict=True):
        assert torch.equal(mine, other)
        state = steppers[1].state[other]
        assert all(torch.equal(value, state[key]) for key, value in steppers[0].state[mine].items())


LEAN = """
import sys, torch
from helpers.small_model import bilstm, encoded, run
from pielab.training import bert, devices, encoders, loop, predict
devices.make_deterministic(1)
with torch.device("meta"):
    bert.Bert(bert.Config())
model = bilstm()
loop.train(model, run(), stage=0)
predict.predict(model, encoded())
heavy = {"pandas", "scipy", "transformers", "torch._dynamo"}
print(sorted(heavy & set(sys.modules)))
"""


@pytest.mark.slow
def test_a_training_job_imports_neither_tables_nor_compilers():
    root = Path(__file__).parents[3]
    path = os.pathsep.join(str(root / name) for name in ("scripts", "tests"))
    command, environment = [sys.executable, "-c", LEAN], os.environ | {"PYTHONPATH": path}
    done = subprocess.run(command, capture_output=True, text=True, env=environment, check=True)
    assert done.stdout.strip() == "[]"


def test_a_loss_that_is_not_finite_stops_the_job_with_seed_stage_and_epoch():
    settings = dataclasses.replace(SETTINGS, learning_rate=1e30, epochs=3)
    with pytest.raises(ValueError, match=r"seed 0 stage 2 epoch .*learning_rate"):
        trained(0, encoded(), settings, stage=2)


def test_each_epoch_reports_loss_score_seconds_and_examples_per_second(caplog):
    with caplog.at_level(logging.INFO, logger="pielab"):
        trained(0, encoded(), dataclasses.replace(SETTINGS, epochs=2))
    assert len(caplog.messages) == 2
    for word in ("epoch 2", "loss", "accuracy", " s,", "examples/s"):
        assert word in caplog.messages[1]


def test_predictions_stand_in_the_order_of_the_examples():
    model, data = bilstm().eval(), encoded()
    logits = predict.predict(model, data, batch_size=5)
    for row in range(len(data)):
        alone = model(batches.collate(data, torch.tensor([row]), 0)).detach().numpy()[0]
        assert logits[row] == pytest.approx(alone, abs=1e-6)


def test_a_prediction_that_is_not_finite_is_an_error():
    model = bilstm()
    with torch.no_grad():
        model.classifier.bias.fill_(float("nan"))
    with pytest.raises(ValueError, match="not a finite number"):
        predict.predict(model, encoded())


def test_several_labels_are_trained_with_binary_cross_entropy():
    logits, labels = torch.tensor([[0.0, 2.0]]), torch.tensor([[1, 0]], dtype=torch.uint8)
    by_hand = (torch.log(torch.tensor(2.0)) + torch.log(1 + torch.exp(torch.tensor(2.0)))) / 2
    assert loop.loss_of(logits, labels, multi_label=True) == pytest.approx(float(by_hand))
    data = dataclasses.replace(
        encoded(), labels=torch.randint(0, 2, (24, 2), dtype=torch.uint8), multi_label=True
    )
    assert trained(0, data)


def test_a_block_s_name_gives_its_seeds():
    assert list(parse_seeds("10-12")) == [10, 11, 12]


@pytest.mark.parametrize("length", [0.5, 1 - 1e-6, 1.0, 3.0, 1e20, float("inf"), float("nan")])
def test_gradients_are_clipped_to_the_bits_of_torch_s_own_function(length):
    torch.manual_seed(0)
    directions = [torch.randn(4, 3), torch.randn(5)]
    norm = torch.cat([d.flatten() for d in directions]).norm()
    sets = [[torch.nn.Parameter(torch.zeros_like(d)) for d in [*directions, norm]] for _ in "ab"]
    for own in sets:
        for parameter, direction in zip(own, directions, strict=False):
            parameter.grad = direction / norm * length
    norms = {p: p.grad.norm() for p in sets[0] if p.grad is not None}
    loop._clip(sets[0], norms)
    torch.nn.utils.clip_grad_norm_(sets[1], 1.0)
    for ours, torchs in zip(*(own[:2] for own in sets), strict=True):
        assert torch.equal(ours.grad.view(torch.int32), torchs.grad.view(torch.int32))
    assert sets[0][2].grad is None


def test_training_leaves_nothing_behind_that_changes_later_gradients():
    model, data = bilstm(0), encoded()
    masks = {"hidden.0.weight": torch.zeros(256, 200, dtype=torch.bool)}
    loop.train(model, run(data), 0, masks)
    model(batches.collate(data, torch.arange(8), 0)).sum().backward()
    assert model.hidden[0].weight.grad.any()


def test_masks_of_bools_and_of_numbers_prune_to_the_same_bits():
    data, masks = encoded(), {}
    for name, parameter in bilstm(0).named_parameters():
        if parameter.requires_grad and parameter.ndim == 2:
            draws = torch.rand(parameter.shape, generator=torch.Generator().manual_seed(1))
            masks[name] = draws > 0.5
    whole = {name: torch.ones_like(mask) for name, mask in masks.items()}

    def after_an_epoch(chosen, by_hand):
        model = bilstm(0)
        with torch.no_grad():
            for name, mask in chosen.items():
                model.get_parameter(name).masked_fill_(~mask, 0)
        for name, mask in chosen.items() if by_hand else ():
            model.get_parameter(name).register_hook(lambda grad, mask=mask: grad * mask)
        loop.train(model, run(data, SETTINGS, 0), 0, None if by_hand else chosen)
        return models.trainable_state(model)

    assert same(after_an_epoch(masks, by_hand=False), after_an_epoch(masks, by_hand=True))
    assert same(after_an_epoch(whole, by_hand=False), trained(0, data))
