"""How large weights are on the disk: as whole files, without a compressing archive around them."""

import math
from collections.abc import Callable, Mapping

from pielab.methods import compressor_of
from pielab.training.compressors import compressor_module
from pielab.training.sparse import FLOAT
from pielab.training.weights import MATRIX, Weight, count


def layer_name(weight: str) -> str:
    """Return the layer of a weight by its name."""
    return weight.rpartition(".")[0]


def dense_bytes(weights: Mapping[str, Weight], each: int = FLOAT) -> int:
    """Return the bytes of the weights that training changes, with so many bytes for each."""
    return each * count(weights)


def layer_sizes(
    weights: Mapping[str, Weight],
    method: Mapping,
    level: float,
    layer_of: Callable[[str], str] = layer_name,
    each: int = FLOAT,
) -> dict[str, tuple[int, int]]:
    """Return the bytes of each layer, dense and compressed; of the whole under an empty name."""
    layers: dict[str, dict[str, Weight]] = {"": dict(weights)}
    for name, weight in weights.items():
        layers.setdefault(layer_of(name), {})[name] = weight
    return {
        layer: (dense_bytes(weight, each), stored_bytes(weight, method, level, each))
        for layer, weight in layers.items()
    }


def stored_bytes(
    weights: Mapping[str, Weight], method: Mapping, level: float, each: int = FLOAT
) -> int:
    """Return the bytes of these weights after compression by a method of the config.

    `each`: the bytes of a weight that is not compressed.
    """
    module = compressor_module(compressor_of(method))
    biases = getattr(module, "STORES_BIASES", False)
    return sum(
        module.stored_bytes(
            name, weight.shape, level, {**method, "units": _units(weight, method), "each": each}
        )
        if biases or weight.role == MATRIX
        else each * math.prod(weight.shape)
        for name, weight in weights.items()
    )


def level_reached(weights: Mapping[str, Weight], method: Mapping, level: float) -> float:
    """Return the level that results where whole units are removed; else the one asked for."""
    module = compressor_module(compressor_of(method))
    if not hasattr(module, "level_reached"):
        return level
    units = [_units(weight, method).get(0, 0) for weight in weights.values()]
    return float(module.level_reached([number for number in units if number], level))


def _units(weight: Weight, method: Mapping) -> Mapping[int, int]:
    """Return how many units share each axis of a weight, if a method removes units."""
    return weight.units.get(method.get("what", ""), {})
