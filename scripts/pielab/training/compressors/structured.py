"""Remove whole attention heads, feed-forward units or LSTM units, the smallest of each layer.

A unit's size is the L2 norm of the weights that make it. Removed units are set to zero, biases
too, so that the model computes what it would without them. Sizes are those of the model without
these units.
"""

import logging
import math
from collections.abc import Iterator, Mapping, Sequence

import torch
from torch import Tensor, nn

from pielab.training import models
from pielab.training.compressors import Job
from pielab.training.sparse import FLOAT

LEVEL = "percent"
OPTIONS = {
    "what": {
        "description": "heads or feed_forward (encoder), or lstm_units (BiLSTM)",
        "enum": ["heads", "feed_forward", "lstm_units"],
    },
}
# Endings of the layers that lose rows, and of those that lose the columns that read them
LOST = {
    "heads": (("self.query", "self.key", "self.value"), ("attention.output.dense",)),
    "feed_forward": (("intermediate.dense",), (".output.dense",)),
    "lstm_units": (("_ih_l0", "_hh_l0"), ("lstms.1.weight_ih_l0", "weight_hh_l0")),
}
GATES = 4  # of an LSTM, each with a row a unit
STORES_BIASES = True  # stored_bytes counts biases too, since those of removed units go

logger = logging.getLogger("pielab")


def compress(model: models.Classifier, job: Job) -> models.Classifier:
    """Remove the share of units of each layer in place, and return the model.

    Raises
    ------
    ValueError
        If the model has none.
    """
    layers = list(units_of(model, job.options["what"]))
    if not layers:
        raise ValueError(f"what: {job.options['what']!r}; expected what this model has")
    with torch.no_grad():
        for weights, biases in layers:
            sizes = torch.stack([weight.square().flatten(2).sum(dim=(0, 2)) for weight in weights])
            sizes = sizes.sum(dim=0)  # (units,)
            gone = sizes.argsort(stable=True)[: removed(len(sizes), job.level)]
            for values in (*weights, *biases):
                values[:, gone] = 0
    if len(gone) in (0, len(sizes)):
        share = "none" if len(gone) == 0 else "all"
        logger.warning(
            "%s: %g %% of %d in a layer removes %s",
            job.options["what"],
            job.level,
            len(sizes),
            share,
        )
    return model


def removed(units: int, level: float) -> int:
    """Return how many of a layer's units a level in percent removes: a whole number."""
    return round(level / 100 * units)


def units_of(model: nn.Module, what: str) -> Iterator[tuple[list[Tensor], list[Tensor]]]:
    """Yield each layer's weights (parts, units, ...) and biases alike, as views that can be set."""
    for name, layer in model.named_modules():
        if what == "lstm_units" and isinstance(layer, nn.LSTM):
            own = dict(layer.named_parameters())
            weights, biases = (
                [own[f"{kind}_{part}_l0"] for part in ("ih", "hh")] for kind in ("weight", "bias")
            )
            yield (
                _parts(weights, GATES, layer.hidden_size),
                _parts(biases, GATES, layer.hidden_size),
            )
        elif what == "feed_forward" and name.endswith("intermediate.dense"):
            width = len(layer.bias)
            yield _parts([layer.weight], 1, width), _parts([layer.bias], 1, width)
        elif what == "heads" and name.endswith("attention.self.value"):
            heads = _heads(model, name, layer)
            yield _parts([layer.weight], 1, heads), _parts([layer.bias], 1, heads)


def _parts(values: Sequence[Tensor], parts: int, units: int) -> list[Tensor]:
    return [own.detach().view(parts, units, -1, *own.shape[1:]) for own in values]


def _heads(model: nn.Module, name: str, layer: nn.Linear) -> int:
    attention = model.get_submodule(name.removesuffix(".self.value"))
    inner = getattr(attention, "self", None)
    heads = getattr(attention, "heads", None) or getattr(inner, "num_attention_heads", None)
    if not heads:
        raise ValueError(f"{name}: a layer without a number of heads; expected self-attention")
    return int(heads)


def stored_bytes(name: str, shape: tuple[int, ...], level: float, options: Mapping) -> int:
    """Return the bytes of weights or biases without the rows and columns of removed units.

    Parameters
    ----------
    options : mapping
        `what`; for heads `heads`, their number in a layer, since shapes do not tell it.

    Raises
    ------
    ValueError
        If that number is missing, or does not divide what heads share.
    """
    kept = list(shape)
    for axis in _axes(name, shape, options["what"]):
        units = _units(name, shape, axis, options)
        kept[axis] = shape[axis] // units * (units - removed(units, level))
    return FLOAT * math.prod(kept)


def level_reached(shapes: Mapping[str, tuple[int, ...]], level: float, options: Mapping) -> float:
    """Return the percent of the units that are removed, which are whole; NaN without units.

    The parameters are those of stored_bytes, with the shapes of all weights.
    """
    units = gone = 0
    for name, shape in shapes.items():
        if 0 in _axes(name, shape, options["what"]):
            found = _units(name, shape, 0, options)
            units, gone = units + found, gone + removed(found, level)
    return 100 * gone / units if units else math.nan


def _axes(name: str, shape: tuple[int, ...], what: str) -> list[int]:
    """Return the axes of weights or biases that lose units: rows, and columns that read them."""
    owner = name.removesuffix(".weight").removesuffix(".bias")
    rows, columns = (owner.endswith(ends) for ends in LOST[what])
    if what == "feed_forward" and "attention" in owner:
        columns = False
    return [0] * rows + [1] * (columns and len(shape) > 1)


def _units(name: str, shape: tuple[int, ...], axis: int, options: Mapping) -> int:
    """Return how many units a layer has whose rows or columns are on this axis."""
    if options["what"] == "lstm_units":
        return shape[0] // GATES  # columns are of as many, once for each direction that is read
    if options["what"] == "feed_forward":
        return shape[axis]
    heads = options.get("heads")
    if not heads or shape[axis] % heads:
        raise ValueError(f"{name}: {heads} heads; expected a number that divides {shape[axis]}")
    return int(heads)
