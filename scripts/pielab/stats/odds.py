"""How the odds of an outcome go with factors of the texts, with intervals over texts and models.

An outcome is the share of comparisons, 0 to 1, in which a text is a PIE, say: a fractional logit
(Papke and Wooldridge 1996), in which each comparison counts once. It is fitted with a normal prior
of mean 0 and standard deviation 2.5 on each coefficient: factors that separate PIEs from all others
then have finite odds (Gelman et al. 2008). Newton's method gives what scikit-learn's does, which
fits where that fails. An outcome that has no bounds is fitted by least squares.

The variance over texts is that of HC3 (MacKinnon and White 1985), and never less than that of the
posterior. The variance over models is the jackknife's, for which all is fitted again without each
replicate, less what texts vary by themselves (intervals.two_way_variances has the sources).

Derived in docs/explanation/statistics.md#causes.
"""

from typing import NamedTuple

import numpy as np
from scipy.special import expit

from pielab.stats.clusters import few_clusters
from pielab.stats.intervals import t_quantile
from pielab.stats.refits import PRIOR, LeftOut, prior, refits

MOST_INFLATED = 10.0  # variance inflation, above which a factor is not told apart from others
NEWTON_STEPS, EXACT = 50, 1e-9  # of a fit by itself
LEAST_RELIABLE = 0.2  # share of a measured margin's variance that is no noise, at least


class Sample(NamedTuple):
    """What is known of texts by all models."""

    factors: np.ndarray  # float64 (texts, factors), standardised
    outcome: np.ndarray  # float64 (texts,)


class Coefficients(NamedTuple):
    """A coefficient for each factor, with the ends of its 95 % interval, float64 (factors,)."""

    estimate: np.ndarray
    low: np.ndarray
    high: np.ndarray
    separates: bool  # whether factors tell all texts with the outcome from all without


class _Fit(NamedTuple):
    sample: Sample
    scale: float  # comparisons whose mean a bounded outcome is; 0 for least squares
    design: np.ndarray  # float64 (texts, 1 + factors)
    coefficients: np.ndarray  # (1 + factors,), the constant first
    inverse: np.ndarray  # of the negative log posterior's second derivative

    def residuals(self, coefficients: np.ndarray) -> np.ndarray:
        """Return each text's outcome minus what coefficients expect, times `scale`, (texts,)."""
        linear = self.design @ coefficients
        if not self.scale:
            return self.sample.outcome - linear
        return self.scale * (self.sample.outcome - expit(linear))


def measure(
    whole: Sample,
    left_out: LeftOut | None = None,
    comparisons: int = 1,
    bounded: bool = True,
    confidence: float = 0.95,
    clusters: np.ndarray | None = None,
) -> Coefficients:
    """Return how the outcome goes with each factor, the others held fixed.

    Parameters
    ----------
    left_out : LeftOut, optional
        The same texts without each replicate; of fewer than two, intervals are over texts alone.
    comparisons : int
        Whose mean a bounded outcome is.
    clusters : int (texts,), optional
        From 0: texts that share something, so that the variance is over clusters.
    """
    scale = comparisons if bounded else 0
    fitted = _fit(whole, scale)
    of_texts = _text_variances(fitted, clusters)
    of_models = np.zeros_like(of_texts)
    replicates = 0 if left_out is None else len(left_out.outcome)
    if left_out is not None and replicates > 1:
        of_models = _model_variances(fitted, left_out)
    estimate = fitted.coefficients[1:]
    error = np.array(
        [
            t_quantile(text, model, replicates, confidence) * (text + model) ** 0.5
            for text, model in zip(of_texts, of_models, strict=True)
        ]
    )
    return Coefficients(
        estimate, estimate - error, estimate + error, bounded and _separates(fitted)
    )


def _fit(sample: Sample, scale: float, start: np.ndarray | None = None) -> _Fit:
    design = np.column_stack([np.ones(len(sample.outcome)), sample.factors])
    nothing = np.empty(0)
    fitted = _Fit(sample, scale, design, nothing, nothing)
    if not scale:
        inverse = np.linalg.pinv(design.T @ design)
        return fitted._replace(coefficients=inverse @ (design.T @ sample.outcome), inverse=inverse)
    coefficients = _never_or_always(sample)
    if coefficients is None:
        coefficients = _newton(fitted, start)
    if coefficients is None:
        coefficients = _by_library(sample, scale)
    inverse = _inverse(design, coefficients, scale)
    return fitted._replace(coefficients=coefficients, inverse=inverse)


