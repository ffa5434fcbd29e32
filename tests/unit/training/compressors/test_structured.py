import pytest
import torch

from helpers.small_model import bilstm, encoded, run
from pielab.training import bert, predict
from pielab.training.compressors import Job, dynamic, structured
from pielab.training.matrices import matrices


def encoder(seed=0):
    """Return a BERT of two layers with four heads of two units, and eight feed-forward units."""
    torch.manual_seed(seed)
    sizes = {"hidden_size": 8, "num_hidden_layers": 2, "num_attention_heads": 4}
    model = bert.Bert(bert.Config(vocab_size=20, intermediate_size=8, **sizes))
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
    with pytest.raises(ValueError, match="what: 'heads'; expected what this model has"):
        removed(bilstm(), "heads", 50)


def test_a_size_is_that_of_the_rows_and_columns_that_are_left():
    options = {"what": "heads"}
    attention, name = "encoder.layer.0.attention", "{}.self.{}.weight"
    for part in ("query", "key", "value"):
        found = structured.stored_bytes(name.format(attention, part), (8, 8), 25, options)
        assert found == 4 * 6 * 8
    output = f"{attention}.output.dense.weight"
    assert structured.stored_bytes(output, (8, 8), 25, options) == 4 * 8 * 6
    wide = {"what": "feed_forward"}
    assert structured.stored_bytes(output, (8, 8), 25, wide) == 4 * 64
    assert structured.stored_bytes("layer.0.output.dense.weight", (8, 16), 25, wide) == 4 * 8 * 12
    units, level = {"what": "lstm_units"}, 50
    assert structured.stored_bytes("forward_lstms.0.weight_hh_l0", (400, 100), level, units) == (
        4 * 200 * 50
    )
    assert structured.stored_bytes("hidden.2.weight", (8, 8), level, units) == 4 * 64


@pytest.mark.filterwarnings("ignore")  # torch announces that it will move these
def test_dynamic_int8_computes_by_integer_kernels_and_says_nearly_the_same():
    model = dynamic.compress(bilstm(), Job(8, {"bits": 8}, run()))
    kinds = {type(layer).__module__.split(".")[-2] for layer in model.hidden[:1]}
    assert kinds == {"modules"}
    assert "dynamic" in type(model.hidden[0]).__module__
    assert not set(matrices(model))
    dense, rounded = (torch.tensor(predict.predict(own, encoded())) for own in (bilstm(), model))
    assert 0 < (dense - rounded).abs().max() < 0.01
