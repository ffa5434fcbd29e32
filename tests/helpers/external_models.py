"""Tiny classifiers as others save them: Hugging Face folders and ONNX files."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import torch
from tokenizers import Tokenizer, models, normalizers, pre_tokenizers, processors
from transformers import (
    AutoTokenizer,
    BertConfig,
    BertForSequenceClassification,
    PreTrainedTokenizerFast,
)

from pielab.external import checkpoints

WORDS = ["[PAD]", "[UNK]", "[CLS]", "[SEP]"]
WORDS += ["the", "a", "film", "was", "is", "good", "bad", "very", "long", "dull"]
CLASSES = ["dull", "fine", "great"]


def texts(rows=40, seed=0, paired=False):
    """Return random texts, perhaps pairs of them."""
    generator = np.random.default_rng(seed)

    def draw():
        return " ".join(generator.choice([*WORDS[4:], "unheard"], generator.integers(1, 30)))

    pairs = [draw() for _ in range(rows)] if paired else None
    return pd.DataFrame({"text": [draw() for _ in range(rows)], "text_pair": pairs})


def one_by_one(folder, frame, max_tokens=24):
    """Return the logits of a folder's model, each text alone and not padded."""
    model = BertForSequenceClassification.from_pretrained(folder).train(False)
    tokenizer = AutoTokenizer.from_pretrained(folder)
    rows = []
    for text, pair in zip(frame["text"], frame["text_pair"], strict=True):
        limits = {"truncation": True, "max_length": max_tokens, "return_tensors": "pt"}
        encoded = tokenizer(text, pair, **limits)
        with torch.no_grad():
            rows.append(model(**encoded).logits[0].numpy())
    return np.stack(rows)


def save_tokenizer(folder, words=WORDS, limit=24):
    """Write a WordPiece tokenizer of a few words, as BERT's marks and pads texts."""
    ids = {word: index for index, word in enumerate(words)}
    tokenizer = Tokenizer(models.WordPiece(ids, unk_token="[UNK]"))
    tokenizer.normalizer = normalizers.BertNormalizer()
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    tokenizer.post_processor = processors.TemplateProcessing(
        single="[CLS] $A [SEP]",
        pair="[CLS] $A [SEP] $B:1 [SEP]:1",
        special_tokens=[("[CLS]", ids["[CLS]"]), ("[SEP]", ids["[SEP]"])],
    )
    names = {"pad": "[PAD]", "unk": "[UNK]", "cls": "[CLS]", "sep": "[SEP]"}
    PreTrainedTokenizerFast(
        tokenizer_object=tokenizer,
        model_max_length=limit,
        model_input_names=["input_ids", "token_type_ids", "attention_mask"],
        **{f"{name}_token": mark for name, mark in names.items()},
    ).save_pretrained(folder)


def save_bert(folder, names, seed=0, **settings):
    """Write a BERT of two layers, its head of these classes, and its tokenizer."""
    torch.manual_seed(seed)
    config = BertConfig(
        vocab_size=len(WORDS),
        hidden_size=32,
        num_hidden_layers=2,
        num_attention_heads=2,
        intermediate_size=64,
        max_position_embeddings=32,
        id2label=dict(enumerate(names)),
        initializer_range=0.5,
        **settings,
    )
    BertForSequenceClassification(config).save_pretrained(folder)
    save_tokenizer(folder)
    return Path(folder)


CPU = torch.device("cpu")
SETTINGS = {"tokenizer": None, "max_tokens": None, "batch_size": None, "threads": 1, "scores": None}


def card(classes=CLASSES, task="single-label"):
    """Return what a dataset's card says."""
    return {"task": task, "classes": list(classes)}


def predict(path, frame=None, given=None, **settings):
    """Return what a model says of texts, on a CPU."""
    frame = texts() if frame is None else frame
    return checkpoints.predict(str(path), frame, given or card(), SETTINGS | settings, CPU)[0]


def refusal(path, given=None, **settings):
    """Return why a model is refused, in a message that names it."""
    with pytest.raises(ValueError) as error:
        predict(path, given=given, **settings)
    assert str(path) in str(error.value)
    return str(error.value)


