"""How large weights are on the disk: as whole files, without a compressing archive around them."""

import math
from collections.abc import Mapping
from pathlib import Path

from pielab import files
from pielab.methods import compressor_of
from pielab.training.compressors import compressor_module
from pielab.training.sparse import FLOAT


def read_shapes(path: str | Path) -> dict[str, tuple[int, ...]]:
    """Return the shapes of one model's weights, by name, from a file of several seeds' models.

    Raises
    ------
    ValueError
        If it is no whole file.
    """
    with files.open_arrays(path, "pt") as file:
        names = sorted(file.keys())
        seed = names[0].partition("/")[0]
        return {
            name.partition("/")[2]: tuple(file.get_slice(name).get_shape())
            for name in names
            if name.startswith(f"{seed}/")
        }


def is_matrix(name: str, shape: tuple[int, ...]) -> bool:
    """Return whether a weight is one that methods compress, by name as pruning.prunable does."""
    return len(shape) >= 2 and "embedding" not in name and not name.startswith("classifier.")


def dense_bytes(shapes: Mapping[str, tuple[int, ...]]) -> int:
    """Return the bytes of the weights that training changes, as float32."""
    return sum(FLOAT * math.prod(shape) for shape in shapes.values())


def layer_sizes(
    shapes: Mapping[str, tuple[int, ...]], method: Mapping, level: float
) -> dict[str, tuple[int, int]]:
    """Return the bytes of each layer, dense and compressed; of the whole under an empty name."""
    layers: dict[str, dict[str, tuple[int, ...]]] = {"": dict(shapes)}
    for name, shape in shapes.items():
        layers.setdefault(name.rpartition(".")[0], {})[name] = shape
    return {
        layer: (dense_bytes(own), stored_bytes(own, method, level)) for layer, own in layers.items()
    }


def stored_bytes(shapes: Mapping[str, tuple[int, ...]], method: Mapping, level: float) -> int:
    """Return the bytes of these weights after compression by a method of the config."""
    module = compressor_module(compressor_of(method))
    total = 0
    for name, shape in shapes.items():
        compressed = is_matrix(name, shape)
        total += (
            module.stored_bytes(name, shape, level, method)
            if compressed
            else FLOAT * math.prod(shape)
        )
    return total
