"""Wanda: prune weights that are small times what they read, row by row, without training.

Source: Sun et al. 2023, arXiv 2306.11695, section 3.
"""

from collections.abc import Mapping

import numpy as np
import torch
from torch import Tensor

from pielab.training import matrices, models
from pielab.training.compressors import Job
from pielab.training.sparse import sparse_bytes

LEVEL = "percent"
WORDS = "Wanda pruning after training"
CALIBRATES = True


def compress(model: models.Classifier, job: Job) -> models.Classifier:
    """Prune the model's weight matrices in place, stage by stage, and return it."""
    assert job.rows is not None
    matrices.change_calibrated(
        model,
        job.run,
        job.rows,
        matrices.sum_of_squares,
        lambda weight, squares: prune(weight, squares, job.level / 100),
    )
    return model


def prune(weight: Tensor, squares: Tensor, share: float) -> Tensor:
    """Return a matrix whose rows have each lost the weights of the smallest scores.

    A score is the weight's size times the norm of its input over all tokens.

    Parameters
    ----------
    weight : float32 (rows, columns)
    squares : float64 (columns,)
        Sums of squares of the inputs.
    share : float
        Fraction of each row; round(share * columns) go, of equal scores the first.
    """
    scores = (weight.abs().double() * squares.sqrt()).cpu().numpy()
    count = round(share * weight.shape[1])
    if count == 0:
        return weight
    threshold = np.partition(scores, count - 1, axis=1)[:, count - 1, None]
    below, tied = scores < threshold, scores == threshold
    gone = below | (tied & (tied.cumsum(axis=1) <= count - below.sum(axis=1, keepdims=True)))
    return weight.masked_fill(torch.from_numpy(gone).to(weight.device), 0)


def stored_bytes(name: str, shape: tuple[int, int], level: float, options: Mapping) -> int:
    """Return the bytes of a matrix as stored: where weights are left, and these."""
    rows, columns = shape
    return sparse_bytes(
        rows * columns, rows * (columns - round(level / 100 * columns)), options.get("each", 4)
    )
