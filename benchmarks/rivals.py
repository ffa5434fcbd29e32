"""What a study would use if it had not this project: written from descriptions, for `make bench`.

Each trains or prunes as its source is described to, with the models, sizes and texts of ours. None
is made slower than a careful user would write it.
"""

from collections.abc import Iterator
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional
from torch.nn.utils.rnn import pack_padded_sequence

UNITS = 100  # of the BiLSTM in one direction


def prune_by_kthvalue(scores: Tensor, mask: Tensor, share: float) -> Tensor:
    """Return what `pruning.prune_smallest` returns, by torch's kthvalue and counted ties."""
    alive = scores[mask]
    count = round(share * len(alive))
    threshold = alive.kthvalue(count).values
    below, tied = alive < threshold, alive == threshold
    pruned = mask.clone()
    pruned[mask] = ~(below | (tied & (tied.cumsum(0) <= count - below.sum())))
    return pruned


def prune_by_percentile(scores: Tensor, mask: Tensor, share: float) -> Tensor:
    """Return the mask of what reaches numpy's percentile of the remaining scores; ties stay."""
    flat, left = scores.numpy(), mask.numpy()
    return torch.from_numpy(left & (flat >= np.percentile(flat[left], 100 * share)))


def mask_at_random(shape: tuple[int, ...], share: float) -> Tensor:
    """Return a random mask as torch.nn.utils.prune makes it: the smallest of torch.rand's go."""
    drawn = torch.rand(shape)
    mask = torch.ones(shape, dtype=torch.bool)
    mask.view(-1)[torch.topk(drawn.view(-1), round(share * drawn.numel()), largest=False)[1]] = 0
    return mask


class Tagger(nn.Module):
    """The BiLSTM as torch's own: bidirectional, over padded texts or over packed ones."""

    def __init__(self, vectors: Tensor, n_classes: int, packs: bool) -> None:
        super().__init__()
        self.embedding = nn.Embedding.from_pretrained(vectors, freeze=True)
        self.lstm = nn.LSTM(vectors.shape[1], UNITS, 2, batch_first=True, bidirectional=True)
        self.hidden = nn.Sequential(
            nn.Linear(2 * UNITS, 256),
            nn.ReLU(),
            nn.Linear(256, 128),
            nn.ReLU(),
            nn.Linear(128, n_classes),
        )
        self.packs = packs

    def forward(self, ids: Tensor, lengths: Tensor) -> Tensor:
        """Return logits (rows, classes) of ids (rows, tokens)."""
        states: Any = self.embedding(ids)
        if self.packs:
            states = pack_padded_sequence(states, lengths, batch_first=True, enforce_sorted=False)
        _, (last, _) = self.lstm(states)
        return self.hidden(torch.cat([last[2], last[3]], dim=1))


def train_tagger(
    model: Tagger,
    texts: list[str],
    labels: Tensor,
    vocabulary: dict[str, int],
    batch_size: int,
    pad_to: int | None,
) -> None:
    """Train for an epoch; each batch's texts are split, looked up and padded in Python.

    `pad_to` in tokens, as in the authors' code; None pads to the batch's longest.
    """
    optimizer = torch.optim.Adam(model.parameters(), 1e-3)
    model.train()
    for rows in torch.randperm(len(texts)).split(batch_size):
        ids = [[vocabulary.get(word, 0) for word in texts[row].split()] for row in rows.tolist()]
        lengths = torch.tensor([len(text) for text in ids])
        width = pad_to or int(lengths.max())
        padded = torch.tensor([text[:width] + [0] * (width - len(text)) for text in ids])
        logits = model(padded.to(model.embedding.weight.device), lengths)
        _step(model, optimizer, logits, labels[rows])


def build_bert(n_classes: int, layers: int) -> nn.Module:
    """Return Hugging Face's classifier of BERT base's shape, with random weights."""
    from transformers import BertConfig, BertForSequenceClassification

    config = BertConfig(num_hidden_layers=layers)
    config.num_labels = n_classes
    return BertForSequenceClassification(config)


def train_bert(
    model: nn.Module,
    texts: list[Tensor],
    labels: Tensor,
    batch_size: int,
    pad_to: int | None,
) -> None:
    """Train for an epoch, texts padded to `pad_to` tokens in random order.

    Without `pad_to` as Hugging Face's Trainer with group_by_length: random megabatches of 50
    batches, each sorted by length, and a batch padded to its longest text.
    """
    optimizer = torch.optim.AdamW(model.parameters(), 1e-5, weight_decay=0.0, fused=True)
    model.train()
    for rows in _grouped(texts, batch_size) if pad_to is None else _shuffled(texts, batch_size):
        width = pad_to or max(len(texts[row]) for row in rows)
        ids = torch.stack(
            [functional.pad(texts[row], (0, width - len(texts[row]))) for row in rows]
        )
        ids = ids.to(next(model.parameters()).device)
        output = model(input_ids=ids, attention_mask=(ids > 0).long())
        _step(model, optimizer, output.logits, labels[rows])


@torch.inference_mode()
def multiply(shapes: list[tuple[int, int]], tokens: int, steps: int) -> None:
    """Compute the products by which layers train on so many tokens in all, and nothing else."""
    weights = [torch.randn(shape) for shape in shapes]
    for _ in range(steps):
        for weight in weights:
            read = torch.ones(tokens // steps, weight.shape[1])
            gradient = read @ weight.T
            gradient @ weight
            gradient.T @ read


@torch.inference_mode()
def predict_bert(model: nn.Module, texts: list[Tensor], batch_size: int) -> int:
    """Predict in batches sorted by length and padded to their longest; return how many texts."""
    model.train(False)
    order = torch.tensor([len(text) for text in texts]).argsort()
    logits = []
    for rows in order.split(batch_size):
        ids = nn.utils.rnn.pad_sequence([texts[row] for row in rows], batch_first=True)
        logits.append(model(input_ids=ids, attention_mask=(ids > 0).long()).logits)
    return len(torch.cat(logits)[order.argsort()])


def _step(model: nn.Module, optimizer: Any, logits: Tensor, labels: Tensor) -> None:
    optimizer.zero_grad()
    functional.cross_entropy(logits, labels.to(logits.device)).backward()
    nn.utils.clip_grad_norm_(model.parameters(), 1.0)
    optimizer.step()


def _shuffled(texts: list[Tensor], batch_size: int) -> Iterator[list[int]]:
    yield from (rows.tolist() for rows in torch.randperm(len(texts)).split(batch_size))


def _grouped(texts: list[Tensor], batch_size: int) -> Iterator[list[int]]:
    for part in torch.randperm(len(texts)).split(50 * batch_size):
        order = sorted(part.tolist(), key=lambda row: len(texts[row]), reverse=True)
        yield from (order[start : start + batch_size] for start in range(0, len(order), batch_size))
