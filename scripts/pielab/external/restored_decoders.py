"""Put dense blocks back into a compressed decoder and ask it: that tells which block did it.

    python -m pielab.external.restored_decoders JOB

runs in an environment that has lm_eval, as pielab.training.asking does.
"""

import json
import os
import re
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import torch
from torch import Tensor

from pielab import files, leftovers
from pielab.data.encoding import read_tokenizer
from pielab.data.labels import examples_digest, label_array
from pielab.external import answers, harness
from pielab.training import asking, decoders, devices, matrices, restoring, storage, weights

BLOCK_NAME = re.compile(r".*?\.\d+(?=\.)")  # a name up to its first number
Weights = Mapping[str, Tensor]


def block_name(weight: str) -> str:
    """Return the block of a decoder that a weight is in by its name; its layer if in none."""
    found = BLOCK_NAME.match(weight)
    return found[0] if found else storage.layer_name(weight)


def main(settings: dict, inputs: Mapping[str, Any], outputs: Mapping[str, str]) -> None:
    """Compress one draw, put blocks back, ask, and write what the mixed models answer.

    The file is that of training.restoring: `restored` and `implanted`, float32 (1, sets, examples,
    classes), with the sets' blocks, sizes and the examples' digest in its header.

    Parameters
    ----------
    settings : dict
        As training.asking takes them, and `read`, how answers are read from logs; `keep`, how many
        blocks are put back together, by the table `ranking`.
    inputs : mapping
        `pretrained`, `card`, `examples` and perhaps `ranking`.
    outputs : mapping
        `mixtures`.
    """
    for name in asking.OFFLINE:
        os.environ.setdefault(name, "1")
    devices.make_deterministic(settings["threads"])
    device = devices.choose_device(settings["device"])
    path = inputs["pretrained"]
    of_dense = state_of(decoders.compressed(settings | {"method": None}, path, device))
    model = decoders.compressed(settings, path, device)
    compressed, known = state_of(model), weights.describe(model)
    blocks = dict.fromkeys(map(block_name, matrices.matrices(model)))
    sets = restoring.layer_sets(blocks, restoring.ranking(settings, inputs))
    frame = pd.read_parquet(inputs["examples"])
    classes = files.read_json(inputs["card"])["classes"]
    tokenizer = read_tokenizer(Path(path).parent)

    def ask_mixed(base: Weights, other: Weights, blocks: list[str]) -> np.ndarray:
        load(model, {**base, **{name: other[name] for name in other if block_name(name) in blocks}})
        results = asking.ask(model.answering().to(device), tokenizer, settings)
        return read_logits(results, settings, classes, frame)

    arrays = {
        "restored": np.stack([ask_mixed(compressed, of_dense, blocks) for blocks in sets])[None],
        "implanted": np.stack([ask_mixed(of_dense, compressed, blocks) for blocks in sets])[None],
        "seeds": np.array([0]),
        "draws": np.array([settings["draw"]]),
    }
    how = settings["method"], settings["level"], block_name, model.saved_as.itemsize
    header = {
        "examples": examples_digest(frame, label_array(frame, len(classes))),
        "layers": json.dumps(["+".join(blocks) for blocks in sets]),
        "sizes": json.dumps(storage.layer_sizes(known, *how)),
    }
    files.write_arrays(outputs["mixtures"], arrays, header)


def state_of(model: Any) -> dict[str, Tensor]:
    """Return a copy of all parameters in the precision in which the model answers."""
    model.answering()
    return {name: parameter.detach().cpu().clone() for name, parameter in model.named_parameters()}


def load(model: Any, state: Weights) -> None:
    """Give a model these parameters, in place."""
    with torch.no_grad():
        for name, parameter in model.named_parameters():
            parameter.copy_(state[name])


def read_logits(
    results: dict, settings: Mapping, classes: Sequence[str], frame: pd.DataFrame
) -> np.ndarray:
    """Return the logits in the harness's samples, float32 (examples, classes).

    By way of logs, so that it is read as all other answers are.
    """
    tasks, read = settings["tasks"], settings["read"]
    with leftovers.temporary_folder() as folder:
        logs = {task: f"{folder}/samples_{task}.jsonl" for task in tasks}
        outputs = {"samples": list(logs.values()), "results": f"{folder}/results.json"}
        written = Path(folder) / "harness"
        written.mkdir()
        asking.write(results, tasks, written, outputs)
        answered = harness.read_run(logs, classes, read)
    ids = [str(name) for name in frame["example_id"]]
    return answers.align(answered, ids, "mixed models")[1][0]


if __name__ == "__main__":
    described = json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))
    main(described["settings"], described["inputs"], described["outputs"])
