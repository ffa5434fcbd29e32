"""Remove whole attention heads, feed-forward units or LSTM units, the smallest of each layer.

A unit's size is the L2 norm of the weights that make it. Removed units are set to zero, biases
too, so that the model computes what it would without them.
"""

from collections.abc import Iterator, Mapping, Sequence

import torch
from torch import Tensor, nn

from pielab.training import models
from pielab.training.compressors import Job

LEVEL = "percent"
OPTIONS = {
    "what": {
        "description": "heads or feed_forward (encoder), or lstm_units (BiLSTM)",
        "enum": ["heads", "feed_forward", "lstm_units"],
    },
}
# Endings of the matrices that lose rows, and of those that lose the columns that read them
LOST = {
    "heads": (("self.query", "self.key", "self.value"), ("attention.output.dense",)),
    "feed_forward": (("intermediate.dense",), (".output.dense",)),
    "lstm_units": (("weight_ih_l0", "weight_hh_l0"), ("lstms.1.weight_ih_l0", "weight_hh_l0")),
}
GATES = 4  # of an LSTM, each with a row a unit


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
            gone = sizes.argsort(stable=True)[: round(job.level / 100 * len(sizes))]
            for values in (*weights, *biases):
                values[:, gone] = 0
    return model


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


def stored_bytes(name: str, shape: tuple[int, int], level: float, options: Mapping) -> int:
    """Return the bytes of a matrix without the rows and columns of what was removed."""
    owner = name.removesuffix(".weight")
    rows, columns = (owner.endswith(ends) for ends in LOST[options["what"]])
    if options["what"] == "feed_forward" and "attention" in owner:
        columns = False
    left = 1 - level / 100
    return 4 * round(shape[0] * (left if rows else 1)) * round(shape[1] * (left if columns else 1))
