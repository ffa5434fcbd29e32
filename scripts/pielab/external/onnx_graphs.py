"""Know from an ONNX file's graph whether it gives logits or probabilities."""

import os
from pathlib import Path
from typing import Any

from pielab.external.outputs import LOGITS, SIGMOID, SOFTMAX

# What an operation gives, by its name; a quantised one is named after it
GIVES = {
    **dict.fromkeys(("Softmax", "QLinearSoftmax"), SOFTMAX),
    **dict.fromkeys(("Sigmoid", "QLinearSigmoid"), SIGMOID),
    **dict.fromkeys(("Gemm", "MatMul", "Conv", "FusedMatMul", "FusedGemm", "Einsum"), LOGITS),
    **dict.fromkeys(("MatMulInteger", "QLinearMatMul", "QGemm", "MatMulNBits"), LOGITS),
    **dict.fromkeys(("DynamicQuantizeMatMul", "MatMulIntegerToFloat"), LOGITS),
    "LogSoftmax": LOGITS,
}
# What keeps the meaning of its first input: shapes, types and quantisation
KEEPS = (
    "Identity",
    "Cast",
    "Reshape",
    "Squeeze",
    "Unsqueeze",
    "Flatten",
    "Transpose",
    "Dropout",
    "QuantizeLinear",
    "DequantizeLinear",
    "Gather",
    "Slice",
)
REDUCES = ("ReduceSum", "ReduceMean", "ReduceMax")  # logits, unless they reduce probabilities
SCALES = ("Mul", "Div", "Add", "Sub", "QLinearAdd")  # the meaning of what is no constant


def read(path: Path) -> Any:
    """Return the graph in an ONNX file.

    Raises
    ------
    ValueError
        If it is no ONNX file.
    """
    import onnx

    if not path.is_file():
        raise ValueError(f"{path}: no such file; expected a model in ONNX")
    try:
        return onnx.load(str(path), load_external_data=False).graph
    except Exception as error:  # protobuf's errors have no common base
        raise ValueError(f"{path}: no model that onnx reads: {str(error)[:200]}") from error


def size(path: Path, graph: Any) -> int:
    """Return the bytes of an ONNX file and of the files that hold its weights."""
    named = {
        entry.value
        for tensor in graph.initializer
        for entry in tensor.external_data
        if entry.key == "location"
    }
    # Not Path.is_file, to which a name may be too long
    there = [str(path), *(os.path.join(path.parent, name) for name in named)]
    return sum(os.path.getsize(file) for file in there if os.path.isfile(file))


def meaning(graph: Any, output: str) -> str | None:
    """Return what an output of a graph is: SOFTMAX, SIGMOID or LOGITS; None if not known."""
    makers = {name: node for node in graph.node for name in node.output}
    constants = {tensor.name for tensor in graph.initializer}
    constants |= {name for node in graph.node if node.op_type == "Constant" for name in node.output}
    return _meaning(output, makers, constants)


def _meaning(name: str, makers: dict[str, Any], constants: set[str]) -> str | None:
    """Return what a value of a graph is, from the operations that made it."""
    seen: set[str] = set()  # no graph has a circle, but a file may
    while name in makers and name not in seen:
        seen.add(name)
        node = makers[name]
        if node.op_type in GIVES:
            return GIVES[node.op_type]
        moving = [given for given in node.input if given and given not in constants]
        if node.op_type in KEEPS:
            name = moving[0] if moving else ""
        elif node.op_type == "Log":  # log odds are not known from it
            return LOGITS if _meaning(moving[0], makers, constants) == SOFTMAX else None
        elif node.op_type in REDUCES:
            reduced = _meaning(moving[0], makers, constants) if moving else None
            is_mean = node.op_type == "ReduceMean"
            return LOGITS if reduced in (None, LOGITS) else reduced if is_mean else None
        elif node.op_type in SCALES and len(moving) == 1:
            # What were probabilities each of its own may be anything; others still add up to 1 or
            # are refused
            scaled = _meaning(moving[0], makers, constants)
            return None if scaled == SIGMOID else scaled
        elif node.op_type == "Div":  # a softmax that is spelled out divides exponentials
            name = node.input[0]
        elif node.op_type in SCALES:
            # Products with what is computed too, such as a scale: what they have in common
            found = {_meaning(given, makers, constants) for given in moving} - {None}
            return LOGITS if found == {LOGITS} else None
        else:
            return None
    return None
