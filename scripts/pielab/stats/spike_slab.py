"""Let some examples not move at all: a prior of shifts with a spike and a slab beside it.

A normal prior that has to hold both those that compression moves and those that it leaves alone is
too wide for the latter, and takes too many of them for PIEs. The slab has a mean of its own, since
harm may go one way: around the mean shift of all, those that stay would seem to move the other way.
Where shifts have heavy tails the spike has a width. Arrays are those of margin_fit.

Derived in docs/explanation/statistics.md#pie-probability.
"""

from collections.abc import Sequence
from functools import cache
from typing import NamedTuple

import numpy as np

from pielab.stats import small_matrices
from pielab.stats.margin_fit import Fit, Spread, placed, with_prior


class Way(NamedTuple):
    """Where the search for a mixture is; pairs are of the examples that move, and of the others."""

    moved: float  # share of the examples
    mean: tuple[np.ndarray, np.ndarray]  # of shifts, less the mean shift of all
    covariance: tuple[np.ndarray, np.ndarray]  # of shifts
    wide: bool  # may the others move a little?


class Loading(NamedTuple):
    """How the coordinates of examples follow from their shifts."""

    fitted: Fit
    loads: np.ndarray  # float64 (coordinates, classes)
    rest: np.ndarray  # float64 (coordinates, coordinates): covariance of what shifts do not tell


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
    own: np.ndarray  # float64 (contrasts, examples): mean over models, less that of all examples
    error: np.ndarray  # float64 (contrasts, contrasts, examples): covariance of that


# Share that moves, whether the others are at no shift or at the mean shift, and may move a little
STARTS = ((0.15, True, False), (0.5, True, False), (0.5, False, False), (0.15, False, True))
SAMPLE = 1_000  # examples that tell the share
EVERY = 2  # of the sample, those that tell with which start to go on
FIRST = 4  # steps after which they do
STEPS = 12
GAIN = 0.05  # nats of a step, below which the search ends
FEWEST_MOVED = 10  # of the sample, that move
CLEARLY = 2.0  # nats by which a mixture must be likelier than that all move, and one for each mean
HOPELESS = 20.0  # nats that no more steps make up for
NARROW = 0.3  # of the shifts' variance, that those which move a little have at the start


