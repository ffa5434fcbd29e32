import dataclasses

import numpy as np
import pytest
import torch
from scipy.special import softmax

from helpers.small_model import bilstm, encoded, run
from pielab.objectives import names, objective
from pielab.training import loop, models, objectives, predict, pruning

HEADER = {"examples": "a1b2"}


def written(path, seeds, logits):
    predict.write_logits(path, [np.float32(one) for one in logits], {"seeds": seeds}, HEADER)
    return str(path)


def test_the_teacher_is_the_mean_of_all_models_or_that_of_one_seed(tmp_path):
    first = written(tmp_path / "a.safetensors", [3, 4], [[[1, 2]], [[3, 6]]])
    second = written(tmp_path / "b.safetensors", [5], [[[5, 1]]])
    assert objectives.mean_logits([first, second], "a1b2").tolist() == [[3, 3]]
    assert objectives.mean_logits([first, second], "a1b2", [4]).tolist() == [[3, 6]]


def test_a_teacher_of_other_examples_or_seeds_is_refused(tmp_path):
    path = written(tmp_path / "a.safetensors", [3], [[[1, 2]]])
    with pytest.raises(ValueError, match=r"a\.safetensors: predictions for other examples"):
        objectives.mean_logits([path], "other")
    with pytest.raises(ValueError, match=r"a\.safetensors: seeds \[\]; expected \[7\]"):
        objectives.mean_logits([path], "a1b2", [7])


def test_cross_entropy_by_name_trains_the_same_weights_byte_for_byte():
    def trained(own):
        model = bilstm()
        loop.train(model, own, stage=1)
        return models.trainable_state(model)

    plain = run()
    named = dataclasses.replace(
        plain, loss=objectives.prepare({"name": "cross-entropy"}, plain, [])
    )
    first, second = trained(plain), trained(named)
    assert all(torch.equal(first[name], second[name]) for name in first)


@pytest.fixture(scope="module")
def dense(tmp_path_factory):
    """A run, the weights of its dense model, its logits, and their file."""
    data = dataclasses.replace(encoded(), digest="a1b2")
    own = run(data, loop.Settings(epochs=8, learning_rate=0.003, batch_size=8))
    model = bilstm()
    loop.train(model, own, stage=0)
    logits = predict.predict(model, data)
    path = written(tmp_path_factory.mktemp("dense") / "dense.safetensors", [0], [logits])
    return own, models.trainable_state(model), logits, path


def compressed(dense, schedule, options):
    """Return a model that is pruned by half and trained by an objective."""
    own, state, _, path = dense
    model, method = bilstm(), pruning.Method("magnitude", schedule)
    loss = objectives.prepare(options, own, [path])
    pruning.compress(model, method, 50, state, dataclasses.replace(own, loss=loss))
    return model


IMITATION = {"name": "distillation", "teacher": "own", "temperature": 1, "weight": 1}


@pytest.mark.slow
def test_models_imitate_their_teacher_more_than_by_cross_entropy(dense):
    own, _, logits, _ = dense
    distances = []
    for options in ({"name": "cross-entropy"}, IMITATION):
        found = predict.predict(compressed(dense, "iterative", options), own.encoded)
        distances.append(np.abs(softmax(found, axis=1) - softmax(logits, axis=1)).mean())
    assert distances[1] < distances[0]


def test_what_is_pruned_at_initialisation_trains_by_its_objective_too(dense):
    first, second = (
        models.trainable_state(compressed(dense, "at-initialisation", options))
        for options in ({"name": "cross-entropy"}, IMITATION)
    )
    assert any(not torch.equal(first[name], second[name]) for name in first)


DEFAULTS = {
    "temperature": 2,
    "weight": 0.5,
    "alpha": 1,
    "beta": 5,
    "top": 10,
    "margin": 0,
    "least": 0.75,
    "exponent": 5,
    "soft_labels": True,
    "by": "class",
}


@pytest.mark.parametrize("name", names())
def test_every_objective_trains_models_of_several_labels(tmp_path, name):
    rng = np.random.default_rng(0)
    labels = torch.tensor(rng.integers(0, 2, (24, 2)), dtype=torch.uint8)
    data = dataclasses.replace(encoded(), labels=labels, multi_label=True, digest="a1b2")
    own = run(data)
    path = written(tmp_path / "dense.safetensors", [0], [rng.normal(size=(24, 2))])
    options = {"name": name, "teacher": objective(name).teacher}
    options |= {key: DEFAULTS[key] for key in objective(name).options}
    model, before = bilstm(), models.trainable_state(bilstm())
    loss = objectives.prepare(options, own, [path])
    loop.train(model, dataclasses.replace(own, loss=loss), stage=0)
    after = models.trainable_state(model)
    assert all(after[key].isfinite().all() for key in after)
    assert any(not torch.equal(after[key], before[key]) for key in after)
