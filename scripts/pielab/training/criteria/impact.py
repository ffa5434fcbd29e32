"""abs(w * dL/dw): what the loss would change by, to first order, goes first where it is small."""

from torch import Tensor, nn

READS_GRADIENT = True


def score(
    weights: dict[str, nn.Parameter], gradients: dict[str, Tensor], seed: int
) -> dict[str, Tensor]:
    """Return abs(w * dL/dw) with the given gradients."""
    return {name: (w.detach() * gradients[name]).abs() for name, w in weights.items()}
