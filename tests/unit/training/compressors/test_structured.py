import pytest
import torch

from helpers.small_model import bilstm, encoded, run
from pielab.training import anatomy, bert, predict, storage, weights
from pielab.training.compressors import Job, dynamic, structured
from pielab.training.matrices import matrices


class Bert(bert.Bert):
    """A BERT with the heads and units of the architecture, and a last layer."""

    unit_kinds = ("heads", "feed_forward")
    last = "pooler"

    def units(self, what):
        return list(anatomy.unit_layers(self, what, self.config))


def encoder(seed=0):
    """Return a BERT of two layers with four heads of two units, and eight feed-forward units."""
    torch.manual_seed(seed)
    sizes = {"hidden_size": 8, "num_hidden_layers": 2, "num_attention_heads": 4}
    model = Bert(bert.Config(vocab_size=20, intermediate_size=8, **sizes))
    for parameter in model.parameters():
        torch.nn.init.normal_(parameter, std=0.5)
    return model.train(False)


def states(model):
    ids = torch.randint(0, 20, (3, 5), generator=torch.Generator().manual_seed(0))
    return model(torch.ones_like(ids), input_ids=ids).last_hidden_state


def removed(model, what, level):
    return structured.compress(model, Job(level, {"what": what}, run()))


def test_a_head_that_is_removed_says_nothing_whatever_it_reads():
    model, spoilt = removed(encoder(), "heads", 25), removed(encoder(), "heads", 25)
    for own in spoilt.encoder.layer:
        gone = own.attention.self["value"].bias.reshape(4, 2).eq(0).all(dim=1)
        assert gone.sum() == 1
        columns = gone.repeat_interleave(2)
        with torch.no_grad():
            own.attention.output.dense.weight[:, columns] = 100  # nobody is heard there
            own.attention.self["query"].weight[columns] = 100
    assert torch.allclose(states(model), states(spoilt), atol=1e-6)
    assert not torch.allclose(states(model), states(encoder()), atol=1e-3)


def test_a_feed_forward_unit_that_is_removed_says_nothing():
    model, spoilt = removed(encoder(), "feed_forward", 50), removed(encoder(), "feed_forward", 50)
    for own in spoilt.encoder.layer:
        gone = own.intermediate["dense"].weight.eq(0).all(dim=1)
        assert gone.sum() == 4
        with torch.no_grad():
            own.output.dense.weight[:, gone] = 100
    assert torch.allclose(states(model), states(spoilt), atol=1e-6)


def test_an_lstm_unit_that_is_removed_says_nothing():
    model, spoilt = removed(bilstm(), "lstm_units", 30), removed(bilstm(), "lstm_units", 30)
    gone = spoilt.forward_lstms[1].bias_ih_l0.reshape(4, 100).eq(0).all(dim=0)
    assert gone.sum() == 30
    with torch.no_grad():
        spoilt.hidden[0].weight[:, :100][:, gone] = 100
    logits = [predict.predict(own, encoded()) for own in (model, spoilt)]
    assert torch.allclose(*map(torch.tensor, logits), atol=1e-6)


def test_the_smallest_units_go_and_what_they_are_not_made_of_stays():
    model = bilstm()
    with torch.no_grad():
        for name in ("weight_ih_l0", "weight_hh_l0"):
            getattr(model.forward_lstms[0], name).view(4, 100, -1)[:, 7] *= 1e-3
    dense = {name: weight.clone() for name, weight in model.state_dict().items()}
    after = removed(model, "lstm_units", 1).state_dict()
    changed = (after["forward_lstms.0.weight_ih_l0"] != dense["forward_lstms.0.weight_ih_l0"]).any(
        1
    )
    assert changed.nonzero().ravel().tolist() == [7, 107, 207, 307]
    assert torch.equal(after["hidden.0.weight"], dense["hidden.0.weight"])


def test_what_a_model_does_not_have_is_refused():
    with pytest.raises(ValueError, match="what: 'heads'; expected what this model has, lstm_units"):
        removed(bilstm(), "heads", 50)


