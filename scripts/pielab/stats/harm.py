"""Measure how much is lost, with an interval, and how many more examples or seeds would decide.

A loss is a mean over examples, a fraction from -1 to 1; above 0 something is lost. It varies by
its examples and by what replicates (seeds, or draws of one seed) share; of one
replicate by its examples.

Derived in docs/explanation/statistics.md#losses.
"""

from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np

from pielab.stats.clusters import by_cluster, design_effect
from pielab.stats.distributions import chi2_quantile, normal_cdf, normal_quantile
from pielab.stats.intervals import Interval, t_quantile, two_way_variances

MOST = 1000  # times as many examples, beyond which no number is said to decide
MOST_REPLICATES = 300
POWER = 0.8  # with which a study of the size that is asked for decides


class Harm(NamedTuple):
    """A loss and the two parts of its variance; both NaN where they cannot be known.

    `design`: how many examples tell as much as one of its own would, 1 without clusters.
    """

    loss: float
    example_variance: float
    replicate_variance: float
    examples: float  # a number of them, whole where they were seen
    replicates: float
    design: float = 1.0

    @property
    def worth(self) -> float:
        """Return how many examples of their own these are worth."""
        return self.examples / self.design


class Needed(NamedTuple):
    """How many examples or replicates in all would decide, each alone; None: no number does.

    `times`: where neither does alone, how many times as many of both.
    """

    examples: int | None
    replicates: int | None
    times: float | None


def measure(values: np.ndarray, left_out: np.ndarray, clusters: np.ndarray | None = None) -> Harm:
    """Return the mean of a loss by example, with its variances.

    Parameters
    ----------
    values : float (examples,)
        One or more, means over replicates.
    left_out : float (replicates, examples)
        The values that come out without each replicate; with one replicate anything.
    clusters : int (examples,), optional
        From 0: examples that share something. All of one cluster tell of no variance.
    """
    size, replicates, loss = len(values), len(left_out), float(values.mean())
    design = design_effect(values, clusters) if size > 1 else 1.0
    if np.isnan(design):
        return Harm(loss, np.nan, np.nan, size, replicates)
    of_examples = design * float(values.var(ddof=1)) / size if size > 1 else 0.0
    of_replicates = 0.0
    if size > 1 and replicates > 1:
        kept = left_out if clusters is None else by_cluster(left_out, clusters)
        of_replicates = two_way_variances(kept.mean(axis=0), kept)[1]
    return Harm(loss, of_examples, of_replicates, size, replicates, design)


def harm_interval(harm: Harm, confidence: float, tests: int = 1) -> Interval:
    """Return the loss with its interval, which is not empty where no example changed.

    As if z^2 / 2 examples more had been seen, half of them lost and half of them gained; for one
    model a side this is the adjusted Wald interval of a difference of paired proportions.

    Parameters
    ----------
    confidence : float
        A fraction, that all intervals hold at once.
    tests : int
        How many intervals there are (Bonferroni), as where the worst of classes is looked for.

    Source: Bonett and Price 2012, doi 10.3102/1076998611411915, with z^2 / 2 in place of its
    value of 2 at 95 % (Agresti and Coull 1998), and the variance that replicates share.
    """
    if np.isnan(harm.example_variance):
        return Interval(harm.loss, np.nan, np.nan)
    level = 1 - (1 - confidence) / tests
    more = float(normal_quantile((1 + level) / 2)) ** 2 / 2
    size = harm.worth + more
    share = harm.worth / size
    centre = harm.loss * share
    of_examples = _widened(harm, more) / size
    of_replicates = harm.replicate_variance * share**2
    error = (
        t_quantile(of_examples, of_replicates, int(harm.replicates), level)
        * (of_examples + of_replicates) ** 0.5
    )
    return Interval(harm.loss, max(-1.0, centre - error), min(1.0, centre + error))


