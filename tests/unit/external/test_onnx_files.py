"""ONNX files predict as their sums say, with a tokenizer beside or above them."""

import resource
from functools import partial

import numpy as np
import onnx
import pytest
from onnx import TensorProto as Kind
from onnx import helper, numpy_helper
from scipy.special import expit, softmax

from helpers.external_models import (
    CLASSES,
    BagOfWords,
    card,
    expected_of,
    predict,
    refusal,
    save_bert,
    save_tokenizer,
    texts,
)
from pielab.external import onnx_process

HUGE = 600_000_000  # numbers of 4 or 8 bytes


@pytest.mark.parametrize(("paired", "batch_size"), [(False, None), (True, 7)])
@pytest.mark.parametrize(
    ("shape", "kind"),
    [(("examples", "tokens"), 7), (("examples", "tokens"), 6), ((1, "tokens"), 7), ((1, 24), 7)],
)
def test_an_onnx_file_predicts_as_the_sums_say(tmp_path, paired, batch_size, shape, kind):
    bag, frame = BagOfWords(3), texts(paired=paired)
    save_tokenizer(tmp_path)
    path = bag.save(tmp_path / "model.onnx", shape, kind=kind)
    logits = predict(path, frame, batch_size=batch_size)
    np.testing.assert_allclose(logits, expected_of(bag, frame, tmp_path), atol=1e-4)


@pytest.mark.parametrize("name", [b"logits", b"input_ids"])
def test_a_name_that_is_no_text_is_refused_with_the_file(tmp_path, name):
    save_tokenizer(tmp_path)
    path = BagOfWords(3).save(tmp_path / "model.onnx")
    content = path.read_bytes()
    path.write_bytes(content.replace(name, b"\xff" + name[1:]))
    refusal(path)


def test_of_several_outputs_of_an_onnx_file_the_logits_are_read(tmp_path):
    save_tokenizer(tmp_path)
    one = BagOfWords(3).save(tmp_path / "one.onnx")
    two = BagOfWords(3).save(tmp_path / "two.onnx", gives=["masked", "logits"])
    np.testing.assert_array_equal(predict(one), predict(two))


@pytest.mark.parametrize(
    ("gives", "classes", "task"),
    [
        ("Softmax", CLASSES, "single-label"),
        ("Sigmoid", CLASSES, "multi-label"),
        ("Sigmoid", ["bad", "good"], "single-label"),
    ],
)
def test_probabilities_of_an_onnx_file_are_read_as_such(tmp_path, gives, classes, task):
    save_tokenizer(tmp_path)
    bag = BagOfWords(1 if len(classes) == 2 else 3)
    logits = predict(bag.save(tmp_path / "logits.onnx"), given=card(classes, task))
    said = predict(bag.save(tmp_path / "other.onnx", gives=[gives]), given=card(classes, task))
    link = partial(softmax, axis=1) if gives == "Softmax" else expit
    np.testing.assert_allclose(link(said), link(logits), atol=1e-6)


def test_a_sigmoid_for_each_of_several_classes_gives_back_its_logits(tmp_path):
    save_tokenizer(tmp_path)
    bag = BagOfWords(3)
    bag.ids, bag.segments = bag.ids / 40, bag.segments / 40  # no probability is rounded to 1
    logits = predict(bag.save(tmp_path / "logits.onnx"))
    said = predict(bag.save(tmp_path / "sigmoid.onnx", gives=["Sigmoid"]))
    np.testing.assert_allclose(said, logits, atol=1e-4)


def test_logits_that_happen_to_be_probabilities_stay_logits(tmp_path):
    save_tokenizer(tmp_path)
    bag = BagOfWords(3)
    bag.ids, bag.segments = 0 * bag.ids, 0 * bag.segments
    said = predict(bag.save(tmp_path / "model.onnx"))
    assert (said == 0).all()


