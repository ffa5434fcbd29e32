"""The two classifiers: a BiLSTM over frozen word vectors and a BERT-like encoder."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from pielab import files
from pielab.seeds import derive_seed
from pielab.training import batches, encoders

# Ids of the vectors that fill texts up, see pielab/data/vectors.py
PADDING = {"zeros": 0, "mean": 1}
HIDDEN = 100  # units of the BiLSTM in one direction (paper, appendix; so are the layers below)


class Classifier(nn.Module):
    """A model that turns batches into logits.

    Attributes
    ----------
    padding : int
        The id that fills its batches up.
    autocasts : bool
        Whether it may compute in bfloat16 where the card has it. Not an LSTM: cuDNN's runs in
        float16 whatever autocast asks for, where small gradients become zero.
    """

    padding: int
    autocasts = False
    classifier: nn.Linear


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
            ends = self._ends(ids, lambda own: own.flip(0), batch.lengths)
        elif ids.is_cuda:
            ends = self._packed_ends(self.embedding(ids), batch.lengths)
        else:
            position = torch.arange(len(ids))[:, None]
            mirror = batch.lengths - 1 - position
            mirror = torch.where(mirror >= 0, mirror, position)  # (tokens, rows)
            order = (mirror * ids.shape[1] + torch.arange(ids.shape[1])).flatten()

            def reverse(own: Tensor) -> Tensor:
                return _Reordered.apply(own.flatten(0, 1), order).view_as(own)

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


class Encoder(Classifier):
    """A BERT-like encoder whose pooled output goes to a linear classifier."""

    autocasts = True

    def __init__(
        self,
        folder: str | Path,
        n_classes: int,
        freeze_embeddings: bool = False,
        freeze_layers: int | None = None,
    ) -> None:
        super().__init__()
        self.encoder = encoders.read_encoder(folder, freeze_layers or 0)
        self.encoder.pooled_only = True  # Hugging Face's models do not know it, and compute all
        config = self.encoder.config
        self.padding = config.pad_token_id or 0
        self.segments = getattr(config, "type_vocab_size", 0) > 1
        if freeze_embeddings:
            self.encoder.embeddings.requires_grad_(False)
        self.classifier = nn.Linear(config.hidden_size, n_classes)

    def forward(self, batch: batches.Batch) -> Tensor:
        """Return logits (rows, classes)."""
        output = self.encoder(**encoders.encoder_inputs(batch, self.segments))
        with torch.autocast(batch.ids.device.type, enabled=False):  # bfloat16 logits would tie
            return self.classifier(output.pooler_output.float())


def build(settings: dict, pretrained: str | Path, n_classes: int, seed: int) -> Classifier:
    """Return the model that `seed` initialises, on the CPU.

    Parameters
    ----------
    settings : dict
        The model's `architecture`, and of an encoder `freeze_embeddings` and `freeze_layers`,
        of a BiLSTM that reads its padding `pad_with`.
    pretrained : path
        The file of word vectors (BiLSTM), or of the weights in a fetched encoder's folder.
    """
    torch.manual_seed(derive_seed(seed, "initialisation"))
    if settings["architecture"] == "bilstm":
        with files.open_arrays(pretrained, "pt") as file:
            pad_with = settings.get("pad_with", "zeros")
            return BiLSTM(file.get_tensor("vectors"), n_classes, pad_with)
    frozen = {key: settings[key] for key in ("freeze_embeddings", "freeze_layers")}
    return Encoder(Path(pretrained).parent, n_classes, **frozen)


def trainable_state(model: nn.Module) -> dict[str, Tensor]:
    """Return a copy of the parameters that training changes, on the CPU."""
    return {
        name: parameter.detach().cpu().clone()
        for name, parameter in model.named_parameters()
        if parameter.requires_grad
    }


def restore(model: nn.Module, state: dict[str, Tensor]) -> None:
    """Set the trainable parameters to `state`."""
    own = {name: p for name, p in model.named_parameters() if p.requires_grad}
    if own.keys() != state.keys():
        wrong = sorted(own.keys() ^ state.keys())
        raise ValueError(f"the weights do not fit the model: {wrong[0]} is in one of them only")
    with torch.no_grad():
        for name, parameter in own.items():
            parameter.copy_(state[name])


@contextmanager
def writing_states(
    path: str | Path, model: nn.Module, seeds: Sequence[int]
) -> Iterator[Callable[[int, nn.Module], None]]:
    """Yield a function that writes a seed's trained parameters to the one file of all seeds.

    `model` is like those to come; the file appears when the block ends without error.
    """
    shapes = {
        f"{seed}/{name}": (np.dtype(np.float32), tuple(parameter.shape))
        for seed in seeds
        for name, parameter in model.named_parameters()
        if parameter.requires_grad
    }
    with files.writing_arrays(path, shapes) as put:

        def write(seed: int, model: nn.Module) -> None:
            for name, parameter in model.named_parameters():
                if parameter.requires_grad:
                    put(f"{seed}/{name}", parameter.detach().cpu().numpy())

        yield write


def read_state(path: str | Path, seed: int) -> dict[str, Tensor]:
    """Return the trainable parameters of one seed's model.

    Raises
    ------
    ValueError
        If it is no whole file.
    """
    prefix = f"{seed}/"
    with files.open_arrays(path, "pt") as file:
        names = [name for name in file.keys() if name.startswith(prefix)]  # noqa: SIM118
        return {name.removeprefix(prefix): file.get_tensor(name) for name in names}