def test_a_size_is_that_of_the_rows_and_columns_that_are_left():
    own = weights.describe(encoder())
    attention, layer = "encoder.layer.0.attention", "encoder.layer.0"

    def left(name, what, level=25):
        options = {"units": own[name].units.get(what, {})}
        return structured.stored_bytes(name, own[name].shape, level, options)

    for part in ("query", "key", "value"):
        assert left(f"{attention}.self.{part}.weight", "heads") == 4 * 6 * 8
        assert left(f"{attention}.self.{part}.bias", "heads") == 4 * 6
    assert left(f"{attention}.output.dense.weight", "heads") == 4 * 8 * 6
    assert left(f"{attention}.output.dense.bias", "heads") == 4 * 8
    assert left(f"{attention}.output.dense.weight", "feed_forward") == 4 * 64
    assert left(f"{layer}.output.dense.weight", "feed_forward") == 4 * 8 * 6
    own = weights.describe(bilstm())
    assert left("forward_lstms.0.weight_hh_l0", "lstm_units", 50) == 4 * 200 * 50
    assert left("forward_lstms.1.weight_ih_l0", "lstm_units", 50) == 4 * 200 * 100
    assert left("forward_lstms.0.weight_ih_l0", "lstm_units", 50) == 4 * 200 * 5
    assert left("forward_lstms.0.bias_hh_l0", "lstm_units", 50) == 4 * 200
    assert left("hidden.2.weight", "lstm_units", 50) == 4 * 128 * 256


def left_of(model, what, values):
    """Return how many weights are left of a compressed model, by the units that `values` names."""
    states, total = model.state_dict(), 0
    gone = {name: weight.eq(0).all(1) for name, weight in states.items() if name.endswith(values)}
    for name, weight in states.items():
        rows, columns = torch.ones(2, max(weight.shape[0], weight[0].numel()), dtype=torch.bool)
        rows, columns = rows[: weight.shape[0]], columns[: weight[0].numel()]
        for owner, lost in gone.items():
            layer = ".".join(owner.split(".")[:3])
            if not name.startswith(f"{layer}."):
                continue
            inside = name.removeprefix(f"{layer}.")
            if inside.startswith(("attention.self.", "intermediate.")[what == "feed_forward"]):
                rows = ~lost
            if (
                inside
                == ("attention.output.dense.weight", "output.dense.weight")[what == "feed_forward"]
            ):
                columns = ~lost
        total += int(rows.sum() * columns.sum())
    return total


@pytest.mark.parametrize("level", [10, 20, 37.5, 50, 62.5, 90, 99])
@pytest.mark.parametrize(
    ("what", "values", "units"),
    [("heads", "attention.self.value.weight", 4), ("feed_forward", "intermediate.dense.weight", 8)],
)
def test_a_models_size_and_level_are_those_of_the_whole_units_that_are_left(
    what, values, units, level
):
    model = removed(encoder(), what, level)
    shapes = weights.describe(model)
    method = {"compressor": "structured", "what": what}
    left = left_of(model, what, values)
    assert storage.stored_bytes(shapes, method, level) == 4 * left
    gone = model.encoder.layer[0].get_submodule(values.removesuffix(".weight")).weight
    gone = gone.reshape(units, -1).eq(0).all(1).sum()
    assert storage.level_reached(shapes, method, level) == 100 * gone / units


@pytest.mark.parametrize("level", [12.5, 30, 99.6])
def test_an_lstms_size_counts_whole_units_of_each_direction_and_their_biases(level):
    method = {"compressor": "structured", "what": "lstm_units"}
    left = 100 - round(level)
    shapes = weights.describe(bilstm())
    rest = weights.count({name: own for name, own in shapes.items() if "lstms" not in name})
    first = 4 * left * (5 + left + 2)  # of five inputs, with two biases
    second = 4 * left * (2 * left + left + 2)  # of both directions
    assert storage.stored_bytes(shapes, method, level) == 4 * (rest + 2 * first + 2 * second)
    assert storage.level_reached(shapes, method, level) == round(level)


@pytest.mark.parametrize(("level", "share"), [(10, "none"), (99, "all")])
def test_a_level_that_removes_no_head_or_every_head_is_told(level, share, caplog):
    removed(encoder(), "heads", level)
    assert f"heads: {level} % of 4 in a layer removes {share}" in caplog.text


@pytest.mark.filterwarnings("ignore")  # torch announces that it will move these
def test_dynamic_int8_computes_by_integer_kernels_and_says_nearly_the_same():
    model = dynamic.compress(bilstm(), Job(8, {"bits": 8}, run()))
    kinds = {type(layer).__module__.split(".")[-2] for layer in model.hidden[:1]}
    assert kinds == {"modules"}
    assert "dynamic" in type(model.hidden[0]).__module__
    assert not set(matrices(model))
    dense, rounded = (torch.tensor(predict.predict(own, encoded())) for own in (bilstm(), model))
    assert 0 < (dense - rounded).abs().max() < 0.01
