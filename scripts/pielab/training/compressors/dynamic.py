"""Dynamic int8 as torch deploys it on a CPU: weights and, text by text, activations are rounded.

Linear layers and LSTMs, the last classifier layer too, by torch's own integer kernels. Their module
will be removed from a torch later than the pinned one; torchao, which takes its place, knows no
LSTMs, and in 0.18 rounds activations by token and not by matrix, with slower kernels on a CPU.
"""

from collections.abc import Mapping

import torch
from torch import nn

from pielab.training import models
from pielab.training.compressors import Job

LEVEL = "bits"
WORDS = "weights and activations rounded to 8 bits after training"
CPU_ONLY = True
OPTIONS = {"bits": {"description": "8, the bits of a weight and of an activation", "enum": [8]}}


def compress(model: models.Classifier, job: Job) -> models.Classifier:
    """Return a model that computes in int8."""
    model.train(False)
    return torch.ao.quantization.quantize_dynamic(model, {nn.Linear, nn.LSTM}, dtype=torch.qint8)


def stored_bytes(name: str, shape: tuple[int, int], level: float, options: Mapping) -> int:
    """Return the bytes of a matrix as stored: int8, and one float32 scale."""
    return shape[0] * shape[1] + 4