def test_what_neither_the_graph_nor_the_config_says_is_refused_by_its_key(tmp_path):
    save_tokenizer(tmp_path)
    path = BagOfWords(3).save(tmp_path / "model.onnx", gives=["Tanh"])
    assert "expected predictions.scores: logits or probabilities" in refusal(path)
    assert predict(path, scores="logits").min() < 0
    assert "expected a probability from 0 to 1" in refusal(path, scores="probabilities")


def test_a_config_that_contradicts_the_graph_is_refused(tmp_path):
    save_tokenizer(tmp_path)
    path = BagOfWords(3).save(tmp_path / "model.onnx", gives=["Softmax"])
    assert "gives softmax by its last operation; expected logits" in refusal(path, scores="logits")
    np.testing.assert_array_equal(predict(path, scores="probabilities"), predict(path))


def test_an_onnx_file_finds_its_tokenizer_and_names_above_it_or_where_the_config_says(tmp_path):
    (tmp_path / "onnx").mkdir()
    bag = BagOfWords(3)
    path = bag.save(tmp_path / "onnx/model.onnx")
    assert "no tokenizer in" in refusal(path)
    save_bert(tmp_path / "bert", ["great", "fine", "dull"])
    elsewhere = predict(path, tokenizer=str(tmp_path / "bert"))
    save_tokenizer(tmp_path)
    np.testing.assert_array_equal(predict(path)[:, ::-1], elsewhere)


def test_an_onnx_file_that_is_no_classifier_is_refused(tmp_path):
    save_tokenizer(tmp_path)
    torn = tmp_path / "torn.onnx"
    torn.write_bytes(b"torn")
    assert "no model that onnx reads" in refusal(torn)
    fixed = BagOfWords(3).save(tmp_path / "fixed.onnx", (4, "tokens"))
    assert "expected (examples, tokens), of any number of examples or of one" in refusal(fixed)
    other = BagOfWords(3).save(tmp_path / "other.onnx", more=["position_ids"])
    said = refusal(other)
    assert "position_ids tensor(int64); expected input_ids and perhaps attention_mask" in said
    states = BagOfWords(3).save(tmp_path / "states.onnx", gives=["masked"])
    assert "gives masked of ['examples', 'tokens', 3]; expected one" in refusal(states)
    two = BagOfWords(2).save(tmp_path / "two.onnx")
    assert "outputs LABEL_0, LABEL_1; expected the classes dull, fine, great" in refusal(two)
    longer = BagOfWords(3).save(tmp_path / "short.onnx", (1, 12))
    assert "max_tokens: 20; expected at most 12" in refusal(longer, max_tokens=20)


def constant(name, *values, kind=np.int64):
    return numpy_helper.from_array(np.array(values, kind), name)