def sample(fitted: Fit, rows: slice | np.ndarray, where: Spread | None = None) -> Sample:
    """Return the sample of some rows, which margin_fit.placed may have placed."""
    found = with_prior(where or placed(fitted, rows), fitted._replace(offset=0 * fitted.offset))
    error = found.total - found.chosen(fitted.prior)
    contrasts = _contrasts(len(found.own) // 2)
    for _ in range(2):  # contrasts @ error @ contrasts.T
        error = np.tensordot(contrasts, error.swapaxes(0, 1), axes=1)
    return Sample(fitted, rows, found.places, found.which, contrasts, contrasts @ found.own, error)


@cache
def _contrasts(classes: int) -> np.ndarray:
    """Return contrasts of both sides, (contrasts, coordinates).

    Centred scores sum to zero, so that their covariance has no inverse; that of contrasts has one.
    """
    return np.kron(np.eye(2), _helmert(classes) if classes > 1 else np.eye(1))


def _helmert(classes: int) -> np.ndarray:
    """Return contrasts of length 1 and at right angles, (classes - 1, classes), as scipy.linalg."""
    number = np.arange(1, classes)
    lower = np.tril(np.ones((classes, classes)), -1)[1:] - np.diag(number * 1.0, 1)[:-1]
    return lower / np.sqrt(number * (number + 1))[:, None]


def log_density(some: Sample, priors: Sequence[Fit]) -> np.ndarray:
    """Return how likely the means are, but for a constant, float64 (priors, examples)."""
    places, contrasts = some.places, some.contrasts
    which = some.which if len(places) > 1 else slice(0, 1)  # of one set, one stands for all
    size, examples = some.own.shape
    covariances = np.empty((size, size, len(priors), examples))
    offs = np.empty((size, len(priors), examples))
    for index, loading in enumerate(priors):
        of_sets = contrasts @ loading.prior[places[:, :, None], places[:, None, :]] @ contrasts.T
        covariance = of_sets.transpose(1, 2, 0)[:, :, which]
        np.add(covariance, some.error, out=covariances[:, :, index])
        offset = (contrasts @ loading.offset[places].T)[:, which]
        np.subtract(some.own, offset, out=offs[:, index])
    root = small_matrices.cholesky(covariances.reshape(size, size, -1))
    off = small_matrices.solve_lower(root, offs.reshape(size, 1, -1))[:, 0]
    squares, logs = (off**2).sum(axis=0), np.log(np.einsum("iin->in", root)).sum(axis=0)
    freedom = some.fitted.freedom
    likely = -logs - (freedom + len(off)) / 2 * np.log1p(squares / freedom)
    return likely.reshape(len(priors), -1)


def mixture(fitted: Fit) -> Mixture:
    """Return the spike and the slab by the expectation-maximisation algorithm.

    All examples move, by shifts of one normal distribution, unless a mixture is clearly likelier.
    """
    examples = len(fitted.mean)
    rows = np.linspace(0, examples - 1, min(examples, SAMPLE)).astype(int)
    # The likelihood has several maxima, so that the search starts in four places; on half of the
    # sample and for a few steps, which is enough to tell the best start
    few = sample(fitted, rows[::EVERY])
    ways = _climb(few, [_start(fitted, *start) for start in STARTS], FIRST)
    way, likely = max(ways, key=lambda way: EVERY * way[1] - CLEARLY * way[0].wide)
    alone = Mixture(1.0, fitted, None)  # the simpler model, unless another is clearly likelier
    if EVERY * (likely - log_density(few, [fitted]).sum()) < -HOPELESS:
        return alone
    all_of_them = sample(fitted, rows)
    ((way, likely),) = _climb(all_of_them, [way], STEPS)
    # The mixture has more parameters: the share, a mean for each class, and maybe the spike's width
    least = log_density(all_of_them, [fitted]).sum() + CLEARLY * (1 + way.wide) + len(fitted.still)
    return _priors(loading(fitted), way) if likely > least else alone


def _start(fitted: Fit, moved: float, at_none: bool, wide: bool) -> Way:
    """Return where a search begins."""
    apart = _apart(fitted)
    still = -(apart @ fitted.mean.mean(axis=0)) * at_none  # no shift, less the mean shift
    shifts, narrow = apart @ fitted.prior @ apart.T, NARROW * wide
    # If a share moves and the rest does not, the variance of all shifts is that share of the slab's
    slab = (narrow + (1 - narrow) / moved) * shifts
    return Way(moved, ((1 - 1 / moved) * still, still), (slab, narrow * shifts), wide)


def _climb(some: Sample, ways: Sequence[Way], steps: int) -> list[tuple[Way, float]]:
    """Return where searches end after so many steps, and the log likelihood there."""
    fitted, apart, loads = some.fitted, _apart(some.fitted), loading(some.fitted)
    shifts = (fitted.mean[some.rows] - fitted.mean.mean(axis=0)) @ apart.T
    errors = fitted.deviation[some.rows], fitted.correlation * fitted.shared
    best, going = [(way, -np.inf) for way in ways], dict(enumerate(ways))
    for step in range(1, steps + 1):
        weighted = _log_parts([_priors(loads, way) for way in going.values()], some)
        moved: dict[int, np.ndarray] = {}
        for (index, way), both in zip(list(going.items()), weighted, strict=True):
            likely = np.logaddexp(*both)
            total = float(likely.sum())
            gain = total - best[index][1]
            if gain > 0:
                best[index] = way, total
            moves = np.exp(both[0] - likely)  # how probably each example is one of those that move
            if gain < GAIN or not FEWEST_MOVED <= moves.mean() * SAMPLE <= SAMPLE - FEWEST_MOVED:
                del going[index]
                continue
            moved[index] = moves
        if not going or step == steps:
            break
        # Maximisation: weighted moments, without the part of the variance that is error
        weights = [weight for moves in moved.values() for weight in (moves, 1 - moves)]
        found = iter(_moments(shifts, weights, apart, errors))
        for index, moves in moved.items():
            (slab, of_slab), (spike, of_spike), wide = next(found), next(found), going[index].wide
            covariance = of_slab, of_spike * wide
            going[index] = Way(float(moves.mean()), (slab, spike), covariance, wide)
    return best


def _apart(fitted: Fit) -> np.ndarray:
    """Return the matrix that makes shifts of coordinates, (classes, coordinates)."""
    same = np.eye(len(fitted.still))
    return np.hstack([-same, same])


def _moments(
    shifts: np.ndarray,
    weights: Sequence[np.ndarray],
    apart: np.ndarray,
    errors: tuple[np.ndarray, ...],
) -> list[tuple[np.ndarray, np.ndarray]]:
    """Return for each weights the mean of shifts, and their covariance without that of errors.

    Errors are given by their deviations and their correlation.
    """
    deviation, correlation = errors
    means, spreads = [], []
    for weight in weights:
        number = weight.sum()
        mean = weight @ shifts / number
        off = shifts - mean
        error = (deviation * weight[:, None]).T @ deviation * correlation
        spread = (off * weight[:, None]).T @ off - apart @ error @ apart.T
        means.append(mean)
        spreads.append(spread / number)
    values, vectors = np.linalg.eigh(spreads)
    kept = vectors * np.maximum(values, 0)[:, None]
    covariances = [weight @ other.T for weight, other in zip(kept, vectors, strict=True)]
    return list(zip(means, covariances, strict=True))


def loading(fitted: Fit) -> Loading:
    """Return how the coordinates of examples follow from their shifts."""
    apart = _apart(fitted)
    shifts = apart @ fitted.prior @ apart.T
    # Regression of both sides' margins on their difference: a prior of the shifts alone then says
    # where both sides are, and `rest` is what they have in common
    loads = fitted.prior @ apart.T @ np.linalg.pinv(shifts, hermitian=True)
    return Loading(fitted, loads, fitted.prior - loads @ shifts @ loads.T)


def _priors(loaded: Loading, way: Way) -> Mixture:
    """Return the fit with each prior."""
    fitted, loads, rest = loaded
    slab, spike = (
        fitted._replace(prior=rest + loads @ of @ loads.T, offset=loads @ mean, still=way.mean[1])
        for of, mean in zip(way.covariance, way.mean, strict=True)
    )
    return Mixture(way.moved, slab, spike)


def _log_parts(found: Sequence[Mixture], some: Sample) -> np.ndarray:
    """Return the log density of each part times its share, (mixtures, slab and spike, examples)."""
    priors = [part for one in found for part in (one.slab, one.spike or one.slab)]
    density = log_density(some, priors).reshape(len(found), 2, -1)
    shares = [(np.log(one.moved), np.log1p(-one.moved)) for one in found]
    return np.array(shares)[:, :, None] + density


def parts(found: Mixture, rows: slice, where: Spread | None = None) -> list[tuple[Fit, np.ndarray]]:
    """Return each prior's fit, and how probable it is for each example, (examples,).

    `where` is what margin_fit.placed says of these rows, if it is known.
    """
    if found.spike is None:
        return [(found.slab, np.ones(len(found.slab.mean[rows])))]
    ((moves, stays),) = _log_parts([found], sample(found.slab, rows, where))
    still = 1 / (1 + np.exp(-np.clip(stays - moves, -700, 700)))
    return [(found.slab, 1 - still), (found.spike, still)]
