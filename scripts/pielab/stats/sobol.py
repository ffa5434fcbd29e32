"""Sobol's sequence in a random scramble: `scipy.stats.qmc.Sobol`, to the same bits.

The import of scipy.stats takes longer than many a job.
"""

import numpy as np

BITS = 30
# Primitive polynomials and first direction numbers of dimensions 2 to 9 (Joe and Kuo 2008,
# doi 10.1137/070709359): degree, coefficients, numbers
DIRECTIONS = (
    (1, 0, (1,)),
    (2, 1, (1, 3)),
    (3, 1, (1, 3, 1)),
    (3, 2, (1, 1, 1)),
    (4, 1, (1, 1, 3, 3)),
    (4, 4, (1, 3, 5, 13)),
    (5, 2, (1, 1, 5, 5, 17)),
    (5, 4, (1, 1, 5, 5, 5)),
)


def sobol(dimensions: int, number: int, seed: int) -> np.ndarray:
    """Return the first points of a scrambled sequence, float64 (number, dimensions), from 0 to 1.

    Parameters
    ----------
    dimensions : int
        From 1 to 9.
    number : int
        A power of 2, lest the points be unbalanced.

    Raises
    ------
    ValueError
        If there are more dimensions.

    Source: Matousek 1998, doi 10.1006/jcom.1998.0489, a lower triangular matrix and a shift.
    """
    if dimensions > 1 + len(DIRECTIONS):
        raise ValueError(f"dimensions: {dimensions}; expected at most {1 + len(DIRECTIONS)}")
    rng, powers = np.random.default_rng(seed), 1 << np.arange(BITS, dtype=np.uint32)
    shift = rng.integers(2, size=(dimensions, BITS), dtype=np.uint32) @ powers
    lower = np.tril(rng.integers(2, size=(dimensions, BITS, BITS), dtype=np.uint32))
    lower[:, np.arange(BITS), np.arange(BITS)] = 1
    plain = np.array(
        [[1] * BITS, *(_numbers(*direction) for direction in DIRECTIONS)], dtype=np.uint32
    )
    plain = plain[:dimensions] << np.arange(BITS, dtype=np.uint32)[::-1]
    bits = plain[:, :, None] >> np.arange(BITS, dtype=np.uint32)[::-1] & 1  # highest first
    steps = ((bits @ lower.swapaxes(1, 2)) % 2) @ powers[::-1]  # (dimensions, BITS)
    lowest = [(index & -index).bit_length() - 1 for index in range(1, number)]  # Gray code
    points = np.bitwise_xor.accumulate(np.column_stack([shift, steps[:, lowest]]), axis=1)
    return points.T * (1.0 / 2**BITS)


def _numbers(degree: int, coefficients: int, first: tuple[int, ...]) -> list[int]:
    """Return the direction numbers of a dimension, by the recurrence of its polynomial."""
    numbers = list(first)
    for index in range(degree, BITS):
        new = numbers[index - degree] ^ (numbers[index - degree] << degree)
        for place in range(1, degree):
            if coefficients >> (degree - 1 - place) & 1:
                new ^= numbers[index - place] << place
        numbers.append(new)
    return numbers
