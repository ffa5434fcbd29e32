"""Find how probable it is that two halves of a multivariate t differ in sign or in winner.

Location is float64 (examples, coordinates), scale (examples, coordinates, coordinates), as in
pie_probability.posterior: the first half of the coordinates is one side, the second the other.

Derived in docs/explanation/statistics.md#pie-probability.
"""

import functools

import numpy as np
from scipy import special

from pielab.stats.distributions import chi2_quantile
from pielab.stats.sobol import sobol

QUANTILES = 8  # of the chi-squared distribution that makes a t of a normal
CHUNK = 128  # examples whose draws the processor's cache holds
DRAWS = 256  # a power of 2, as Sobol's sequence wants


def _t_scales(freedom: float, shares: np.ndarray) -> np.ndarray:
    """Return what turns normal draws into Student's t, at shares of the distribution."""
    return np.sqrt(freedom / chi2_quantile(shares, freedom)) if freedom < 1e6 else shares * 0 + 1


def signs_differ(location: np.ndarray, scale: np.ndarray, freedom: float) -> np.ndarray:
    """Return the probability that two coordinates differ in sign, float64 (examples,).

    Source: Owen 1956, for the normal; the t is a mixture of normals.
    """
    deviation = np.sqrt(scale[:, [0, 1], [0, 1]])
    first, second = (location / deviation).T
    correlation = np.clip(scale[:, 0, 1] / deviation.prod(axis=1), -1 + 1e-9, 1 - 1e-9)
    first, second = (np.where(np.abs(x) < 1e-9, 1e-9, x) for x in (first, second))
    root = np.sqrt(1 - correlation**2)
    slopes = (second / first - correlation) / root, (first / second - correlation) / root
    probability = 1.0 * (first * second < 0)
    for t in _t_scales(freedom, (np.arange(QUANTILES) + 0.5) / QUANTILES):
        areas = special.owens_t(first / t, slopes[0]) + special.owens_t(second / t, slopes[1])
        probability += 2 * areas / QUANTILES
    return np.clip(probability, 0, 1)


def winners_differ(location: np.ndarray, scale: np.ndarray, freedom: float) -> np.ndarray:
    """Return the share of draws in which another class has the largest margin, (examples,).

    All examples share the draws, Sobol's sequence in a fixed scramble, so that they differ by
    what is known of them alone.
    """
    size = location.shape[1]
    shares = _shares(size + 1)
    draws = special.ndtri(shares[:-1]) * _t_scales(freedom, shares[-1])  # (coordinate, draw)
    # Centred scores sum to zero, so that the scale has a direction of none, and rounding in it
    ridge = (1e-6 * np.trace(scale, axis1=1, axis2=2) + 1e-30)[:, None, None] * np.eye(size)
    root = _root((scale + scale.swapaxes(1, 2)) / 2 + ridge).astype(np.float32)
    draws, location = draws.astype(np.float32), location.astype(np.float32)
    certain, differs = _winners(location, root, draws)
    open_ones, differ = np.flatnonzero(~certain), differs * float(DRAWS)
    root = np.ascontiguousarray(root[open_ones].swapaxes(0, 1))
    location = location[open_ones].T[:, :, None]
    room = np.empty((size, CHUNK, DRAWS), dtype=np.float32)
    for start in range(0, len(open_ones), CHUNK):
        rows = slice(start, start + CHUNK)
        out = room[:, : len(open_ones[rows])]
        margins = np.matmul(root[:, rows], draws, out=out)  # (coordinate, example, draw)
        margins += location[:, rows]
        dense, compressed = (_winner(side) for side in np.split(margins, 2))
        # Counted by bits: faster than a mean of bools
        found = np.bitwise_count(np.packbits(dense != compressed, axis=1)).sum(axis=1)
        differ[open_ones[rows]] = found
    return differ / draws.shape[1]


def _winners(
    location: np.ndarray, root: np.ndarray, draws: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Return of which examples no draw can change a winner, and where the sides' winners differ.

    A winner is certain where it leads each other class by more than the longest draw takes the
    two apart: by the inequality of Cauchy and Schwarz, with room for what float32 rounds.
    """
    longest = np.linalg.norm(draws, axis=0).max() * 1.0001
    certain, best, every = np.ones(len(location), dtype=bool), [], np.arange(len(location))
    for centres, loads in zip(
        np.split(location, 2, axis=1), np.split(root, 2, axis=1), strict=True
    ):
        first = centres.argmax(axis=1)
        apart = np.linalg.norm(loads - loads[every, first, None], axis=2)
        slack = 1e-5 * (
            np.abs(centres).max(axis=1) + longest * np.linalg.norm(loads, axis=2).max(axis=1)
        )
        leads = centres[every, first, None] - centres > longest * apart + slack[:, None]
        leads[every, first] = True
        certain &= leads.all(axis=1)
        best.append(first)
    return certain, best[0] != best[1]


@functools.cache
def _shares(dimensions: int) -> np.ndarray:
    """Return Sobol's sequence, (dimensions, draws)."""
    return sobol(dimensions, DRAWS, seed=0).T


def _root(scale: np.ndarray) -> np.ndarray:
    """Return matrices whose products with their transposes are `scale`."""
    try:
        return np.linalg.cholesky(scale)
    except np.linalg.LinAlgError:  # sides that hardly differ: rounding is larger than the ridge
        values, vectors = np.linalg.eigh(scale)
        return vectors * np.sqrt(np.maximum(values, 0))[:, None, :]


def _winner(margins: np.ndarray) -> np.ndarray:
    """Return the class of the largest margin, among equals the first, int8 (examples, draws).

    Parameters
    ----------
    margins : float32 (classes, examples, draws)
        The first is overwritten.
    """
    best, label = margins[0], np.zeros(margins[0].shape, dtype=np.int8)
    for index in range(1, len(margins)):
        larger = (margins[index] > best).view(np.int8)
        np.maximum(label, np.int8(index) * larger, out=label)
        np.maximum(best, margins[index], out=best)
    return label
