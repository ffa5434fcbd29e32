"""Uniform: any weight may go."""

import torch
from torch import Tensor, nn

READS_GRADIENT = False


def score(
    weights: dict[str, nn.Parameter], gradients: dict[str, Tensor] | None, seed: int
) -> dict[str, Tensor]:
    """Return uniform numbers, drawn on the CPU so that every device prunes the same weights."""
    generator = torch.Generator().manual_seed(seed)
    return {n: torch.rand(w.shape, generator=generator).to(w.device) for n, w in weights.items()}