def save_graph(path, nodes, constants):
    """Write a model that gives two logits for each text, plus the sum of `out` of these nodes."""
    nodes = [
        *nodes,
        helper.make_node("Cast", ["out"], ["numbers"], to=Kind.FLOAT),
        helper.make_node("ReduceMax", ["numbers"], ["most"], keepdims=0),
        helper.make_node("Cast", ["input_ids"], ["ids"], to=Kind.FLOAT),
        helper.make_node("ReduceSum", ["ids", "second"], ["sums"], keepdims=1),
        helper.make_node("MatMul", ["sums", "weights"], ["products"]),
        helper.make_node("Add", ["products", "most"], ["logits"]),
    ]
    weights = numpy_helper.from_array(np.ones((1, 3), np.float32), "weights")
    graph = helper.make_graph(
        nodes,
        "huge",
        [helper.make_tensor_value_info("input_ids", Kind.INT64, ["rows", "tokens"])],
        [helper.make_tensor_value_info("logits", Kind.FLOAT, ["rows", 3])],
        [*constants, constant("second", 1), weights],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    onnx.save(model, path)
    return path


def endless(grows):
    """Return a loop that does not end, and may hold more with each turn."""
    add = "Concat" if grows else "Add"
    body = helper.make_graph(
        [
            helper.make_node("Identity", ["go_on"], ["still"]),
            helper.make_node(add, ["own", "own"], ["next"], **({"axis": 0} if grows else {})),
        ],
        "turn",
        [
            helper.make_tensor_value_info("turn", Kind.INT64, []),
            helper.make_tensor_value_info("go_on", Kind.BOOL, []),
            helper.make_tensor_value_info("own", Kind.INT64, None),
        ],
        [
            helper.make_tensor_value_info("still", Kind.BOOL, []),
            helper.make_tensor_value_info("next", Kind.INT64, None),
        ],
    )
    yes = numpy_helper.from_array(np.array(True), "yes")
    first = helper.make_node("ReduceMax", ["input_ids"], ["first"], keepdims=1, axes=[0, 1])
    flat = helper.make_node("Reshape", ["first", "second"], ["start"])
    return [first, flat, helper.make_node("Loop", ["", "yes", "start"], ["out"], body=body)], [yes]


one = constant("one", 1.0, kind=np.float32)
GRAPHS = {
    "while it is opened": (
        [helper.make_node("ConstantOfShape", ["size"], ["out"])],
        [constant("size", HUGE)],
    ),
    "Expand": (
        [
            helper.make_node("Shape", ["input_ids"], ["shape"]),
            helper.make_node("Mul", ["shape", "size"], ["large"]),
            helper.make_node("Expand", ["one", "large"], ["out"]),
        ],
        [constant("size", 2 * 10**4), one],
    ),
    "Tile": (
        [
            helper.make_node("Cast", ["input_ids"], ["ids_"], to=Kind.FLOAT),
            helper.make_node("Tile", ["ids_", "size"], ["out"]),
        ],
        [constant("size", 1, HUGE // 10)],
    ),
    "Range": (
        [
            helper.make_node("ReduceMax", ["input_ids"], ["last_"], keepdims=0),
            helper.make_node("Mul", ["last_", "size"], ["last"]),
            helper.make_node("Range", ["zero", "last", "step"], ["out"]),
        ],
        [numpy_helper.from_array(np.array(number), name)
         for name, number in (("zero", 0), ("step", 1), ("size", HUGE))],
    ),
    "Resize": (
        [
            helper.make_node("Cast", ["input_ids"], ["ids_"], to=Kind.FLOAT),
            helper.make_node("Resize", ["ids_", "", "scales"], ["out"]),
        ],
        [constant("scales", 1e4, 1e4, kind=np.float32)],
    ),
    "OneHot": (
        [helper.make_node("OneHot", ["input_ids", "size", "pair"], ["out"])],
        [constant("size", HUGE // 10), constant("pair", 0, 1)],
    ),
    "a loop that grows": endless(True),
}  # fmt: skip


def peak():
    return resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss


@pytest.mark.parametrize("name", GRAPHS)
def test_a_small_file_that_takes_gigabytes_is_refused_before_it_takes_one(tmp_path, name):
    save_tokenizer(tmp_path)
    path = save_graph(tmp_path / "model.onnx", *GRAPHS[name])
    before = peak()  # of what other tests started
    assert "bytes of memory beside its inputs; expected at most" in refusal(path)
    assert peak() <= max(before, 2**20)  # KiB


def test_a_loop_that_never_ends_is_refused_after_a_time(tmp_path, monkeypatch):
    monkeypatch.setattr(onnx_process, "SECONDS", 1)
    save_tokenizer(tmp_path)
    path = save_graph(tmp_path / "model.onnx", *endless(False))
    assert "gave no answer to a text within 1 s" in refusal(path)


def test_a_loop_that_ends_is_run(tmp_path):
    save_tokenizer(tmp_path)
    own = [helper.make_node("Identity", ["one"], ["out"])]
    path = save_graph(tmp_path / "model.onnx", own, [one])
    assert predict(path).shape == (40, 3)


def test_the_process_of_a_model_ends_with_it(tmp_path):
    path = BagOfWords(3).save(tmp_path / "model.onnx")
    session = onnx_process.Session(path, 1000, 1)
    child = session._child
    assert child.poll() is None
    del session
    assert child.poll() is not None
