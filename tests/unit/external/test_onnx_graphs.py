"""What a graph gives is known from its last operations, or not at all."""

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper

from pielab.external.onnx_graphs import LOGITS, SIGMOID, SOFTMAX, meaning, read

CONSTANTS = {"weights": np.eye(4), "one": 1.0, "half": 0.5, "tiny": 1e-9, "scale": 1 / 256}


def meaning_of(folder, *nodes):
    """Return what a graph gives whose nodes are (operation, inputs, output); the last is "out"."""
    made = [helper.make_node("MatMul", ["x", "weights"], ["l"])]
    made += [helper.make_node(kind, names.split(), [output]) for kind, names, output in nodes]
    values = [
        numpy_helper.from_array(np.asarray(value, np.float32), name)
        for name, value in CONSTANTS.items()
    ]
    ends = [[helper.make_tensor_value_info(name, TensorProto.FLOAT, None)] for name in ("x", "out")]
    graph = helper.make_graph(made, "g", *ends, values)
    onnx.save(helper.make_model(graph), folder / "m.onnx")
    return meaning(read(folder / "m.onnx"), "out")


P, Q = ("Softmax", "l", "p"), ("Sigmoid", "l", "p")


@pytest.mark.parametrize(
    ("nodes", "expected"),
    [
        ([("Add", "l half", "out")], LOGITS),
        ([("ReduceMean", "l", "out")], LOGITS),
        ([P, ("ReduceMean", "p", "out")], SOFTMAX),  # an ensemble
        ([P, ("ReduceSum", "p", "out")], None),
        ([P, ("ReduceMax", "p", "out")], None),
        ([P, ("Log", "p", "out")], LOGITS),
        ([P, ("Add", "p tiny", "q"), ("Log", "q", "out")], LOGITS),
        ([P, ("Cast", "p", "q"), ("Mul", "q scale", "out")], SOFTMAX),  # out of whole numbers
        ([Q, ("Log", "p", "out")], None),
        ([Q, ("Sub", "one p", "out")], None),
        ([Q, ("Mul", "p half", "out")], None),
        ([Q, ("Identity", "p", "out")], SIGMOID),
        ([Q, ("Sub", "one p", "q"), ("Div", "p q", "r"), ("Log", "r", "out")], None),
        ([P, ("ReduceSum", "p", "q"), ("Div", "p q", "out")], SOFTMAX),
    ],
)
def test_what_is_done_to_scores_is_followed(tmp_path, nodes, expected):
    assert meaning_of(tmp_path, *nodes) == expected
