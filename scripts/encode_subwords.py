"""Encode a dataset with the tokenizer of a pretrained model, and with its frozen layers."""

from pathlib import Path

import numpy as np
import pandas as pd

from pielab import files, jobs
from pielab.data import encoding
from pielab.training import batches, devices, frozen
from pielab.training.architectures import architecture_module


def write_with_states(
    path: str, arrays: dict[str, np.ndarray], header: dict[str, str], folder: str, settings: dict
) -> None:
    """Write an encoded split and what the model's frozen layers say of its tokens."""
    devices.make_deterministic(settings["threads"])
    device = devices.choose_device(settings["device"])
    module = architecture_module(settings["architecture"])
    layers = module.read_frozen(folder, settings["freeze_layers"])
    encoded = batches.from_arrays(arrays, header).to(device)
    shapes = {name: (array.dtype, array.shape) for name, array in arrays.items()}
    shapes["states"] = (np.dtype(np.float16), (len(arrays["ids"]), layers.width))
    with files.writing_arrays(path, shapes, header) as put:
        for name, array in arrays.items():
            put(name, array)
        frozen.compute_states(layers, encoded, lambda rows, first: put("states", rows, first))


def main(settings: dict, inputs: dict, outputs: dict[str, str]) -> None:
    description = files.read_json(inputs["card"])
    folder = str(Path(inputs["tokenizer"]).parent)
    tokenizer = encoding.read_tokenizer(folder)
    for split, path in outputs.items():
        frame = pd.read_parquet(inputs[split])
        examples = encoding.subword_ids(frame, tokenizer, settings["max_tokens"])
        arrays, header = encoding.encode(examples, frame, description)
        if "freeze_layers" in settings:
            write_with_states(path, arrays, header, folder, settings)
        else:
            files.write_arrays(path, arrays, header)


if "snakemake" in globals():
    with jobs.job(snakemake) as job:
        main(job.settings, job.inputs, job.outputs)
