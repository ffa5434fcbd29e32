"""Let some examples not move at all: a prior of shifts with a spike and a slab beside it.

A normal prior that has to hold both those that compression moves and those that it leaves alone is
too wide for the latter, and takes too many of them for PIEs. The slab has a mean of its own, since
harm may go one way: around the mean shift of all, those that stay would seem to move the other way.
Where shifts have heavy tails the spike has a width. Arrays are those of margin_fit.
"""

from typing import NamedTuple

import numpy as np
from scipy import linalg

from pielab.stats.margin_fit import CANDIDATES, Fit, spread


class Way(NamedTuple):
    """Where the search for a mixture is; pairs are of the examples that move, and of the others."""

    moved: float  # share of the examples
    mean: tuple[np.ndarray, np.ndarray]  # of shifts, less the mean shift of all
    covariance: tuple[np.ndarray, np.ndarray]  # of shifts
    wide: bool  # may the others move a little?


class Mixture(NamedTuple):
    """The priors of examples that move and of those that stay, and the share that moves."""

    moved: float
    slab: Fit
    spike: Fit | None  # where all move there is none


class Sample(NamedTuple):
    """Contrasts of the examples' means, of which centred scores of several classes have fewer."""

    fitted: Fit
    rows: slice | np.ndarray
    places: np.ndarray  # int (sets, coordinates): the sets of coordinates that may win
    which: np.ndarray  # int (examples,): the set of each
    contrasts: np.ndarray  # float64 (contrasts, coordinates)
    own: np.ndarray  # float64 (examples, contrasts): mean over members, less that of all examples
    error: np.ndarray  # float64 (examples, contrasts, contrasts): covariance of that


# Share that moves, whether the others are at no shift or at the mean shift, and may move a little
STARTS = ((0.15, True, False), (0.5, True, False), (0.5, False, False), (0.15, False, True))
SAMPLE = 1_000  # examples that tell the share
EVERY = 2  # of the sample, those that tell with which start to go on
FIRST = 4  # steps after which they do
STEPS = 12
GAIN = 0.05  # nats of a step, below which the search ends
FEWEST = 10  # of the sample, that move
CLEARLY = 2.0  # nats by which a mixture must be likelier than that all move, and one for each mean
HOPELESS = 20.0  # nats that no more steps make up for
NARROW = 0.3  # of the shifts' variance, that those which move a little have at the start


def sample(fitted: Fit, rows: slice | np.ndarray) -> Sample:
    """Return the sample of some rows."""
    index, own, _, total = spread(fitted._replace(offset=0 * fitted.offset), rows)
    error = total - fitted.prior[index[:, :, None], index[:, None, :]]
    classes = index.shape[1] // 2
    contrasts = np.kron(np.eye(2), linalg.helmert(classes) if classes > 1 else np.eye(1))
    places, which = index[:1], np.zeros(len(index), dtype=int)
    if len(fitted.still) > CANDIDATES:
        places, which = np.unique(index, axis=0, return_inverse=True)
    parts = own @ contrasts.T, contrasts @ error @ contrasts.T
    return Sample(fitted, rows, places, which.ravel(), contrasts, *parts)


def log_density(some: Sample, prior: Fit) -> np.ndarray:
    """Return how likely the means are with a prior, but for a constant, float64 (examples,)."""
    places, contrasts = some.places, some.contrasts
    covariance = contrasts @ prior.prior[places[:, :, None], places[:, None, :]] @ contrasts.T
    own = some.own - (prior.offset[places] @ contrasts.T)[some.which]
    root = np.linalg.cholesky(covariance[some.which] + some.error)
    squares, logs = np.zeros((2, len(own)))
    for index in range(own.shape[1]):  # forward substitution
        diagonal = root[:, index, index]
        own[:, index] -= np.einsum("ei,ei->e", root[:, index, :index], own[:, :index])
        own[:, index] /= diagonal
        squares += own[:, index] ** 2
        logs += np.log(diagonal)
    return -logs - (prior.freedom + own.shape[1]) / 2 * np.log1p(squares / prior.freedom)


