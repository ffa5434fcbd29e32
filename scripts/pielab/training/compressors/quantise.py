"""Round weights to a few bits: symmetric, to the nearest, a scale a row or a group of columns.

The models compute with the rounded weights in float32, LSTMs too; activations are not rounded.
"""

import math
from collections.abc import Mapping

import torch
from torch import Tensor
from torch.nn import functional

from pielab.training import matrices, models
from pielab.training.compressors import Job

LEVEL = "bits"
WORDS = "weights rounded to a few bits after training"
OPTIONS = {
    "bits": {
        "description": "a number of bits of a weight, 2 to 8",
        "type": "integer",
        "minimum": 2,
        "maximum": 8,
    },
    "group": {
        "description": "a number of columns, 1 or more, that share a scale; null for whole rows",
        "type": ["integer", "null"],
        "minimum": 1,
        "default": None,
    },
}


def compress(model: models.Classifier, job: Job) -> models.Classifier:
    """Round the model's weight matrices in place, and return it."""
    bits, group = int(job.level), job.options["group"]
    matrices.change_each(model, lambda weight: dequantise(*quantise(weight, bits, group), group))
    return model


def quantise(weight: Tensor, bits: int, group: int | None = None) -> tuple[Tensor, Tensor]:
    """Return a matrix as whole numbers and scales.

    Of each row, or `group` of its columns, the largest size becomes 2^(bits - 1) - 1, so that the
    numbers are as many above zero as below, and zero stays zero.

    Returns
    -------
    codes : int8 (rows, columns)
    scales : float32 (rows, groups)
    """
    rows, columns = weight.shape
    width = min(group or columns, columns)
    padded = functional.pad(weight, (0, -columns % width)).reshape(rows, -1, width)
    largest = 2 ** (bits - 1) - 1
    scales = padded.abs().amax(dim=2) / largest
    codes = torch.round(padded / torch.where(scales > 0, scales, 1)[:, :, None])
    codes = codes.clamp(-largest, largest).to(torch.int8)
    return codes.reshape(rows, -1)[:, :columns], scales


def dequantise(codes: Tensor, scales: Tensor, group: int | None = None) -> Tensor:
    """Return the float32 matrix (rows, columns) of whole numbers and scales."""
    columns = codes.shape[1]
    return codes * scales.repeat_interleave(group or columns, dim=1)[:, :columns]


def stored_bytes(name: str, shape: tuple[int, int], level: float, options: Mapping) -> int:
    """Return the bytes of a matrix as stored: packed whole numbers, and scales as float32."""
    rows, columns = shape
    groups = math.ceil(columns / min(options["group"] or columns, columns))
    return math.ceil(rows * columns * int(level) / 8) + 4 * rows * groups
