"""Compute once what the frozen lower layers of a pretrained model say of the texts."""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor, nn
from tqdm import tqdm

from pielab.training import batches, devices

BATCH = 64  # texts whose states are computed at a time


class Frozen(NamedTuple):
    """The embeddings and first layers of a pretrained model.

    `states` returns what they say of a batch, float (rows, tokens, width); `padding` is the id that
    fills batches up.
    """

    model: nn.Module
    states: Callable[[batches.Batch], Tensor]
    width: int
    padding: int


@torch.inference_mode()
def compute_states(
    frozen: Frozen, encoded: batches.Encoded, put: Callable[[np.ndarray, int], None]
) -> None:
    """Compute what frozen layers say of each token.

    Parameters
    ----------
    encoded : batches.Encoded
        On the device that computes.
    put : callable
        Given the states of an example, float16 (tokens, width), and the position of its first
        token in `encoded.ids`.
    """
    device = encoded.ids.device
    frozen.model.to(device).train(False)
    rows = list(batches.sorted_batches(encoded.lengths.cpu(), BATCH))
    for part in tqdm(rows, desc="frozen layers", disable=None, leave=False):
        batch = batches.collate(encoded, part.to(device), frozen.padding)
        with devices.fast_linears(device):
            output = frozen.states(batch)
        starts, lengths = encoded.offsets[part.to(device)].tolist(), batch.lengths.tolist()
        for states, start, length in zip(output.half().cpu().numpy(), starts, lengths, strict=True):
            put(states[:length], start)