def mixture(fitted: Fit) -> Mixture:
    """Return the spike and the slab by the expectation-maximisation algorithm.

    All examples move, by shifts of one normal distribution, unless a mixture is clearly likelier.
    """
    examples = len(fitted.mean)
    rows = np.linspace(0, examples - 1, min(examples, SAMPLE)).astype(int)
    few = sample(fitted, rows[::EVERY])
    ways = [_climb(few, _start(fitted, *start), FIRST) for start in STARTS]
    way, likely = max(ways, key=lambda way: EVERY * way[1] - CLEARLY * way[0].wide)
    alone = Mixture(1.0, fitted, None)
    if EVERY * (likely - log_density(few, fitted).sum()) < -HOPELESS:
        return alone
    all_of_them = sample(fitted, rows)
    way, likely = _climb(all_of_them, way, STEPS)
    least = log_density(all_of_them, fitted).sum() + CLEARLY * (1 + way.wide) + len(fitted.still)
    return _priors(fitted, way) if likely > least else alone


def _start(fitted: Fit, moved: float, at_none: bool, wide: bool) -> Way:
    """Return where a search begins."""
    apart = _apart(fitted)
    still = -(apart @ fitted.mean.mean(axis=0)) * at_none  # no shift, less the mean shift
    shifts, narrow = apart @ fitted.prior @ apart.T, NARROW * wide
    slab = (narrow + (1 - narrow) / moved) * shifts
    return Way(moved, ((1 - 1 / moved) * still, still), (slab, narrow * shifts), wide)


def _climb(some: Sample, way: Way, steps: int) -> tuple[Way, float]:
    """Return where a search ends after so many steps, and the log likelihood there."""
    fitted, apart = some.fitted, _apart(some.fitted)
    shifts = (fitted.mean[some.rows] - fitted.mean.mean(axis=0)) @ apart.T
    errors = fitted.deviation[some.rows], fitted.correlation * fitted.shared
    best, most = way, -np.inf
    for _ in range(steps):
        weighted = _log_parts(_priors(fitted, way), some)
        likely = np.logaddexp(*weighted)
        total = float(likely.sum())
        gain = total - most
        if gain > 0:
            best, most = way, total
        moves = np.exp(weighted[0] - likely)  # how probably each example is one of those that move
        if gain < GAIN or not FEWEST <= moves.mean() * SAMPLE <= SAMPLE - FEWEST:
            break
        slab, spike = (_moments(shifts, one, apart, errors) for one in (moves, 1 - moves))
        covariance = slab[1], spike[1] * way.wide
        way = Way(float(moves.mean()), (slab[0], spike[0]), covariance, way.wide)
    return best, most


def _apart(fitted: Fit) -> np.ndarray:
    """Return the matrix that makes shifts of coordinates, (classes, coordinates)."""
    return np.kron([[-1, 1]], np.eye(len(fitted.still)))


def _moments(
    shifts: np.ndarray, weights: np.ndarray, apart: np.ndarray, errors: tuple[np.ndarray, ...]
) -> tuple[np.ndarray, np.ndarray]:
    """Return the weighted mean of shifts, and their covariance without that of errors.

    Errors are given by their deviations and their correlation.
    """
    deviation, correlation = errors
    number = weights.sum()
    mean = weights @ shifts / number
    off = shifts - mean
    error = (deviation * weights[:, None]).T @ deviation * correlation
    spreads = (off * weights[:, None]).T @ off - apart @ error @ apart.T
    values, vectors = np.linalg.eigh(spreads / number)
    return mean, (vectors * np.maximum(values, 0)) @ vectors.T


def _priors(fitted: Fit, way: Way) -> Mixture:
    """Return the fit with each prior."""
    apart = _apart(fitted)
    shifts = apart @ fitted.prior @ apart.T
    loads = fitted.prior @ apart.T @ np.linalg.pinv(shifts, hermitian=True)
    rest = fitted.prior - loads @ shifts @ loads.T
    slab, spike = (
        fitted._replace(prior=rest + loads @ of @ loads.T, offset=loads @ own, still=way.mean[1])
        for of, own in zip(way.covariance, way.mean, strict=True)
    )
    return Mixture(way.moved, slab, spike)


def _log_parts(found: Mixture, some: Sample) -> tuple[np.ndarray, np.ndarray]:
    """Return the log density of each part times its share, (examples,) both."""
    slab, spike = (log_density(some, one) for one in (found.slab, found.spike or found.slab))
    return np.log(found.moved) + slab, np.log1p(-found.moved) + spike


def parts(found: Mixture, rows: slice) -> list[tuple[Fit, np.ndarray]]:
    """Return each prior's fit, and how probable it is for each example, (examples,)."""
    if found.spike is None:
        return [(found.slab, np.ones(len(found.slab.mean[rows])))]
    moves, stays = _log_parts(found, sample(found.slab, rows))
    still = 1 / (1 + np.exp(-np.clip(stays - moves, -700, 700)))
    return [(found.slab, 1 - still), (found.spike, still)]
