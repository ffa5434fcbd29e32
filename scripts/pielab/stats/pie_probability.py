"""Compute how probable a PIE each example is: that endlessly many models on each side differ.

Margins are float (models, examples, classes), as in shift, of the parts that margin_fit tells.
Some examples may not move at all (spike). Unknown variances make the posterior a multivariate t. Of
endlessly many models with symmetric errors the majority is for the class with the largest margin,
of two classes by the margin's sign.

Held against seeds that were not used (benchmarks/README.md), it is calibrated for two classes. For
more it ranks as well, but is calibrated less: with three seeds of weak models, which err in a few
directions that many texts share, it says up to .3 where .1 is seen.

Derived in docs/explanation/statistics.md#pie-probability.
"""

import numpy as np
from scipy import special

from pielab.stats import small_matrices
from pielab.stats.margin_fit import TINY, Fit, Spread, fit, placed, scores, with_prior
from pielab.stats.multivariate_t import signs_differ, winners_differ
from pielab.stats.spike_slab import mixture, parts

CHUNK = 2**13  # examples whose draws are in memory at once


def pie_probability(
    dense: np.ndarray,
    compressed: np.ndarray,
    paired: bool = True,
    voters: float = np.inf,
    scored: bool = False,
) -> np.ndarray:
    """Return the probability that the majorities of both sides differ, float64 (examples,).

    With one model on each side nothing is known of the others, with one example no prior: NaN.

    Parameters
    ----------
    dense, compressed : float (models, examples, classes)
        Raw margins, of one class where there are two. If `paired`, row s of both is one seed.
    voters : float
        Models on each side whose majorities are meant, by default endlessly many.
    scored : bool
        Whether margin_fit.scores has been taken, once for many calls.
    """
    if paired and dense.shape != compressed.shape:
        raise ValueError(f"compressed: shape {compressed.shape}; expected {dense.shape}")
    probability = np.full(dense.shape[1], np.nan)
    if min(len(dense), len(compressed), len(probability)) < 2:
        return probability
    if not scored:
        dense, compressed = scores(dense), scores(compressed)
    fitted = fit(dense, compressed, paired)
    found = mixture(fitted)
    differ = signs_differ if dense.shape[2] == 1 else winners_differ
    for start in range(0, len(probability), CHUNK):
        rows = slice(start, start + CHUNK)
        where = placed(fitted, rows)
        probability[rows] = sum(
            weight * differ(*posterior(part, where, voters), part.freedom)
            for part, weight in parts(found, rows, where)
        )
    return probability


def pair_probabilities(
    dense: np.ndarray, compressed: np.ndarray, paired: bool = True, voters: float = np.inf
) -> np.ndarray:
    """Return the same with several labels, each by itself, float64 (examples, classes)."""
    labels = range(dense.shape[2])
    pairs = [(dense[:, :, [label]], compressed[:, :, [label]]) for label in labels]
    return np.stack([pie_probability(*pair, paired, voters) for pair in pairs], axis=1)


def any_pair(pairs: np.ndarray) -> np.ndarray:
    """Return the probability that any label makes a PIE, if labels err independently, (examples,).

    It lies between the labels' largest, which it is if all err alike, and their sum.
    """
    return 1 - np.prod(1 - pairs, axis=1)


def centres(fitted: Fit) -> tuple[np.ndarray, np.ndarray]:
    """Return where the sides' centres are, (coordinates,), and the covariance of their error.

    Models that happen to lean put the sides apart, and with them all examples between. So their
    difference is shrunk towards none, by its size over what leans alone make: Strawderman's
    proper Bayes estimate (1971), whose shrinkage is uniform on 0 to 1 before. Where both sides
    are together nothing is known before.
    """
    classes = len(fitted.still)
    centre, error = fitted.mean.mean(axis=0), fitted.lean * fitted.shared
    apart = np.kron([[-1, 1]], np.eye(classes))
    noise = apart @ error @ apart.T
    if not noise.trace() > 0:
        return centre, error
    common = apart @ centre + fitted.still
    # The mean of the shrinkage given how large the difference is, a ratio of incomplete gammas; for
    # a difference of nearly none, its limit, since both gammas are then nearly 0
    half_square = classes / 2 * (common**2).sum() / noise.trace() + TINY
    half = classes / 2 + 1
    tails = special.gammainc(half + 1, half_square), special.gammainc(half, half_square)
    shrinkage = (
        half / half_square * tails[0] / tails[1] if half_square > 1e-3 else half / (half + 1)
    )
    # The side whose models lean more gives way more; one weight for all classes, because few
    # models know no matrix of them
    weight = (apart @ error[:, :classes]).trace() / noise.trace()
    gain = shrinkage * np.kron([[weight], [weight + 1]], np.eye(classes))
    left = np.eye(2 * classes) - gain @ apart
    unsure = (1 / shrinkage - 1) * gain @ noise @ gain.T
    return centre - gain @ common, left @ error @ left.T + unsure


def posterior(fitted: Fit, where: Spread, voters: float) -> tuple[np.ndarray, np.ndarray]:
    """Return location and scale of the posterior of median margins, a multivariate t.

    Where examples are is what margin_fit.placed says.

    Of `voters` models, and not endlessly many, the median varies as that of a normal sample.

    Returns
    -------
    location : float64 (examples, coordinates)
        Of more than CANDIDATES classes, of so many.
    scale : float64 (examples, coordinates, coordinates)
    """
    found = with_prior(where, fitted)
    gain = small_matrices.solve(  # transposed
        small_matrices.cholesky(found.total), found.chosen(fitted.prior)
    )
    centre, centre_error = centres(fitted)
    location = np.einsum("jie,je->ie", gain, found.own) + found.chosen(centre + fitted.offset)
    error = found.error * found.chosen(fitted.shared)
    scale = np.einsum("jie,jke->ike", gain, error) + found.chosen(centre_error)
    if np.isfinite(voters):
        scale += np.pi / 2 * (found.error + found.chosen(fitted.lean)) / voters
    return location.T, np.moveaxis(scale, 2, 0)
