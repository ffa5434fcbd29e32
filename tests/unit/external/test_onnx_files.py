"""ONNX files predict as their sums say, with a tokenizer beside or above them."""

from functools import partial

import numpy as np
import pytest
from scipy.special import expit, softmax

from helpers.given_models import (
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


@pytest.mark.parametrize("paired", [False, True])
@pytest.mark.parametrize("batch_size", [None, 7])
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
    assert "no model that onnxruntime reads" in refusal(torn)
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
