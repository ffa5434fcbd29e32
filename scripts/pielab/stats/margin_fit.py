"""Fit what all examples of two groups of models together tell of their margins.

Margins are float (members, examples, classes), as in shift. Multiplying all margins of one model
by a positive number changes none of its votes, so that models are first made equally sure. Then

    margin = sides' centres + the example's own + the member's lean + the member's error

by side and class. The example's own has the normal prior of all examples (empirical Bayes); errors
have moderated variances and a correlation between sides and classes that all examples share; the
leans tell how far off the centres are.
"""

from typing import NamedTuple

import numpy as np
from scipy import special

from pielab.stats.moderation import moderate, total_freedom, variance_prior

CANDIDATES = 4  # classes of an example that may win: of more, the most likely by either side
LEAST = 1e-4  # eigenvalue of the prior, as a share of the largest
RIDGE = 1e-9  # of the trace, added to the diagonal of what is inverted
SAMPLE = 10_000  # examples that tell how sure models are
ROUNDS = 2
FAR = 3.0 * 1.4826  # median distances of shifts, beyond which examples say nothing of that
TINY = 1e-30  # a variance of models that are all the same


class Fit(NamedTuple):
    """What all examples together tell; a coordinate is a class of dense or then of compressed."""

    mean: np.ndarray  # float64 (examples, coordinates), over members
    deviation: np.ndarray  # float64 (examples, coordinates): of a member's error, moderated
    correlation: np.ndarray  # float64 (coordinates, coordinates): of a member's errors
    lean: np.ndarray  # float64 (coordinates, coordinates): covariance of a member's leans
    shared: np.ndarray  # float64 (coordinates, coordinates): 1 / members, or 0 if unpaired
    prior: np.ndarray  # float64 (coordinates, coordinates): covariance of the examples' own
    freedom: float
    offset: np.ndarray  # float64 (coordinates,): mean of the prior, less the mean of all examples
    still: np.ndarray  # float64 (classes,): shift of those that stay, less the mean shift of all


class Coordinate(NamedTuple):
    """The parts of the margins of one side and class."""

    mean: np.ndarray  # float64 (examples,)
    lean: np.ndarray  # (members,), around its mean
    residuals: np.ndarray  # (members, examples)
    deviation: np.ndarray  # float64 (examples,)
    freedom: float


class Spread(NamedTuple):
    """Where examples lie by the classes that may win, and how members' means spread around."""

    places: np.ndarray  # int (examples, coordinates): of more than CANDIDATES classes, of so many
    own: np.ndarray  # float64 (examples, coordinates): mean over members, less the prior's
    error: np.ndarray  # float64 (examples, coordinates, coordinates): covariance of one member's
    total: np.ndarray  # the same of the means, with the prior's


def fit(dense: np.ndarray, compressed: np.ndarray, paired: bool) -> Fit:
    """Return what all examples together tell of margins of two members a side or more."""
    classes, sides = dense.shape[2], _equally_sure([dense, compressed])
    parts = [_split(side[:, :, label]) for side in sides for label in range(classes)]
    side, members = np.arange(2 * classes) // classes, [len(part.lean) for part in parts]
    shared = np.where((side[:, None] == side) | paired, 1 / np.array(members), 0.0)
    mean, deviation = (
        np.stack([getattr(part, name) for part in parts], axis=1) for name in ("mean", "deviation")
    )
    errors, correlation, lean = _covariances(parts, shared > 0)
    prior = _positive(np.cov(mean, rowvar=False) - errors * shared)
    freedom = _freedom(parts, lean, shared)
    middle = np.zeros(2 * classes), np.zeros(classes)
    return Fit(mean, deviation, correlation, lean, shared, prior, freedom, *middle)


def spread(fitted: Fit, rows: slice | np.ndarray) -> Spread:
    """Return where the examples of some rows lie, and the covariance of that."""
    mean = fitted.mean[rows]
    index = _candidates(mean)
    both = index[:, :, None], index[:, None, :]
    deviation = np.take_along_axis(fitted.deviation[rows], index, axis=1)
    error = deviation[:, :, None] * fitted.correlation[both] * deviation[:, None, :]
    total = fitted.prior[both] + error * fitted.shared[both]
    # Of models that are all the same nothing is unknown: that must not divide by zero
    ridge = RIDGE * np.trace(total, axis1=1, axis2=2) + TINY
    total += ridge[:, None, None] * np.eye(index.shape[1])
    own = np.take_along_axis(mean - fitted.mean.mean(axis=0) - fitted.offset, index, axis=1)
    return Spread(index, own, error, total)