def _inverse(design: np.ndarray, coefficients: np.ndarray, scale: float) -> np.ndarray:
    """Return the inverse of the negative log posterior's second derivative."""
    weights = _weights(design @ coefficients, scale)
    return np.linalg.inv((design * weights[:, None]).T @ design + np.diag(prior(design.shape[1])))


def _weights(linear: np.ndarray, scale: float) -> np.ndarray:
    """Return the weight of each text's row in the second derivative."""
    chance = expit(linear)
    return scale * chance * (1 - chance) if scale else np.ones(len(linear))


def _never_or_always(sample: Sample) -> np.ndarray | None:
    """Return the constant, and 0 for all factors, where the outcome never or always comes."""
    factors, outcome = sample
    if 0 < outcome.mean() < 1:
        return None
    ends = (outcome.sum() + 0.5) / (len(outcome) + 1)
    return np.array([np.log(ends / (1 - ends)), *np.zeros(factors.shape[1])])


def _newton(fitted: _Fit, start: np.ndarray | None) -> np.ndarray | None:
    """Return the fit by Newton's method, each step halved until it helps; None if none does.

    What _by_library gives, without its second of imports and its checks of hundreds of fits.
    """
    outcome, design = fitted.sample.outcome, fitted.design
    coefficients = np.zeros(design.shape[1]) if start is None else start

    def loss(tried: np.ndarray) -> float:
        linear = design @ tried
        unlikely = np.logaddexp(0, linear) - outcome * linear
        return float(fitted.scale * unlikely.sum() + prior(design.shape[1]) @ np.square(tried) / 2)

    before = loss(coefficients)
    for _ in range(NEWTON_STEPS):
        gradient = fitted.residuals(coefficients) @ design - prior(design.shape[1]) * coefficients
        step = _inverse(design, coefficients, fitted.scale) @ gradient
        after = loss(coefficients + step)
        while not after <= before + 1e-9 * abs(before):
            step = step / 2
            if np.abs(step).max() < EXACT:
                return None
            after = loss(coefficients + step)
        coefficients, before = coefficients + step, after
        if np.abs(step).max() < EXACT:
            return coefficients
    return None


def _by_library(sample: Sample, scale: float) -> np.ndarray:
    """Return the constant and the coefficients, (1 + factors,), by scikit-learn."""
    from sklearn.linear_model import LogisticRegression  # takes a second

    factors, outcome = sample
    rows = [np.flatnonzero(outcome > 0), np.flatnonzero(outcome < 1)]
    weights = scale * np.concatenate([outcome[rows[0]], 1 - outcome[rows[1]]])
    happened = np.repeat([1, 0], [len(part) for part in rows])
    model = LogisticRegression(C=PRIOR**2, solver="newton-cholesky", tol=1e-8, max_iter=200)
    model.fit(factors[np.concatenate(rows)], happened, sample_weight=weights)
    return np.concatenate([model.intercept_, model.coef_[0]])


def _text_variances(fitted: _Fit, clusters: np.ndarray | None = None) -> np.ndarray:
    """Return the variance of each coefficient over texts or clusters, (factors,).

    What the texts of a cluster change is added before it is squared (Liang and Zeger 1986). It is
    never less than that over texts.
    """
    design, inverse = fitted.design, fitted.inverse
    weights = _weights(design @ fitted.coefficients, fitted.scale)
    leverage = weights * ((design @ inverse) * design).sum(axis=1)
    kept = np.maximum(1 - leverage, 1e-3)
    residuals = fitted.residuals(fitted.coefficients) / kept
    changes = (design * residuals[:, None]) @ inverse
    found = np.square(changes[:, 1:]).sum(axis=0)
    if clusters is not None:
        together = np.stack([np.bincount(clusters, change) for change in changes[:, 1:].T])
        wider = few_clusters(together.shape[1])
        found = np.maximum(found, np.square(together).sum(axis=1)) * wider
    return np.maximum(found, np.diag(inverse)[1:]) if fitted.scale else found