class BagOfWords:
    """A classifier as an ONNX file and in NumPy: summed embeddings of words and segments.

    `ids` and `segments`: embeddings, float32 (words, classes) and (2, classes).
    """

    def __init__(self, n_classes, seed=0):
        generator = np.random.default_rng(seed)
        self.ids = generator.normal(size=(len(WORDS), n_classes)).astype(np.float32)
        self.segments = generator.normal(size=(2, n_classes)).astype(np.float32)

    def logits(self, ids, segments):
        """Return the logits of one text, (classes,)."""
        return (self.ids[ids] + self.segments[segments]).sum(0)

    def save(self, path, shape=("examples", "tokens"), kind=7, more=(), gives=("logits",)):
        """Write the ONNX file.

        `shape` and `kind` (7 is int64, 6 int32) are of its inputs, of which it ignores `more`;
        `gives` names outputs: `logits`, what leads to them, or their `Softmax`, `Sigmoid`, `Tanh`.
        """
        inputs = ("input_ids", "token_type_ids", "attention_mask", *more)
        nodes = [
            _node("Gather", ["ids", "input_ids"], "by_word"),
            _node("Gather", ["segments", "token_type_ids"], "by_segment"),
            _node("Add", ["by_word", "by_segment"], "embedded"),
            _node("Cast", ["attention_mask"], "read", _field(5, _integer("to", 1))),
            _node("Unsqueeze", ["read", "last"], "column"),
            _node("Mul", ["embedded", "column"], "masked"),
            _node("ReduceSum", ["masked", "tokens"], "logits", _field(5, _integer("keepdims", 0))),
        ]
        constants = {"ids": self.ids, "segments": self.segments}
        constants |= {"last": np.array([2]), "tokens": np.array([1])}
        nodes += [_node(name, ["logits"], name) for name in ("Softmax", "Sigmoid", "Tanh")]
        graph = b"".join(_field(1, node) for node in nodes) + _text(2, "bag of words")
        graph += b"".join(_field(5, _tensor(name, array)) for name, array in constants.items())
        graph += b"".join(_field(11, _value(name, kind, shape)) for name in inputs)
        shapes = dict.fromkeys(("logits", "Softmax", "Sigmoid", "Tanh"), ("examples", "classes"))
        for name in gives:
            own = shapes.get(name, ("examples", "tokens", "classes"))
            graph += _field(12, _value(name, 1, own))
        path.write_bytes(_number(1, 8) + _field(7, graph) + _field(8, _number(2, 13)))
        return path


def expected_of(bag, frame, folder):
    """Return what a bag of words says of texts, by NumPy alone."""
    tokenizer = AutoTokenizer.from_pretrained(folder)
    rows = zip(frame["text"], frame["text_pair"], strict=True)
    encoded = [tokenizer(*row, truncation=True, max_length=24) for row in rows]
    return np.stack([bag.logits(each["input_ids"], each["token_type_ids"]) for each in encoded])


# The few messages of onnx.proto that a model needs, in the wire format of protocol buffers: the
# package onnx, which would write them, is no part of the environment.


def _varint(number):
    low, rest = number & 127, number >> 7
    return bytes([low | 128]) + _varint(rest) if rest else bytes([low])


def _number(field, value):
    return _varint(field << 3) + _varint(value)


def _field(field, content):
    return _varint(field << 3 | 2) + _varint(len(content)) + content


def _text(field, text):
    return _field(field, text.encode())


def _integer(name, value):
    return _text(1, name) + _number(3, value) + _number(20, 2)


def _node(operator, inputs, output, attribute=b""):
    given = b"".join(_text(1, name) for name in inputs)
    return given + _text(2, output) + _text(4, operator) + attribute


def _tensor(name, array):
    kind = {"float32": 1, "int64": 7}[array.dtype.name]
    shape = b"".join(_number(1, size) for size in array.shape)
    return shape + _number(2, kind) + _text(8, name) + _field(9, array.tobytes())


def _value(name, kind, shape):
    sizes = [_number(1, each) if isinstance(each, int) else _text(2, each) for each in shape]
    shaped = b"".join(_field(1, size) for size in sizes)
    return _text(1, name) + _field(2, _field(1, _number(1, kind) + _field(2, shaped)))
