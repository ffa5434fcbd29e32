"""Models that others made predict as their own libraries would, one text at a time."""

import json
import shutil
from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from transformers import BertForSequenceClassification, BertModel

from helpers.external_models import (
    CLASSES,
    CPU,
    SETTINGS,
    WORDS,
    card,
    one_by_one,
    predict,
    refusal,
    save_bert,
    save_tokenizer,
    texts,
)
from pielab.external import checkpoints, outputs, tokens


@pytest.fixture(scope="module")
def bert(tmp_path_factory):
    return save_bert(tmp_path_factory.mktemp("bert"), CLASSES)


@pytest.mark.parametrize("paired", [False, True])
@pytest.mark.parametrize("batch_size", [None, 1, 7])
def test_a_folder_predicts_as_a_plain_loop_over_single_texts(bert, paired, batch_size):
    frame = texts(paired=paired)
    logits = predict(bert, frame, batch_size=batch_size)
    assert logits.dtype == np.float32
    np.testing.assert_allclose(logits, one_by_one(bert, frame), atol=1e-4)


def test_texts_are_cut_to_max_tokens(bert):
    frame = texts()
    np.testing.assert_allclose(
        predict(bert, frame, max_tokens=9), one_by_one(bert, frame, 9), atol=1e-4
    )
    assert "max_tokens: 25; expected at most 24" in refusal(bert, max_tokens=25)


def test_chunks_of_texts_keep_their_order(bert, monkeypatch):
    frame = texts()
    whole = predict(bert, frame)
    monkeypatch.setattr("pielab.external.tokens.CHUNK", 11)
    np.testing.assert_allclose(predict(bert, frame), whole, atol=1e-4)


def test_outputs_are_matched_with_classes_by_name_whatever_the_case(bert):
    shuffled = card(["Great", "DULL", "fine"])
    np.testing.assert_array_equal(predict(bert, given=shuffled), predict(bert)[:, [2, 0, 1]])


def test_outputs_without_names_are_matched_by_position(tmp_path, bert, caplog):
    folder = save_bert(tmp_path, ["LABEL_0", "LABEL_1", "LABEL_2"])
    np.testing.assert_array_equal(predict(folder), predict(bert))
    assert "outputs without names, taken as dull, fine, great" in caplog.text


def test_other_classes_are_refused_with_both_lists(bert):
    said = refusal(bert, card(["dull", "fine", "superb"]))
    assert "outputs dull, fine, great; expected the classes dull, fine, superb" in said
    assert "expected the classes dull, fine (id2label" in refusal(bert, card(["dull", "fine"]))


def test_a_model_of_another_task_is_refused(tmp_path, bert):
    single = save_bert(tmp_path / "s", CLASSES, problem_type="single_label_classification")
    several = save_bert(tmp_path / "m", CLASSES, problem_type="multi_label_classification")
    wanted = "problem_type single_label_classification in its config.json; expected multi_label"
    assert wanted in refusal(single, card(task="multi-label"))
    assert "expected single_label_classification" in refusal(several)
    logits = predict(several, given=card(task="multi-label"))
    np.testing.assert_array_equal(logits, predict(bert))


@pytest.mark.parametrize(("name", "column"), [("LABEL_0", 1), ("bad", 0), ("GOOD", 1)])
def test_a_single_output_is_the_log_odds_of_one_of_two_classes(tmp_path, name, column):
    folder, frame = save_bert(tmp_path, [name]), texts()
    logits = predict(folder, frame, card(["bad", "good"]))
    np.testing.assert_allclose(logits[:, column], one_by_one(folder, frame)[:, 0], atol=1e-4)
    assert not logits[:, 1 - column].any()


def test_a_single_output_that_is_no_log_odds_is_refused(tmp_path):
    folder = save_bert(tmp_path, ["LABEL_0"], problem_type="regression")
    assert "problem_type regression" in refusal(folder, card(["bad", "good"]))


def test_what_a_model_reads_and_cuts_is_known(bert):
    frame = texts()
    words = tokens.read_tokenizer([Path(bert)], bert)
    pairs = zip(frame["text"], frame["text_pair"], strict=True)
    lengths = [len(words(*pair)["input_ids"]) for pair in pairs]
    known = [
        checkpoints.predict(str(bert), frame, card(), SETTINGS | {"max_tokens": limit}, CPU)[1]
        for limit in (12, None)
    ]
    for own, limit in zip(known, (12, 24), strict=True):  # the model has 24 positions
        assert own["token_limit"] == str(limit)
        assert own["truncated"] == str(sum(length > limit for length in lengths)) != "0"
    cut, whole = known
    assert cut["label_order"] == "dull, fine, great"
    for name in ("tokenizer", "tokens"):  # those of the texts before they are cut
        assert cut[name] == whole[name] != ""


def test_weights_in_half_precision_stay_so(tmp_path, bert):
    model = BertForSequenceClassification.from_pretrained(bert).to(torch.bfloat16)
    model.save_pretrained(tmp_path)
    save_tokenizer(tmp_path)
    logits, known = checkpoints.predict(str(tmp_path), texts(), card(), SETTINGS, CPU)
    expected = {"device": "cpu", "precision": "bfloat16", "scores": "logits"}
    assert {name: known[name] for name in expected} == expected
    assert 0 < np.abs(logits - predict(bert)).max() < 0.5


