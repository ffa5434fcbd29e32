"""Random streams by purpose, and the names of blocks of seeds."""

import hashlib

FIRST_TEACHER = 1000  # seeds from here on teach: a model has at most so many that are judged


def derive_seed(seed: int, *names: str | int) -> int:
    """Return the seed of a random stream of its own for a model's seed and a purpose.

    All randomness of a model comes from such streams, never from what ran before it in the
    process, so that its result does not depend on the block of seeds that it is in.
    """
    key = "/".join(map(str, (seed, *names)))
    return int.from_bytes(hashlib.sha256(key.encode()).digest()[:7], "big")


def parse_seeds(block: str) -> range:
    """Return the seeds of a block named by its first and last, such as `0-9`."""
    first, last = map(int, block.split("-"))
    return range(first, last + 1)
