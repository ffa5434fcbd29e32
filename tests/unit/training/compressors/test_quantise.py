import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from helpers.small_model import bilstm, run
from pielab.training.compressors import Job, quantise
from pielab.training.matrices import matrices


def slow(weight, bits, group):
    """Return the rounded matrix, a number at a time."""
    largest, rounded = 2 ** (bits - 1) - 1, np.zeros_like(weight)
    for row in range(weight.shape[0]):
        for start in range(0, weight.shape[1], group):
            own = weight[row, start : start + group]
            scale = max(abs(number) for number in own) / np.float32(largest)
            for column, number in enumerate(own, start):
                rounded[row, column] = scale * np.rint(number / scale) if scale else 0
    return rounded


def random_matrix(rows, columns, seed=0):
    return torch.randn(rows, columns, generator=torch.Generator().manual_seed(seed))


def test_three_bits_by_hand():
    weight = torch.tensor([[-3.0, 0.4, 0.6, 3.0], [0.0, 0.0, 0.0, 0.0]])
    codes, scales = quantise.quantise(weight, 3)
    assert scales.tolist() == [[1.0], [0.0]]
    assert codes.tolist() == [[-3, 0, 1, 3], [0, 0, 0, 0]]
    assert quantise.dequantise(codes, scales).tolist() == [[-3, 0, 1, 3], [0, 0, 0, 0]]


@given(st.integers(2, 8), st.integers(1, 9), st.integers(1, 9))
def test_rounding_is_that_of_the_slow_reference(bits, columns, group):
    weight = random_matrix(3, columns, seed=bits)
    found = quantise.dequantise(*quantise.quantise(weight, bits, group), group)
    assert np.allclose(found, slow(weight.numpy(), bits, group), atol=1e-6)


@pytest.mark.filterwarnings("ignore:.*quantized tensor creation.*")  # until they are removed
def test_codes_and_weights_are_torchs_own_for_the_same_scales():
    weight = random_matrix(20, 50)
    codes, scales = quantise.quantise(weight, 8)
    zeros = torch.zeros(20, dtype=torch.int32)
    theirs = torch.quantize_per_channel(weight, scales[:, 0], zeros, 0, torch.qint8)
    assert torch.equal(codes, theirs.int_repr())
    assert torch.equal(quantise.dequantise(codes, scales), theirs.dequantize())
    fake = torch.fake_quantize_per_channel_affine(weight, scales[:, 0], zeros, 0, -127, 127)
    assert torch.equal(quantise.dequantise(codes, scales), fake)


@pytest.mark.parametrize("bits", [2, 4, 8])
def test_no_weight_moves_by_more_than_half_a_step(bits):
    weight = random_matrix(8, 30)
    codes, scales = quantise.quantise(weight, bits, 10)
    moved = (quantise.dequantise(codes, scales, 10) - weight).abs().reshape(8, 3, 10)
    assert (moved <= scales[:, :, None] * 0.5001).all()
    assert codes.abs().max() == 2 ** (bits - 1) - 1


@pytest.mark.filterwarnings("ignore:.*quantized tensor creation.*")
def test_a_size_is_that_of_packed_numbers_and_scales():
    codes, scales = quantise.quantise(random_matrix(6, 20), 4, 8)
    packed = np.packbits(np.unpackbits((codes.numpy() & 15).astype(np.uint8)[..., None], axis=-1)
                         [..., 4:])  # fmt: skip
    stored = packed.nbytes + scales.numpy().nbytes
    assert quantise.stored_bytes("hidden.weight", (6, 20), 4, {"group": 8}) == stored
    torchs = torch.quantize_per_channel(
        random_matrix(6, 20), torch.ones(6), torch.zeros(6, dtype=torch.int32), 0, torch.qint8
    )
    bytes_of_codes = torchs.int_repr().numpy().nbytes
    assert (
        quantise.stored_bytes("hidden.weight", (6, 20), 8, {"group": None})
        == bytes_of_codes + 4 * 6
    )


def test_all_matrices_are_rounded_and_nothing_else():
    model, dense = bilstm(), bilstm().state_dict()
    job = Job(2, {"bits": 2, "group": None}, run())
    changed = quantise.compress(model, job)
    names = {name for name, value in changed.state_dict().items() if not value.equal(dense[name])}
    assert names == set(matrices(model))
    assert "forward_lstms.1.weight_hh_l0" in names