def _candidates(mean: np.ndarray) -> np.ndarray:
    """Return the coordinates of the classes that may win, int (examples, coordinates)."""
    classes = mean.shape[1] // 2
    if classes <= CANDIDATES:
        return np.broadcast_to(np.arange(2 * classes), mean.shape)
    best = np.maximum(mean[:, :classes], mean[:, classes:])
    index = np.sort(np.argpartition(-best, CANDIDATES, axis=1)[:, :CANDIDATES], axis=1)
    return np.concatenate([index, classes + index], axis=1)


def _covariances(parts: list[Coordinate], together: np.ndarray) -> tuple[np.ndarray, ...]:
    """Return the covariance of a member's errors, their correlation, and its leans' covariance.

    The first is the mean over examples, the second that of errors over their deviations; both are
    0 between coordinates that are not `together`, of the same members.
    """
    errors, standard, lean = np.zeros((3, *together.shape))
    for i, j in np.argwhere(together):
        first, second, freedom = parts[i], parts[j], len(parts[i].lean) - 1
        product = np.einsum("se,se->e", first.residuals, second.residuals) / freedom
        errors[i, j] = product.mean()
        standard[i, j] = (product / (first.deviation * second.deviation)).mean()
        lean[i, j] = first.lean @ second.lean / freedom
    root = np.sqrt(np.maximum(standard.diagonal(), LEAST))
    return errors, np.where(np.eye(len(root)), 1.0, standard / np.outer(root, root)), lean


def _equally_sure(sides: list[np.ndarray]) -> list[np.ndarray]:
    """Return margins of one class, or scores of several, over each model's median size.

    Where two of several classes compete, errors of their log odds against the rest mirror each
    other, and elsewhere not: those of centred log probabilities are more alike in all examples.
    The median is of the examples that move no more than most: the others would change it, so that
    those that stay would seem to move in proportion to their size.
    """
    if sides[0].shape[2] > 1:
        sides = [special.log_expit(side) for side in sides]
        sides = [side - side.mean(axis=2, keepdims=True) for side in sides]
    rows = np.linspace(0, sides[0].shape[1] - 1, min(sides[0].shape[1], SAMPLE)).astype(int)
    samples = [side[:, rows] for side in sides]
    still = np.ones(len(rows), dtype=bool)
    for _ in range(ROUNDS):
        sizes = [_sizes(sample[:, still]) for sample in samples]
        before, after = ((s / n).mean(axis=0) for s, n in zip(samples, sizes, strict=True))
        off = np.abs(after - before - np.median((after - before)[still], axis=0))
        still = (off <= FAR * np.median(off[still], axis=0)).all(axis=1)
    return [side / _sizes(sample[:, still]) for side, sample in zip(sides, samples, strict=True)]


def _sizes(sample: np.ndarray) -> np.ndarray:
    """Return the median size of each model's margins, (members, 1, 1); 1 where it is zero."""
    size = np.median(np.abs(sample), axis=(1, 2))
    return np.where(size > 0, size, 1).astype(sample.dtype)[:, None, None]


def _split(margins: np.ndarray) -> Coordinate:
    """Return the parts of margins, (members, examples)."""
    freedom = len(margins) - 1
    mean, lean = margins.mean(axis=0), margins.mean(axis=1)
    residuals = margins - mean - (lean - lean.mean())[:, None]
    variances = np.square(residuals).sum(axis=0, dtype=np.float64) / freedom
    prior = variance_prior(variances, freedom)
    deviation = np.sqrt(np.maximum(moderate(variances, freedom, prior), TINY))
    total = total_freedom(residuals, prior)
    return Coordinate(mean.astype(np.float64), lean - lean.mean(), residuals, deviation, total)


def _positive(covariance: np.ndarray) -> np.ndarray:
    """Return a covariance matrix without eigenvalues below LEAST of the largest."""
    values, vectors = np.linalg.eigh(covariance)
    return (vectors * np.maximum(values, max(LEAST * values[-1], TINY))) @ vectors.T


def _freedom(parts: list[Coordinate], lean: np.ndarray, shared: np.ndarray) -> float:
    """Return the degrees of freedom of errors and leans together (Satterthwaite 1946)."""
    members = 1 / shared.diagonal()
    own = sum(np.square(p.deviation).mean() / n for p, n in zip(parts, members, strict=True))
    leant = (lean * shared).trace()
    few = min(part.freedom for part in parts)
    return float((own + leant) ** 2 / (own**2 / few + leant**2 / (members.min() - 1)))
