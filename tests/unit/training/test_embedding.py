"""Texts as vectors: the mean of an encoder's states, and words that a tokenizer cuts."""

from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
import torch

from pielab.data import encoding
from pielab.training import embedding, encoders, minilm


class Encoder(torch.nn.Module):
    config = SimpleNamespace(hidden_size=2)

    def forward(self, input_ids, attention_mask):
        states = torch.stack([input_ids, 10 - input_ids], dim=2).float()
        return SimpleNamespace(last_hidden_state=states)


def test_an_embedding_is_the_mean_of_the_real_tokens_of_length_1(monkeypatch):
    ids = [(1, 2, 3), (7,), (4, 4)]
    monkeypatch.setattr(embedding, "token_ids", lambda *_: iter(ids))
    frame = pd.DataFrame({"text": ["x"] * 3})
    found = embedding.embed(frame, Encoder(), None)
    for row, own in zip(found, ids, strict=True):
        mean = np.array([np.mean(own), 10 - np.mean(own)])
        assert row == pytest.approx(mean / np.linalg.norm(mean), rel=1e-5)


def test_examples_with_the_same_tokens_are_embedded_once(monkeypatch):
    ids = [(1, 2), (7,), (1, 2), (7,), (1, 2)]
    monkeypatch.setattr(embedding, "token_ids", lambda *_: iter(ids))
    rows = []

    class Counting(Encoder):
        def forward(self, input_ids, attention_mask):
            rows.append(len(input_ids))
            return super().forward(input_ids, attention_mask)

    found = embedding.embed(pd.DataFrame({"text": ["x"] * 5}), Counting(), None)
    assert sum(rows) == 2
    assert (found == found[[0, 1, 0, 1, 0]]).all()
    assert found[0] == pytest.approx(np.array([1.5, 8.5]) / np.linalg.norm([1.5, 8.5]), rel=1e-5)


def test_no_example_has_no_embedding(monkeypatch):
    monkeypatch.setattr(embedding, "token_ids", lambda *_: iter([]))
    assert embedding.embed(pd.DataFrame({"text": []}), Encoder(), None).shape == (0, 2)


def test_words_that_are_cut_or_unknown_are_fragmented():
    pieces = {"known": [5], "cut": [6, 7], "strange": [0]}

    class Tokenizer:
        def token_to_id(self, token):
            return 0

        def encode_batch(self, words, add_special_tokens):
            return [SimpleNamespace(ids=pieces[word]) for word in words]

    texts = [["known", "cut"], ["strange"], ["known", "known"], []]
    found = embedding.fragmented_share(texts, Tokenizer())
    assert found[:3].tolist() == [0.5, 1, 0]
    assert np.isnan(found[3])


WORDS = [
    "one",
    "unbelievably",
    "don't",
    "[SEP]",
    "İ",
    "中文",
    "z\u0301",
    "\u200b",
    "\u00a0",
    "x" * 120,
    "\n",
]


@pytest.mark.parametrize("is_pair", [False, True])
def test_the_first_tokens_are_those_that_transformers_reads_of_the_whole_text(is_pair):
    from transformers import AutoTokenizer

    rng = np.random.default_rng(0)
    texts = ["", " " * 700 + "late", "a" * 700, "a. " * 300, ". " + "b" * 638 + "c d e f"]
    texts += [" ".join(rng.choice(WORDS, size)) for size in (1, 20, 40, 61, 62, 63, 80, 200, 400)]
    pairs = texts[::-1] if is_pair else [None] * len(texts)
    frame = pd.DataFrame({"example_id": range(len(texts)), "text": texts, "text_pair": pairs})
    whole = AutoTokenizer.from_pretrained(minilm.folder())
    expected = [tuple(own) for own, _ in encoding.subword_ids(frame, whole, embedding.MAX_TOKENS)]
    tokenizer = embedding.read_tokenizer(minilm.folder())
    assert list(embedding.token_ids(frame, tokenizer, chunk=4)) == expected
    assert is_pair or {2, 64} < {len(own) for own in expected}


def test_the_packaged_encoder_says_what_it_says_in_transformers():
    theirs, ours = (
        read(minilm.folder()) for read in (encoders.download_encoder, encoders.read_encoder)
    )
    frame = pd.DataFrame({"text": ["Stocks fell.", "It rained, " * 40], "text_pair": None})
    tokenizer = embedding.read_tokenizer(minilm.folder())
    found, expected = (embedding.embed(frame, model, tokenizer) for model in (ours, theirs))
    assert type(ours).__name__ == "Bert"
    assert found == pytest.approx(expected, abs=1e-6)


def test_fragmented_words_are_those_of_transformers():
    tokenizer = embedding.read_tokenizer(minilm.folder())
    found = embedding.fragmented_share([["one", "unbelievably"], ["one"], ["\u0f40"]], tokenizer)
    assert found.tolist() == [0.5, 0, 1]
