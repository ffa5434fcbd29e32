"""Prune once by a criterion, after training and for good: magnitude, impact or random."""

from collections.abc import Mapping

import torch

from pielab.training import models, pruning
from pielab.training.compressors import Job
from pielab.training.sparse import sparse_bytes

LEVEL = "percent"


def compress(model: models.Classifier, job: Job) -> models.Classifier:
    """Prune the model's weight matrices in place, each to the level, and return it."""
    method = pruning.Method(**job.options)
    weights = pruning.prunable(model, layer_norm=False)
    masks = {name: torch.ones_like(weight, dtype=torch.bool) for name, weight in weights.items()}
    masks = pruning.prune_once(model, masks, job.level / 100, method, job.run, step=0)
    pruning.apply_masks(model, masks)
    return model


def stored_bytes(name: str, shape: tuple[int, int], level: float, options: Mapping) -> int:
    """Return the bytes of a matrix as stored: where weights are left, and these."""
    rows, columns = shape
    return sparse_bytes(
        rows * columns, rows * columns - round(level / 100 * rows * columns), options.get("each", 4)
    )
