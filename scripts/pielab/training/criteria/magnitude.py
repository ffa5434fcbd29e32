"""abs(w): small weights go first."""

from torch import Tensor, nn

READS_GRADIENT = False


def score(
    weights: dict[str, nn.Parameter], gradients: dict[str, Tensor] | None, seed: int
) -> dict[str, Tensor]:
    """Return abs(w)."""
    return {name: w.detach().abs() for name, w in weights.items()}
