"""How large a matrix with zeros is on the disk."""

import math

FLOAT = 4  # bytes of a float32


def sparse_bytes(weights: int, kept: int, each: int) -> int:
    """Return the bytes of a matrix with zeros: a bit a weight, and those that are kept.

    Where that is more than all weights are, all are stored. `each`: the bytes of a weight.
    """
    return min(math.ceil(weights / 8) + each * kept, each * weights)
