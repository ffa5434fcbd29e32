"""Each measure of influence: values computed by hand, and slow definitions."""

import numpy as np
import pytest
import torch

from pielab.influence import Trace, measure_module
from pielab.influence_measures import InfluenceMeasure, kept, measure, names, words

TRUE, FALSE = [0.0, 2.0], [2.0, 0.0]  # logits of a text of class 1: right and wrong


def of(name, logits, labels, norms=None):
    found = measure_module(name).of_model(Trace(np.array(logits, np.float32), norms), labels)
    assert found.shape == (len(labels),)
    return found


def test_every_measure_says_what_it_is_and_what_it_needs():
    assert names()[0] == "el2n"
    assert all(measure(name).words for name in names())
    assert measure("grand") == InfluenceMeasure("GraNd", "norms")
    assert kept(["el2n"]) == []
    assert kept(["variability", "forgetting", "grand"]) == ["norms", "epochs"]
    assert words("el2n") == "EL2N"


def test_el2n_by_hand():
    chance = 1 / (1 + np.exp(-2))
    assert of("el2n", [[TRUE]], np.array([1])) == pytest.approx((1 - chance) * 2**0.5)


def test_grand_is_the_norm_of_the_gradient_that_torch_computes():
    rng = np.random.default_rng(0)
    layer = torch.nn.Linear(4, 3)
    inputs = torch.tensor(rng.normal(size=(6, 4)), dtype=torch.float32)
    labels = rng.integers(0, 3, 6)
    norms = []
    for text, label in zip(inputs, labels, strict=True):
        layer.zero_grad()
        torch.nn.functional.cross_entropy(layer(text)[None], torch.tensor([label])).backward()
        gradients = torch.cat([layer.weight.grad.ravel(), layer.bias.grad])
        norms.append(float(gradients.norm()))
    logits = layer(inputs).detach().numpy()[None]
    found = of("grand", logits, labels, np.linalg.norm(inputs.numpy(), axis=1))
    assert found == pytest.approx(norms, rel=1e-5)


def test_forgetting_by_hand():
    labels = np.array([1, 1, 1, 1])
    epochs = [
        [TRUE, TRUE, FALSE, FALSE],
        [TRUE, FALSE, FALSE, FALSE],
        [TRUE, TRUE, TRUE, FALSE],
        [TRUE, FALSE, TRUE, FALSE],
    ]
    # Always right; forgotten twice; learned once and kept; never learned: more than four epochs
    assert of("forgetting", epochs, labels).tolist() == [0, 2, 0, 5]


def test_confidence_and_variability_by_hand():
    chance = 1 / (1 + np.exp(-2))
    epochs, labels = [[TRUE], [FALSE]], np.array([1])
    assert of("confidence", epochs, labels) == pytest.approx(0.5)
    assert of("variability", epochs, labels) == pytest.approx(chance - 0.5)


def test_area_under_the_margin_by_hand():
    labels = np.array([1])
    assert of("margin-area", [[[1, 3, 2]], [[4, 3, 2]]], labels) == pytest.approx(-(1 - 1) / 2)
    assert of("margin-area", [[[1, 3, 2]]], labels) == pytest.approx(-1)


@pytest.mark.parametrize("name", names())
def test_a_measure_takes_several_labels_and_ranks_a_wrong_text_above_a_right_one(name):
    labels = np.array([[1, 0, 1], [1, 0, 1]], dtype=np.uint8)
    right, wrong = [3.0, -3, 3], [-3.0, 3, -3]
    epochs = [[right, wrong], [right, right], [right, wrong]]
    found = of(name, epochs, labels, np.ones(2))
    assert found[1] > found[0]
