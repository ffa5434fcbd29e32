"""Put dense layers back into compressed models and predict: that says who made which flip."""

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
from torch import Tensor, nn

from pielab import files
from pielab.training import compressing, matrices, models, predict, storage, weights
from pielab.training.compressing import ModelKey


def layers_of(model: nn.Module) -> dict[str, list[str]]:
    """Return the names of all weights of each layer that has a compressed matrix, by layer."""
    layers = dict.fromkeys(name.rpartition(".")[0] for name in matrices.matrices(model))
    return {
        layer: [f"{layer}.{name}" for name, _ in model.get_submodule(layer).named_parameters()]
        for layer in layers
    }


def layer_sets(layers: Iterable[str], ranked: Sequence[str]) -> list[list[str]]:
    """Return which layers are put back together: each alone, or the first one, two ... ranked."""
    if ranked:
        return [list(ranked[: number + 1]) for number in range(len(ranked))]
    return [[layer] for layer in layers]


def ranking(settings: Mapping, inputs: Mapping[str, Any]) -> list[str]:
    """Return which layers are put back together, the best ones first; none: each alone.

    Parameters
    ----------
    settings : mapping
        `keep`, how many, where inputs have a `ranking`, the table of each layer alone.
    """
    if not inputs.get("ranking"):
        return []
    table = pd.read_csv(inputs["ranking"]).sort_values(["chosen_left", "more_bytes"], kind="stable")
    return list(table["layer"][: settings["keep"]])


def mixed(base: dict[str, Tensor], other: dict[str, Tensor], names: list[str]) -> dict[str, Tensor]:
    """Return weights with those of these names taken from the other model."""
    return base | {name: other[name] for name in names}


def run_block(
    settings: dict,
    keys: Sequence[ModelKey],
    level: float,
    inputs: Mapping[str, str],
    output: str,
) -> None:
    """Compress dense models, put layers back, and write what the mixed models predict.

    The file has the test logits `restored`, float32 (models, sets, examples, classes), of the
    compressed models with a set of dense layers; `implanted`, of dense models with these layers
    compressed; and in its header the names of the sets' layers, and storage.layer_sizes.

    Parameters
    ----------
    settings, keys, level, inputs
        As compressing.run_block takes them; see ranking, too.

    Raises
    ------
    ValueError
        If the compressed model has no weights to put back, or there is no such layer.
    """
    splits, read = compressing.prepare(settings, inputs)
    ranked = ranking(settings, inputs)
    sets: list[list[str]] = []
    restored: list[np.ndarray] = []
    implanted: list[np.ndarray] = []
    compressed_models = compressing.compressed_models(settings, keys, level, inputs, read)
    for dense, model in compressed_models:
        by_layer, compressed = layers_of(model), models.trainable_state(model)
        sets = layer_sets(by_layer, ranked)
        for states, base, other in ((restored, compressed, dense), (implanted, dense, compressed)):
            logits = []
            for layers in sets:
                names = [name for layer in layers for name in by_layer[layer]]
                models.restore(model, mixed(base, other, names))
                pad_to = settings["training"]["pad_to"]
                logits.append(predict.predict(model, splits["test"], pad_to))
            states.append(np.stack(logits))
    arrays = {"restored": np.stack(restored), "implanted": np.stack(implanted)}
    arrays |= {name: np.array(by_layer) for name, by_layer in compressing.columns(keys).items()}
    described = weights.read_description(inputs["dense"]).weights
    header = {
        "examples": splits["test"].digest,
        "layers": json.dumps(["+".join(layers) for layers in sets]),
        "sizes": json.dumps(storage.layer_sizes(described, settings["method"], level)),
    }
    files.write_arrays(output, arrays, header)
