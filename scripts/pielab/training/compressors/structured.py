"""Remove whole attention heads, feed-forward units or LSTM units, the smallest of each layer.

A unit's size is the L2 norm of the weights that make it. Removed units are set to zero, biases
too, so that the model computes what it would without them. Sizes are those of the model without
these units.
"""

import logging
import math
from collections.abc import Mapping, Sequence

import torch
from torch import Tensor, nn

from pielab.training import models, weights
from pielab.training.compressors import Job

LEVEL = "percent"
WORDS = "whole heads or units removed after training"
OPTIONS = {
    "what": {
        "description": "heads, feed_forward or lstm_units, as a model has them",
        "enum": ["heads", "feed_forward", "lstm_units"],
    },
}
STORES_BIASES = True  # stored_bytes counts biases too, since those of removed units go

logger = logging.getLogger("pielab")


def compress(model: models.Classifier, job: Job) -> models.Classifier:
    """Remove the share of units of each layer in place, and return the model.

    Raises
    ------
    ValueError
        If the model has none.
    """
    kind, layers = job.options["what"], model.units(job.options["what"])
    if not layers:
        has = " or ".join(kind for kind in model.unit_kinds if model.units(kind)) or "none of these"
        raise ValueError(f"what: {kind!r}; expected what this model has, {has}")
    gone = 0
    for layer in layers:
        values = _values(model, layer)
        sizes = torch.stack(
            [values_of.square().flatten(2).sum(dim=(0, 2)) for values_of in values[0]]
        )
        size = sizes.sum(dim=0)  # (units,)
        smallest = size.argsort(stable=True)[: removed(layer.number, job.level)]
        for values_of in (*values[0], *values[1]):
            values_of[:, smallest] = 0
        gone, units = len(smallest), layer.number
    if gone in (0, units):
        share = "none" if gone == 0 else "all"
        logger.warning("%s: %g %% of %d in a layer removes %s", kind, job.level, units, share)
    return model


def removed(units: int, level: float) -> int:
    """Return how many of a layer's units a level in percent removes: a whole number."""
    return round(level / 100 * units)


def _values(model: nn.Module, layer: weights.Units) -> tuple[list[Tensor], list[Tensor]]:
    """Return what a layer's units are made of, weights (parts, units, ...) and biases alike.

    As views that can be set.
    """
    across = weights.turned(model)
    found: tuple[list[Tensor], list[Tensor]] = ([], [])
    parameters = dict(model.named_parameters())
    for name, (parts, part) in layer.zeroed.items():
        if name not in parameters:  # a layer without a bias
            continue
        values = parameters[name].detach()
        rows = values.T if name in across else values
        views = rows.unflatten(0, (parts, layer.number, -1))
        is_weight = name.rpartition(".")[2].startswith("weight")
        found[not is_weight].append(views if part is None else views[part : part + 1])
    return found


def stored_bytes(name: str, shape: tuple[int, ...], level: float, options: Mapping) -> int:
    """Return the bytes of weights or biases without the rows and columns of removed units.

    Parameters
    ----------
    options : mapping
        `units`: by axis, how many units share it (weights.Weight). `each`: the bytes of a weight.
    """
    kept = list(shape)
    for axis, units in options["units"].items():
        kept[axis] = shape[axis] // units * (units - removed(units, level))
    return int(options.get("each", 4)) * math.prod(kept)


def level_reached(units: Sequence[int], level: float) -> float:
    """Return the percent of the units that are removed, which are whole; NaN without units.

    `units`: of each weight that loses rows.
    """
    gone = [removed(number, level) for number in units]
    return 100 * sum(gone) / sum(units) if units else math.nan
