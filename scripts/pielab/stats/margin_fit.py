"""Fit what all examples of two groups of models together tell of their margins.

Margins are float (models, examples, classes), as in shift. Multiplying all margins of one model
by a positive number changes none of its votes, so that models are first made equally sure. Then

    margin = sides' centres + the example's own + the model's lean + the model's error

by side and class. The example's own has the normal prior of all examples (empirical Bayes); errors
have moderated variances and a correlation between sides and classes that all examples share; the
leans tell how far off the centres are.

Derived in docs/explanation/statistics.md#pie-probability.
"""

from typing import NamedTuple

import numpy as np
from scipy import special

from pielab.stats.medians import medians
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

    mean: np.ndarray  # float64 (examples, coordinates), over models
    deviation: np.ndarray  # float64 (examples, coordinates): of a model's error, moderated
    correlation: np.ndarray  # float64 (coordinates, coordinates): of a model's errors
    lean: np.ndarray  # float64 (coordinates, coordinates): covariance of a model's leans
    shared: np.ndarray  # float64 (coordinates, coordinates): 1 / models, or 0 if unpaired
    prior: np.ndarray  # float64 (coordinates, coordinates): covariance of the examples' own
    freedom: float
    offset: np.ndarray  # float64 (coordinates,): mean of the prior, less the mean of all examples
    still: np.ndarray  # float64 (classes,): shift of those that stay, less the mean shift of all


class Coordinate(NamedTuple):
    """The parts of the margins of one side and class."""

    mean: np.ndarray  # float64 (examples,)
    lean: np.ndarray  # (models,), around its mean
    residuals: np.ndarray  # (models, examples)
    deviation: np.ndarray  # float64 (examples,)
    freedom: float


class Spread(NamedTuple):
    """Where examples lie by the classes that may win, and how models' means spread around.

    Examples come last, as in small_matrices. Of more than CANDIDATES classes, an example has the
    coordinates of so many.
    """

    places: np.ndarray  # int (sets, coordinates): the sets of coordinates that may win
    which: np.ndarray  # int (examples,): the set of each
    own: np.ndarray  # float64 (coordinates, examples): mean over models, less the prior's
    error: np.ndarray  # float64 (coordinates, coordinates, examples): covariance of one model's
    total: np.ndarray  # the same of the means, with the prior's

    def chosen(self, values: np.ndarray) -> np.ndarray:
        """Return what examples have of values (coordinates, ...), coordinates before examples.

        Of one set, one stands for all examples.
        """
        if values.ndim == 1:
            of_sets = values[self.places].T
        else:
            of_sets = values[self.places.T[:, None], self.places.T]
        return of_sets if len(self.places) == 1 else of_sets[..., self.which]


def fit(dense: np.ndarray, compressed: np.ndarray, paired: bool) -> Fit:
    """Return what all examples together tell about two models a side or more.

    Parameters
    ----------
    dense, compressed : float (models, examples, classes)
        From scores.
    """
    classes, sides = dense.shape[2], _equally_sure([dense, compressed])
    parts = [_split(side[:, :, label]) for side in sides for label in range(classes)]
    side, models = np.arange(2 * classes) // classes, [len(part.lean) for part in parts]
    # Errors of means over models: those of one side share its models, and of pairs both sides do.
    # Unpaired sides have errors of their own, so that no covariance lies between them
    shared = np.where((side[:, None] == side) | paired, 1 / np.array(models), 0.0)
    mean, deviation = (
        np.stack([getattr(part, name) for part in parts], axis=1) for name in ("mean", "deviation")
    )
    errors, correlation, lean = _covariances(parts, shared > 0)
    # What examples differ by is what their means differ by, less the error of these means. The
    # difference of two estimates may have negative eigenvalues, which no covariance has
    prior = _positive(np.cov(mean, rowvar=False) - errors * shared)
    freedom = _freedom(parts, lean, shared)
    middle = (
        np.zeros(2 * classes),
        np.zeros(classes),
    )  # one normal prior, until spike_slab splits it
    return Fit(mean, deviation, correlation, lean, shared, prior, freedom, *middle)


def placed(fitted: Fit, rows: slice | np.ndarray) -> Spread:
    """Return what of a spread no prior changes: its own, less no offset, and its error."""
    mean = fitted.mean[rows]
    places, which = _candidates(mean)
    index = places.T[:, which]  # (coordinates, examples)
    off, deviation = (
        np.take_along_axis(own.T, index, axis=0)
        for own in (mean - fitted.mean.mean(axis=0), fitted.deviation[rows])
    )
    found = Spread(places, which, off, deviation[:, None] * deviation, np.empty(0))
    return found._replace(error=found.error * found.chosen(fitted.correlation))