def _widened(harm: Harm, more: float) -> float:
    """Return the variance of one example, with `more` examples, half lost and half gained."""
    size = harm.worth + more
    share = harm.worth / size
    squares = (harm.worth - 1) * harm.example_variance + harm.loss**2  # mean square
    return squares * share + more / size - (harm.loss * share) ** 2


def needed(harms: Sequence[Harm], threshold: float, confidence: float, tests: int = 1) -> Needed:
    """Return how many examples or replicates would decide, in four of five new studies.

    If the losses are what they seem; variances are taken at the upper end of what they may be, of
    replicates at a one-sided limit of 80 %. A new study decides if one of all losses is beyond the
    threshold, or all are within it. Numbers are those of the first loss; the examples of the others
    grow in proportion.

    Parameters
    ----------
    harms : sequence of Harm
        First the one whose numbers are returned.
    """
    first = harms[0]
    if any(np.isnan(harm.example_variance) for harm in harms):
        return Needed(None, None, None)
    if any(harm.loss == threshold for harm in harms):
        return Needed(None, None, None)
    seen, made = int(first.examples), int(first.replicates)
    planned = [_cautious(harm) for harm in harms]

    def decides(examples: float, replicates: float) -> bool:
        grown = [_grown(harm, examples / seen, replicates / made) for harm in planned]
        return _power(grown, threshold, confidence, tests) >= POWER

    examples = _fewest(lambda number: decides(number, made), seen, MOST * seen)
    replicates = None
    if made > 1:
        replicates = _fewest(lambda number: decides(seen, number), made, MOST_REPLICATES)
    if examples or replicates or made < 2:
        return Needed(examples, replicates, None)
    tenths = _fewest(lambda k: decides(seen * k / 10, made * k / 10), 10, 10 * MOST)
    return Needed(None, None, tenths / 10 if tenths else None)


def _cautious(harm: Harm) -> Harm:
    """Return a loss with variances as large as they may well be.

    Units vary by what each shares and by single examples too. The limit is that of the sum, for
    what is shared may have come out as 0; the part of examples is at most their own variance.
    """
    more = float(normal_quantile(0.975)) ** 2 / 2
    of_examples = max(harm.example_variance, _widened(harm, more) / (harm.worth + more))
    if harm.replicates < 2:
        return harm._replace(example_variance=of_examples)
    freedom = harm.replicates - 1
    unsure = freedom / float(chi2_quantile(1 - POWER, freedom))
    of_one = harm.example_variance
    of_replicates = (harm.replicate_variance + of_one) * unsure - of_one
    return harm._replace(example_variance=of_examples, replicate_variance=of_replicates)


def _grown(harm: Harm, examples: float, replicates: float) -> Harm:
    """Return a loss of so many times as many examples and replicates."""
    return harm._replace(
        example_variance=harm.example_variance / examples,
        replicate_variance=harm.replicate_variance / replicates,
        examples=harm.examples * examples,
        replicates=harm.replicates * replicates,
    )


def _power(harms: Sequence[Harm], threshold: float, confidence: float, tests: int) -> float:
    """Return how probable it is that new intervals decide, where the losses are the true ones."""
    within, none_beyond = 1.0, 1.0
    for harm in harms:
        _, low, high = harm_interval(harm, confidence, tests)
        error = (harm.example_variance + harm.replicate_variance) ** 0.5
        if error == 0:
            within *= high <= threshold
            none_beyond *= low <= threshold
        else:
            within *= normal_cdf((threshold - high) / error)
            none_beyond *= normal_cdf((threshold - low) / error)
    return float(min(1.0, within + 1 - none_beyond))


def _fewest(decides: Callable[[int], bool], start: int, most: int) -> int | None:
    """Return the smallest number from `start` to `most` that decides, if more always do."""
    if start > most or not decides(most):
        return None
    low, high = start, most
    while low < high:
        middle = (low + high) // 2
        low, high = (low, middle) if decides(middle) else (middle + 1, high)
    return low
