"""Read a classifier from an ONNX file and the tokenizer beside it."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from pielab import files
from pielab.external import onnx_graphs, tokens
from pielab.external.classifier import Classifier
from pielab.external.onnx_process import Session

READABLE = ("input_ids", "attention_mask", "token_type_ids")
TYPES = {"tensor(int64)": np.int64, "tensor(int32)": np.int32}


def read_onnx(path: Path, folders: Sequence[Path], threads: int) -> Classifier:
    """Return the model in an ONNX file, which runs on the CPU.

    Its texts go one by one, unless the config says otherwise: an int8 model may scale activations
    by batch, and its answer to a text then depends on the others.

    Parameters
    ----------
    folders : sequence of paths
        The tokenizer is in the first of these that has one, and so is config.json.

    Raises
    ------
    ValueError
        If it is no ONNX file, or reads or gives what no classifier of texts does.
    """
    graph = onnx_graphs.read(path)
    session = Session(path, onnx_graphs.size(path, graph), threads)
    inputs = session.inputs
    _check_inputs(inputs, path)
    output = _find_output(session.outputs, path)

    def run(batch: dict[str, np.ndarray]) -> np.ndarray:
        given = {name: array.astype(TYPES[inputs[name].type]) for name, array in batch.items()}
        return session.run(output, given)

    rows, width = inputs["input_ids"].shape
    words = tokens.read_tokenizer(folders, path)
    there = [folder for folder in folders if (folder / "config.json").is_file()]
    return Classifier(
        run,
        inputs,
        words,
        files.read_object(there[0] / "config.json") if there else {},
        {"device": "cpu", "precision": "as in the ONNX file"},
        batch_size=1,
        one_by_one=rows == 1 or words.pad_token is None,
        segments="token_type_ids" in inputs,
        pad_to=width if isinstance(width, int) else None,
        gives=onnx_graphs.meaning(graph, output),
    )


def _check_inputs(inputs: dict[str, Any], path: Path) -> None:
    """Refuse a model that reads other things than a tokenizer gives."""
    known = set(inputs) <= set(READABLE) and "input_ids" in inputs
    if not known or any(node.type not in TYPES for node in inputs.values()):
        found = ", ".join(f"{name} {node.type}" for name, node in inputs.items())
        raise ValueError(
            f"{path}: reads {found}; expected input_ids and perhaps {' and '.join(READABLE[1:])}, "
            "whole numbers"
        )
    shape = inputs["input_ids"].shape
    if len(shape) != 2 or (isinstance(shape[0], int) and shape[0] != 1):
        raise ValueError(
            f"{path}: reads input_ids of {shape}; expected (examples, tokens), of any number of "
            "examples or of one"
        )


def _find_output(shapes: dict[str, Any], path: Path) -> str:
    """Return the name of the output that holds the logits."""
    names = ["logits"] if "logits" in shapes else list(shapes)
    if len(names) != 1 or len(shapes[names[0]]) != 2:
        found = ", ".join(f"{name} of {shape}" for name, shape in shapes.items())
        raise ValueError(
            f"{path}: gives {found}; expected one output, or one named logits, of (examples, "
            "classes)"
        )
    return names[0]
