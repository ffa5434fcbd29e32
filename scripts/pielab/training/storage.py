"""How large weights are on the disk: as whole files, without a compressing archive around them."""

import math
from collections.abc import Mapping

from pielab.methods import compressor_of
from pielab.training.compressors import compressor_module
from pielab.training.sparse import FLOAT
from pielab.training.weights import MATRIX, Weight, count


def dense_bytes(weights: Mapping[str, Weight]) -> int:
    """Return the bytes of the weights that training changes, as float32."""
    return FLOAT * count(weights)


def layer_sizes(
    weights: Mapping[str, Weight], method: Mapping, level: float
) -> dict[str, tuple[int, int]]:
    """Return the bytes of each layer, dense and compressed; of the whole under an empty name."""
    layers: dict[str, dict[str, Weight]] = {"": dict(weights)}
    for name, own in weights.items():
        layers.setdefault(name.rpartition(".")[0], {})[name] = own
    return {
        layer: (dense_bytes(own), stored_bytes(own, method, level)) for layer, own in layers.items()
    }


def stored_bytes(weights: Mapping[str, Weight], method: Mapping, level: float) -> int:
    """Return the bytes of these weights after compression by a method of the config."""
    module = compressor_module(compressor_of(method))
    biases = getattr(module, "STORES_BIASES", False)
    return sum(
        module.stored_bytes(name, own.shape, level, {**method, "units": _units(own, method)})
        if biases or own.role == MATRIX
        else FLOAT * math.prod(own.shape)
        for name, own in weights.items()
    )


def level_reached(weights: Mapping[str, Weight], method: Mapping, level: float) -> float:
    """Return the level that results where whole units are removed; else the one asked for."""
    module = compressor_module(compressor_of(method))
    if not hasattr(module, "level_reached"):
        return level
    units = [_units(own, method).get(0, 0) for own in weights.values()]
    return float(module.level_reached([number for number in units if number], level))


def _units(weight: Weight, method: Mapping) -> Mapping[int, int]:
    """Return how many units share each axis of a weight, if a method removes units."""
    return weight.units.get(method.get("what", ""), {})
