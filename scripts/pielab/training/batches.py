"""Read encoded splits memory-mapped and cut them into length-bucketed batches."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from pielab import files

TENSORS = ("ids", "offsets", "pair_start", "labels")


@dataclass(frozen=True)
class Encoded:
    """An encoded split (see data/encoding.py) as tensors; a CPU reads them from disk as needed."""

    ids: Tensor  # int32 (tokens,)
    offsets: Tensor  # int64 (examples + 1,)
    pair_start: Tensor  # int32 (examples,)
    labels: Tensor  # int64 (examples,) or uint8 (examples, classes)
    n_classes: int
    multi_label: bool
    digest: str = ""  # of the examples' ids and labels
    states: Tensor | None = None  # float16 (tokens, width), what frozen layers say of `ids`

    def __len__(self) -> int:
        return len(self.pair_start)

    @property
    def lengths(self) -> Tensor:
        """Tokens of each example, int64 (examples,)."""
        return self.offsets[1:] - self.offsets[:-1]

    def to(self, device: torch.device) -> "Encoded":
        """Return the split on `device`, all but its states, which may not fit there."""
        return replace(self, **{name: getattr(self, name).to(device) for name in TENSORS})


@dataclass(frozen=True)
class Batch:
    """Padded examples: `ids` int64 (rows, tokens), `lengths` and `pair_start` int64 (rows,).

    `states` of frozen layers, if they were kept: float32 (rows, tokens, width).
    """

    ids: Tensor
    lengths: Tensor
    pair_start: Tensor
    labels: Tensor
    states: Tensor | None = None


def read_encoded(path: str | Path) -> Encoded:
    """Map an encoded split into memory.

    Raises
    ------
    ValueError
        If it is no whole file.
    """
    with files.open_arrays(path, "pt") as file:
        tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
        return _encoded(tensors, file.metadata())


def read_splits(paths: Mapping[str, str], device: torch.device) -> dict[str, Encoded]:
    """Return the splits `train` and `test`, those that have a path, on `device`."""
    return {
        name: read_encoded(paths[name]).to(device) for name in ("train", "test") if paths.get(name)
    }


def from_arrays(arrays: Mapping[str, np.ndarray], header: Mapping[str, str]) -> Encoded:
    """Return the split of these arrays, which it shares where they can be written to."""
    # Those of parquet files are read-only, which torch warns of
    writable = {name: np.require(array, requirements="W") for name, array in arrays.items()}
    tensors = {name: torch.from_numpy(array) for name, array in writable.items()}
    return _encoded(tensors, header)


def _encoded(tensors: dict[str, Tensor], header: Mapping[str, str]) -> Encoded:
    n_classes, multi_label = int(header["n_classes"]), header["task"] == "multi-label"
    digest = header.get("examples", "")
    return Encoded(**tensors, n_classes=n_classes, multi_label=multi_label, digest=digest)


def collate(encoded: Encoded, rows: Tensor, padding: int, pad_to: int | None = None) -> Batch:
    """Return the examples of `rows` padded to the longest, or to `pad_to` tokens.

    With `pad_to` the padding counts as text: a recurrent model then reads it, as in the authors'
    code.
    """
    starts = encoded.offsets[rows]
    lengths = encoded.offsets[rows + 1] - starts
    width = pad_to or int(lengths.max())
    position = torch.arange(width, device=rows.device)
    index = (starts[:, None] + position).clamp_(max=len(encoded.ids) - 1)
    ids = encoded.ids[index].long().masked_fill_(position >= lengths[:, None], padding)
    if pad_to:
        lengths = torch.full_like(lengths, pad_to)
    states = None
    if encoded.states is not None:
        states = encoded.states[index.to(encoded.states.device)].to(rows.device).float()
    return Batch(ids, lengths, encoded.pair_start[rows].long(), encoded.labels[rows], states)


def model_inputs(batch: Batch, segments: bool) -> dict[str, Tensor]:
    """Return what a model of transformers is called with.

    `segments`: it tells the second text of a pair from the first.
    """
    position = torch.arange(batch.ids.shape[1], device=batch.ids.device)
    mask = position < batch.lengths[:, None]
    inputs = {"input_ids": batch.ids, "attention_mask": mask.long()}
    if segments:
        inputs["token_type_ids"] = (mask & (position >= batch.pair_start[:, None])).long()
    return inputs


def shuffled_batches(
    lengths: Tensor, batch_size: int, generator: torch.Generator, window: int = 50
) -> Iterator[Tensor]:
    """Yield the rows of each batch of one epoch: random, but of like length.

    A random order is sorted by length within windows of `window` batches, so that little is
    padded; then the batches are shuffled. Every example occurs once.

    Parameters
    ----------
    lengths : Tensor (examples,)
        Tokens of each example, on the CPU.
    """
    order = torch.randperm(len(lengths), generator=generator)
    batches = []
    for part in order.split(batch_size * window):
        batches += part[lengths[part].argsort(stable=True)].split(batch_size)
    for index in torch.randperm(len(batches), generator=generator):
        yield batches[index]


def random_batches(
    n_examples: int, batch_size: int, generator: torch.Generator
) -> Iterator[Tensor]:
    """Yield the rows of each batch of one epoch at random; every example occurs once."""
    yield from torch.randperm(n_examples, generator=generator).split(batch_size)


def sorted_batches(lengths: Tensor, batch_size: int) -> Iterator[Tensor]:
    """Yield the rows of each batch in order of length."""
    yield from lengths.argsort(stable=True).split(batch_size)


def from_ids(texts: Sequence[Sequence[int]]) -> Encoded:
    """Return texts of these ids as a split whose labels are all the first of two classes."""
    lengths = torch.tensor([len(ids) for ids in texts])
    return Encoded(
        ids=torch.tensor([number for ids in texts for number in ids], dtype=torch.int32),
        offsets=torch.cat([torch.zeros(1, dtype=torch.int64), lengths.cumsum(0)]),
        pair_start=lengths.int(),
        labels=torch.zeros(len(lengths), dtype=torch.int64),
        n_classes=2,
        multi_label=False,
    )