def _model_variances(fitted: _Fit, left_out: LeftOut) -> np.ndarray:
    """Return the variance of each coefficient over replicates, beyond what texts make of it."""
    number, n_texts = left_out.outcome.shape
    of_all = (fitted.design * fitted.residuals(fitted.coefficients)[:, None]).T
    refitted, sums = np.empty((2, number, len(of_all)))
    total, products = np.zeros_like(of_all), np.zeros((len(of_all), len(of_all)))
    # As V_both of two_way_variances: here by the scores of texts, since a coefficient is no mean
    for rows, coefficients, scores in refits(left_out, fitted.scale, fitted.coefficients):
        refitted[rows] = coefficients
        scores -= of_all  # what each text adds to the change of the coefficients, but for `inverse`
        total += scores.sum(axis=0)
        products += (scores @ scores.swapaxes(1, 2)).sum(axis=0)
        sums[rows] = scores.sum(axis=2)
    for row in np.flatnonzero(np.isnan(refitted).any(axis=1)):
        alone = Sample(left_out.factors[row].T, left_out.outcome[row])
        refitted[row] = _fit(alone, fitted.scale, fitted.coefficients).coefficients
    products -= total @ total.T / number
    squares = ((fitted.inverse @ products) * fitted.inverse).sum(axis=1)
    sums = sums @ fitted.inverse
    of_sums = np.square(sums - sums.mean(axis=0)).sum(axis=0)
    of_both = (squares - of_sums / n_texts) * n_texts / (n_texts - 1)
    of_models = np.square(refitted - refitted.mean(axis=0)).sum(axis=0)
    return np.maximum(0, of_models - of_both)[1:] * (number - 1) / number


def _separates(fitted: _Fit) -> bool:
    linear, outcome = fitted.design @ fitted.coefficients, fitted.sample.outcome
    found, others = linear[outcome > 0], linear[outcome == 0]
    return bool(len(found) and len(others) and found.min() > others.max())


def inflation(factors: np.ndarray) -> np.ndarray:
    """Return the variance inflation factor of each column, float64 (factors,); 1 is none.

    Source: Marquardt 1970; the diagonal of the inverse of the correlation matrix.
    """
    if factors.shape[1] < 2:
        return np.ones(factors.shape[1])
    ridge = 1e-9 * np.eye(factors.shape[1])  # columns that are the same: a huge number
    return np.diag(np.linalg.inv(np.corrcoef(factors, rowvar=False) + ridge))


def told_apart(factors: np.ndarray, most: int) -> list[int]:
    """Return the columns that can be held fixed together: in their order, at most so many.

    A column whose variance would be inflated by more than 10, or would inflate that of one before
    it so, is left out.
    """
    chosen: list[int] = []
    for column in range(factors.shape[1]):
        if len(chosen) < most and inflation(factors[:, [*chosen, column]]).max() <= MOST_INFLATED:
            chosen.append(column)
    return chosen


def without_noise(measured: np.ndarray, noise: float, others: np.ndarray) -> np.ndarray:
    """Return what a factor that is measured with noise is expected to be without, (..., texts).

    By regression calibration: towards what the other factors tell of it, by the share of noise in
    what they do not tell. Without it, what a few models know of a text's margin leaves a part of
    the margin, which others that go with it would seem to explain.

    Parameters
    ----------
    measured : float64 (..., texts)
    noise : float
        Variance of the noise.
    others : float64 (..., factors, texts)

    Source: Carroll et al. 2006, Measurement Error in Nonlinear Models, ch. 4.
    """
    ones = np.ones((*others.shape[:-2], 1, others.shape[-1]))
    design = np.concatenate([ones, others], axis=-2)
    inverse = np.linalg.pinv(design @ design.swapaxes(-1, -2))
    expected = ((inverse @ (design @ measured[..., None])).swapaxes(-1, -2) @ design)[..., 0, :]
    rest = measured - expected
    spread = np.square(rest).sum(axis=-1, keepdims=True)
    spread /= max(1, design.shape[-1] - design.shape[-2])
    share = np.divide(noise, spread, out=np.zeros_like(spread), where=spread > 0)
    return expected + np.maximum(LEAST_RELIABLE, 1 - share) * rest