def test_pickled_weights_are_refused_with_what_to_do(tmp_path, bert):
    folder = save_bert(tmp_path, CLASSES)
    (folder / "model.safetensors").rename(folder / "pytorch_model.bin")
    said = refusal(folder)
    assert "pickled weights, pytorch_model.bin; expected model.safetensors" in said
    assert "call save_pretrained" in said


def test_a_model_without_a_head_is_refused(tmp_path, bert):
    BertModel.from_pretrained(bert).save_pretrained(tmp_path)
    save_tokenizer(tmp_path)
    assert "no weights classifier.bias, classifier.weight" in refusal(tmp_path)


def test_weights_of_a_missing_library_are_refused(tmp_path):
    folder = save_bert(tmp_path, CLASSES)
    config = json.loads((folder / "config.json").read_text())
    config["quantization_config"] = {
        "quant_method": "compressed-tensors",
        "format": "int-quantized",
    }
    (folder / "config.json").write_text(json.dumps(config))
    assert "int-quantized weights of compressed-tensors, which is not installed" in refusal(folder)


@pytest.mark.parametrize(
    ("name", "content", "expected"),
    [
        ("config.json", None, "no config.json"),
        ("config.json", "{", "no JSON"),
        ("config.json", "[]", "a list; expected a JSON object"),
        ("config.json", '{"model_type": "unheard-of"}', "no model for sequence classification"),
        ("config.json", '{"auto_map": {}, "model_type": "mine"}', "no model for sequence"),
        ("model.safetensors", "torn", "expected a whole safetensors file"),
        ("model.safetensors", None, "no weights; expected model.safetensors"),
        ("tokenizer.json", None, "no tokenizer in"),
        ("tokenizer.json", "{", "tokenizer.json: no JSON"),
    ],
)
def test_a_malformed_folder_is_refused(tmp_path, name, content, expected):
    folder = save_bert(tmp_path, CLASSES)
    (folder / name).unlink()
    if content is not None:
        (folder / name).write_text(content)
    assert expected in refusal(folder)


def test_a_tokenizer_of_another_model_is_refused(tmp_path, bert):
    save_tokenizer(tmp_path, [*WORDS, "more"])
    said = refusal(bert, tokenizer=str(tmp_path))
    assert f"has {len(WORDS) + 1} tokens; expected at most {len(WORDS)}" in said


def test_a_model_that_predicts_no_number_is_refused(tmp_path, bert):
    model = BertForSequenceClassification.from_pretrained(bert)
    torch.nn.init.constant_(model.classifier.weight, float("nan"))
    model.save_pretrained(tmp_path)
    save_tokenizer(tmp_path)
    assert "not a finite number" in refusal(tmp_path)


def attempt(call):
    """Return what a call returns, or the message of its ValueError."""
    try:
        return call(), None
    except ValueError as error:
        return None, str(error)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5) | st.sampled_from(CLASSES),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner),
    max_leaves=6,
)


@pytest.mark.slow
@settings(max_examples=500, deadline=None)
@given(id2label=JSON, problem_type=JSON, n_outputs=st.integers(1, 4), multi_label=st.booleans())
def test_whatever_a_config_says_outputs_are_matched_or_refused(
    id2label, problem_type, n_outputs, multi_label
):
    described = {"id2label": id2label, "problem_type": problem_type}
    own = {"multi_label": multi_label, "labels": None}
    columns, said = attempt(
        lambda: outputs.match(described, n_outputs, CLASSES, own, "model.onnx").columns
    )
    assert said.startswith("model.onnx: ") if said else sorted(columns) == [0, 1, 2]


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    key=st.sampled_from(["model_type", "hidden_size", "id2label", "vocab_size", "dtype"]),
    value=JSON,
)
def test_whatever_a_folder_says_it_predicts_or_is_refused(tmp_path_factory, bert, key, value):
    folder = tmp_path_factory.mktemp("said")
    for file in bert.iterdir():
        (folder / file.name).write_bytes(file.read_bytes())
    described = json.loads((folder / "config.json").read_text()) | {key: value}
    (folder / "config.json").write_text(json.dumps(described))
    logits, said = attempt(lambda: predict(folder, texts(3)))
    assert str(folder) in said if said else logits.shape == (3, 3)


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("num_hidden_layers", 10**6),
        ("vocab_size", 10**12),
        ("hidden_size", "64"),
        ("num_labels", 1e8),
    ],
)
def test_a_description_of_more_than_the_weights_hold_is_refused_before_it_is_built(
    tmp_path, bert, key, value
):
    shutil.copytree(bert, tmp_path / "model")
    path = tmp_path / "model/config.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | {key: value}))
    assert f"{key} " in refusal(tmp_path / "model")


@pytest.mark.parametrize("value", [-1, 1, 2.5, "abc", [8], True])
def test_a_limit_of_tokens_that_is_none_is_refused(tmp_path, bert, value):
    shutil.copytree(bert, tmp_path / "model")
    path = tmp_path / "model/tokenizer_config.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | {"model_max_length": value}))
    assert "model_max_length" in refusal(tmp_path / "model")


def test_a_vocabulary_without_a_word_for_unknown_ones_is_refused(tmp_path, bert):
    shutil.copytree(bert, tmp_path / "model")
    for name in ("tokenizer.json", "tokenizer_config.json"):
        (tmp_path / "model" / name).unlink()
    (tmp_path / "model/vocab.txt").write_text("the\na\n")
    assert "cannot encode the texts" in refusal(tmp_path / "model")