def with_prior(found: Spread, fitted: Fit) -> Spread:
    """Return a spread from what `placed` made of a fit with the same means and errors."""
    total = found.chosen(fitted.prior) + found.error * found.chosen(fitted.shared)
    # Of models that are all the same nothing is unknown: that must not divide by zero
    diagonal = np.arange(len(total))
    total[diagonal, diagonal] += RIDGE * total[diagonal, diagonal].sum(axis=0) + TINY
    return found._replace(own=found.own - found.chosen(fitted.offset), total=total)


def _candidates(mean: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the sets of coordinates of classes that may win, and which each example has.

    Returns
    -------
    places : int (sets, coordinates)
    which : int (examples,)
    """
    classes = mean.shape[1] // 2
    if classes <= CANDIDATES:
        return np.arange(2 * classes)[None], np.zeros(len(mean), dtype=int)
    # A class that is likely on either side may win there: others cost time and tell nothing
    best = np.maximum(mean[:, :classes], mean[:, classes:])
    index = np.sort(np.argpartition(-best, CANDIDATES, axis=1)[:, :CANDIDATES], axis=1)
    number = index @ classes ** np.arange(CANDIDATES)  # of the set, which is faster to sort
    _, first, which = np.unique(number, return_index=True, return_inverse=True)
    places = index[first]
    return np.concatenate([places, classes + places], axis=1), which


def _covariances(parts: list[Coordinate], together: np.ndarray) -> tuple[np.ndarray, ...]:
    """Return the covariance of a model's errors, their correlation, and its leans' covariance.

    The first is the mean over examples, the second that of errors over their deviations; both are
    0 between coordinates that are not `together`, of the same models.
    """
    errors, standard, lean = np.zeros((3, *together.shape))
    for i, j in np.argwhere(np.triu(together)):
        first, second, freedom = parts[i], parts[j], len(parts[i].lean) - 1
        product = np.einsum("se,se->e", first.residuals, second.residuals) / freedom
        # Two matrices: sums of errors need their size, and the correlation, which all examples
        # share, needs each example's scaled by its own deviation
        errors[i, j] = errors[j, i] = product.mean()
        over = first.deviation * second.deviation
        standard[i, j] = standard[j, i] = (product / over).mean()
        lean[i, j] = lean[j, i] = first.lean @ second.lean / freedom
    root = np.sqrt(np.maximum(standard.diagonal(), LEAST))
    return errors, np.where(np.eye(len(root)), 1.0, standard / np.outer(root, root)), lean


def scores(margins: np.ndarray) -> np.ndarray:
    """Return margins of one class, or centred log probabilities of several, of the same shape.

    Where two of several classes compete, errors of their log odds against the rest mirror each
    other, and elsewhere not: those of centred log probabilities are more alike in all examples.
    """
    if margins.shape[2] == 1:
        return margins
    logs = special.log_expit(margins)
    return logs - logs.mean(axis=2, keepdims=True)


def _equally_sure(sides: list[np.ndarray]) -> list[np.ndarray]:
    """Return scores over each model's median size.

    The median is of the examples that move no more than most: the others would change it, so that
    those that stay would seem to move in proportion to their size.
    """
    rows = np.linspace(0, sides[0].shape[1] - 1, min(sides[0].shape[1], SAMPLE)).astype(int)
    samples = [side[:, rows] for side in sides]
    still = np.ones(len(rows), dtype=bool)
    absolute = [np.abs(sample) for sample in samples]
    sizes = [_sizes(of_model) for of_model in absolute]
    # Which examples move depends on the sizes, and the sizes on which examples move
    for _ in range(ROUNDS):
        before, after = ((s / n).mean(axis=0) for s, n in zip(samples, sizes, strict=True))
        shifts, of = (after - before).T, still
        off = np.abs(shifts - medians(shifts[:, of])[:, None])
        still = (off <= FAR * medians(off[:, of])[:, None]).all(axis=0)
        if (still == of).all():  # the sizes stay as well
            break
        sizes = [_sizes(np.compress(still, of_model, axis=1)) for of_model in absolute]
    return [side / size for side, size in zip(sides, sizes, strict=True)]


def _sizes(sizes: np.ndarray) -> np.ndarray:
    """Return the median size of each model's margins, (models, 1, 1); 1 where it is zero.

    Parameters
    ----------
    sizes : float (models, examples, classes)
    """
    size = medians(sizes.reshape(len(sizes), -1))
    return np.where(size > 0, size, 1).astype(sizes.dtype)[:, None, None]


def _split(margins: np.ndarray) -> Coordinate:
    """Return the parts of margins, (models, examples)."""
    freedom = len(margins) - 1
    mean, lean = margins.mean(axis=0), margins.mean(axis=1)
    # A lean is the same in all examples, so that it is no error of an example
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
    models = 1 / shared.diagonal()
    # Leans are known from few models alone, errors from all examples too: the sum is known as well
    # as its larger part
    of_errors = sum(np.square(p.deviation).mean() / n for p, n in zip(parts, models, strict=True))
    leant = (lean * shared).trace()
    few = min(part.freedom for part in parts)
    return float((of_errors + leant) ** 2 / (of_errors**2 / few + leant**2 / (models.min() - 1)))
