"""Two bidirectional LSTM layers over frozen word vectors."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from pielab import files
from pielab.training import batches
from pielab.training.models import Classifier
from pielab.training.weights import Units

STARTS_FROM = ("vectors",)
KEYS = {"lowercase": True, "pad_to_max_tokens": False, "tokenizer": "penn_treebank"}
FAMILY = "recurrent"
GPU_SHARE = 25
CPU_BATCH = 64
# cuDNN's LSTM runs in float16 whatever autocast asks for, where small gradients become zero
AUTOCASTS = False

# Ids of the vectors that fill texts up, see pielab/data/vectors.py
PADDING = {"zeros": 0, "mean": 1}
HIDDEN = 100  # units in one direction (paper, appendix; so are the layers below)
GATES = 4  # of an LSTM, each with a row a unit


class _Reordered(torch.autograd.Function):
    """The rows of a matrix in an order that is its own inverse.

    A copy of rows both ways, where `gather` copies single numbers and its backward pass adds them.
    """

    @staticmethod
    def forward(context: Any, values: Tensor, order: Tensor) -> Tensor:
        context.save_for_backward(order)
        return values.index_select(0, order)

    @staticmethod
    def backward(context: Any, *gradients: Tensor) -> tuple[Tensor, None]:
        (order,) = context.saved_tensors
        return gradients[0].index_select(0, order), None


class BiLSTM(Classifier):
    """Two bidirectional LSTM layers over frozen vectors, then 256 -> 128 -> classes with ReLU.

    Each direction is an LSTM of its own, and the backward one gets every sequence reversed
    within its length: the same function as a packed bidirectional LSTM, about three times
    faster on a CPU because the fused kernel has no packed form.
    """

    autocasts = AUTOCASTS
    unit_kinds = ("lstm_units",)

    def __init__(self, vectors: Tensor, n_classes: int, pad_with: str = "zeros") -> None:
        super().__init__()
        self.padding = PADDING[pad_with]
        self.embedding = nn.Embedding.from_pretrained(vectors, freeze=True)
        widths = [vectors.shape[1], 2 * HIDDEN]
        lstms = [nn.LSTM(width, HIDDEN) for width in [*widths, *widths]]
        self.forward_lstms = nn.ModuleList(lstms[:2])
        self.backward_lstms = nn.ModuleList(lstms[2:])
        self.hidden = nn.Sequential(
            nn.Linear(2 * HIDDEN, 256), nn.ReLU(), nn.Linear(256, 128), nn.ReLU()
        )
        self.classifier = nn.Linear(128, n_classes)

    def forward(self, batch: batches.Batch) -> Tensor:
        """Return logits (rows, classes)."""
        ids = batch.ids.T.contiguous()  # by token, as the kernels compute
        if (batch.lengths == len(ids)).all():
            ends = self._ends(ids, lambda sequence: sequence.flip(0), batch.lengths)
        elif ids.is_cuda:
            ends = self._packed_ends(self.embedding(ids), batch.lengths)
        else:
            position = torch.arange(len(ids))[:, None]
            mirror = batch.lengths - 1 - position
            mirror = torch.where(mirror >= 0, mirror, position)  # (tokens, rows)
            order = (mirror * ids.shape[1] + torch.arange(ids.shape[1])).flatten()

            def reverse(sequence: Tensor) -> Tensor:
                return _Reordered.apply(sequence.flatten(0, 1), order).view_as(sequence)

            ends = self._ends(ids, reverse, batch.lengths)
        return self.classifier(self.hidden(ends))

    def _ends(self, ids: Tensor, reverse: Callable[[Tensor], Tensor], lengths: Tensor) -> Tensor:
        """Return the last states of both directions of the top layer, (rows, 2 * HIDDEN)."""
        (ahead, top_ahead), (back, top_back) = self.forward_lstms, self.backward_lstms
        forward, _ = ahead(self.embedding(ids))  # (tokens, rows, HIDDEN)
        backward, _ = back(self.embedding(reverse(ids)))
        tops = (
            top_ahead(torch.cat([forward, reverse(backward)], dim=2))[0],
            top_back(torch.cat([reverse(forward), backward], dim=2))[0],
        )
        last = (lengths - 1)[None, :, None].expand(1, -1, HIDDEN)
        return torch.cat([top.gather(0, last) for top in tops], dim=2).squeeze(0)

    def _packed_ends(self, states: Tensor, lengths: Tensor) -> Tensor:
        """Return what `_ends` returns by cuDNN's packed form.

        On a GPU the deterministic backward pass of `gather` would sort every number.
        """
        packed = nn.utils.rnn.pack_padded_sequence(states, lengths.cpu(), enforce_sorted=False)
        pairs = zip(self.forward_lstms, self.backward_lstms, strict=True)
        weights: list[Tensor] = [w for pair in pairs for lstm in pair for w in lstm.parameters()]
        zeros = states.new_zeros(4, states.shape[1], HIDDEN)
        _, last, _ = torch.lstm(
            packed.data,
            packed.batch_sizes,
            (zeros, zeros),
            weights,
            has_biases=True,
            num_layers=2,
            dropout=0.0,
            train=True,
            bidirectional=True,
        )
        return torch.cat([last[2], last[3]], dim=1)[packed.unsorted_indices]

    def units(self, what: str) -> list[Units]:
        """Return the units of each LSTM, if `what` is lstm_units."""
        if what != "lstm_units":
            return []
        above = [f"{way}_lstms.1.weight_ih_l0" for way in ("forward", "backward")]
        found = []
        for path in ("forward_lstms.0", "forward_lstms.1", "backward_lstms.0", "backward_lstms.1"):
            made = [
                f"{path}.{kind}_{part}_l0" for kind in ("weight", "bias") for part in ("ih", "hh")
            ]
            readers = [f"{path}.weight_hh_l0", *(above if path.endswith("0") else [])]
            found.append(Units(HIDDEN, {name: (GATES, None) for name in made}, made, readers))
        return found


def build(settings: dict, pretrained: str | Path, n_classes: int) -> BiLSTM:
    """Return a model that starts from the file of word vectors `pretrained`.

    `settings`: perhaps with `pad_with`, where it reads its padding.
    """
    with files.open_arrays(pretrained, "pt") as file:
        pad_with = settings.get("pad_with", "zeros")
        return BiLSTM(file.get_tensor("vectors"), n_classes, pad_with)
