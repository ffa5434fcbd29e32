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


def read_heads(encoder: str | Path) -> int | None:
    """Return the number of attention heads of a layer, from the folder of a fetched encoder.

    Of word vectors, which have no configuration beside them, None.
    """
    config = Path(encoder) / "config.json"
    return files.read_json(config).get("num_attention_heads") if config.is_file() else None


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
    """Return the bytes of these weights after compression by a method of the config.

    `method` has the `heads` of a layer beside its own keys, if heads are removed.
    """
    module = compressor_module(compressor_of(method))
    biases = getattr(module, "STORES_BIASES", False)
    return sum(
        module.stored_bytes(name, shape, level, method)
        if biases or is_matrix(name, shape)
        else FLOAT * math.prod(shape)
        for name, shape in shapes.items()
    )


def level_reached(shapes: Mapping[str, tuple[int, ...]], method: Mapping, level: float) -> float:
    """Return the level that results where whole units are removed; else the one asked for.

    The parameters are those of stored_bytes.
    """
    module = compressor_module(compressor_of(method))
    if not hasattr(module, "level_reached"):
        return level
    return float(module.level_reached(shapes, level, method))
