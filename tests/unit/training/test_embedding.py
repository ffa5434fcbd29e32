"""Texts as vectors: the mean of an encoder's states, and words that a tokenizer cuts."""

from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
import torch

from pielab.data import encoding
from pielab.training import embedding


class Encoder(torch.nn.Module):
    config = SimpleNamespace(hidden_size=2)

    def forward(self, input_ids, attention_mask):
        states = torch.stack([input_ids, 10 - input_ids], dim=2).float()
        return SimpleNamespace(last_hidden_state=states)


def test_an_embedding_is_the_mean_of_the_real_tokens_of_length_1(monkeypatch):
    ids = [[1, 2, 3], [7], [4, 4]]
    given = [(own, len(own)) for own in ids]
    monkeypatch.setattr(encoding, "subword_ids", lambda *_: iter(given))
    frame = pd.DataFrame({"text": ["x"] * 3})
    found = embedding.embed(frame, Encoder(), None)
    for row, own in zip(found, ids, strict=True):
        mean = np.array([np.mean(own), 10 - np.mean(own)])
        assert row == pytest.approx(mean / np.linalg.norm(mean), rel=1e-5)


def test_examples_with_the_same_tokens_are_embedded_once(monkeypatch):
    ids = [[1, 2], [7], [1, 2], [7], [1, 2]]
    monkeypatch.setattr(encoding, "subword_ids", lambda *_: iter([(own, 2) for own in ids]))
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
    monkeypatch.setattr(encoding, "subword_ids", lambda *_: iter([]))
    assert embedding.embed(pd.DataFrame({"text": []}), Encoder(), None).shape == (0, 2)


def test_words_that_are_cut_or_unknown_are_fragmented():
    pieces = {"known": [5], "cut": [6, 7], "strange": [0]}

    class Tokenizer:
        unk_token_id = 0

        def __call__(self, words, add_special_tokens):
            return {"input_ids": [pieces[word] for word in words]}

    texts = [["known", "cut"], ["strange"], ["known", "known"], []]
    found = embedding.fragmented_share(texts, Tokenizer())
    assert found[:3].tolist() == [0.5, 1, 0]
    assert np.isnan(found[3])
