"""Wanda and SparseGPT beside slow references, and on a layer whose optimum can be enumerated."""

from itertools import combinations

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from pielab.training.compressors import sparsegpt, wanda

NO_DAMPING = 1e-12


def layer(rows=3, columns=6, tokens=40, seed=0):
    """Return weights and inputs whose columns differ in size and go somewhat together."""
    generator = np.random.default_rng(seed)
    mixing = np.eye(columns) + 0.2 * generator.normal(size=(columns, columns))
    mixing *= generator.permutation(np.geomspace(0.2, 5, columns))
    inputs = generator.normal(size=(tokens, columns)) @ mixing
    return generator.normal(size=(rows, columns)), inputs


def as_tensors(weight, inputs):
    return torch.tensor(weight, dtype=torch.float32), torch.tensor(inputs.T @ inputs)


def wanda_of(weight, inputs, share):
    own, products = as_tensors(weight, inputs)
    return wanda.prune(own, products.diagonal(), share).double().numpy()


def sparsegpt_of(weight, inputs, share, damping=NO_DAMPING, block=128):
    own, products = as_tensors(weight, inputs)
    return sparsegpt.prune(own, products, share, damping, block).double().numpy()


def magnitude_of(weight, share):
    kept = weight.copy()
    kept.ravel()[np.abs(weight).ravel().argsort(kind="stable")[: round(share * weight.size)]] = 0
    return kept


def error(weight, pruned, inputs):
    return float(np.square((weight - pruned) @ inputs.T).sum())


def optimum(weight, inputs, share):
    """Return the least error of any matrix whose rows have so many zeros: all are tried."""
    columns, total = weight.shape[1], 0.0
    for row in weight:
        kept = [list(one) for one in combinations(range(columns), columns - round(share * columns))]
        total += min(
            np.square(inputs[:, one] @ np.linalg.lstsq(inputs[:, one], inputs @ row, rcond=None)[0]
                      - inputs @ row).sum() for one in kept)  # fmt: skip
    return total


def test_wanda_by_hand_keeps_a_small_weight_that_reads_much():
    weight = torch.tensor([[1.0, -2.0, 3.0], [3.0, 2.0, -1.0]])
    pruned = wanda.prune(weight, torch.tensor([100.0, 1.0, 0.25]).double(), 1 / 3)
    # Scores 10, 2, 1.5 and 30, 2, 0.5
    assert pruned.tolist() == [[1.0, -2.0, 0.0], [3.0, 2.0, 0.0]]


def test_of_equal_scores_wanda_prunes_the_first_of_each_row():
    weight = torch.tensor([[1.0, 2.0, -1.0, 1.0], [1.0, 1.0, 1.0, 1.0]])
    pruned = wanda.prune(weight, torch.ones(4).double(), 0.5)
    assert pruned.tolist() == [[0.0, 2.0, 0.0, 1.0], [0.0, 0.0, 1.0, 1.0]]


@given(st.integers(0, 100), st.integers(0, 5))
def test_wanda_is_the_slow_reference(percent, seed):
    share = percent / 100
    weight, inputs = layer(seed=seed)
    expected = weight.copy()
    for row in expected:
        scores = [abs(w) * np.linalg.norm(inputs[:, j]) for j, w in enumerate(row)]
        for j in sorted(range(len(row)), key=lambda j: scores[j])[: round(share * len(row))]:
            row[j] = 0
    assert np.allclose(wanda_of(weight, inputs, share), expected, atol=1e-6)


def slow_sparsegpt(weight, inputs, share, damping, block):
    """Return algorithm 1 by inverting what is left of the Hessian anew for every column."""
    work, columns = weight.astype(np.float32).astype(np.float64), weight.shape[1]
    hessian = inputs.T @ inputs
    hessian += damping * np.diag(hessian).mean() * np.eye(columns)
    left = [np.linalg.inv(hessian[j:, j:]) for j in range(columns)]
    for start in range(0, columns, block):
        own = range(start, min(start + block, columns))
        losses = {(i, j): work[i, j] ** 2 / left[j][0, 0] for i in range(len(work)) for j in own}
        gone = sorted(losses, key=losses.__getitem__)[: round(share * len(losses))]
        for j in own:
            for i in range(len(work)):
                if (i, j) in gone:
                    work[i, j:] -= work[i, j] / left[j][0, 0] * left[j][:, 0]
                    work[i, j] = 0
    return work


@settings(deadline=None)
@given(st.sampled_from([0.3, 0.5, 0.8]), st.sampled_from([2, 4, 128]), st.integers(0, 5))
def test_sparsegpt_is_the_slow_reference(share, block, seed):
    weight, inputs = layer(seed=seed)
    found = sparsegpt_of(weight, inputs, share, 0.01, block)
    assert np.allclose(found, slow_sparsegpt(weight, inputs, share, 0.01, block), atol=1e-4)


def test_sparsegpt_by_hand_hands_on_to_an_equal_column():
    # Both columns read the same: the second can do all that the first did
    weight, inputs = np.array([[1.0, 2.0]]), np.array([[1.0, 1.0], [2.0, 2.0], [1.0, 1.001]])
    pruned = sparsegpt_of(weight, inputs, 0.5)
    assert pruned[0, 0] == 0
    assert pruned[0, 1] == pytest.approx(3, abs=0.01)


def test_sparsegpt_survives_inputs_that_are_always_zero():
    weight, inputs = layer()
    inputs[:, 2] = 0
    pruned = sparsegpt_of(weight, inputs, 0.5, damping=0.01)
    assert np.isfinite(pruned).all()
    assert (pruned[:, 2] == 0).all()


@pytest.mark.parametrize("seed", range(10))
def test_on_a_small_layer_each_method_loses_less_than_the_one_before_and_none_beats_the_best(seed):
    weight, inputs = layer(rows=20, columns=8, seed=seed)
    errors = [
        optimum(weight, inputs, 0.5),
        error(weight, sparsegpt_of(weight, inputs, 0.5), inputs),
        error(weight, wanda_of(weight, inputs, 0.5), inputs),
        error(weight, magnitude_of(weight, 0.5), inputs),
    ]
    # SparseGPT's rows need not have equally many zeros, so that it is no bound of the first
    assert errors[1] < errors[2] < errors[3]
    assert errors[0] < errors[2]


@pytest.mark.parametrize(("compressor", "options"), [(wanda, {}), (sparsegpt, {"block": 4})])
def test_a_size_is_that_of_the_weights_that_are_left_and_where_they_are(compressor, options):
    weight, inputs = layer(rows=8, columns=10)
    pruned = (
        wanda_of(weight, inputs, 0.5)
        if compressor is wanda
        else sparsegpt_of(weight, inputs, 0.5, **options)
    )
    left = pruned[pruned != 0].astype(np.float32).nbytes + np.packbits(pruned != 0).nbytes
    assert compressor.stored_bytes("hidden.weight", (8, 10), 50, options) == left
