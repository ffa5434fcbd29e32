"""Compare two single models on the same examples: which are lost, and how much the score moves.

What is random here is the examples alone. How another seed, draw or run of the same models would
answer, two models cannot tell.

Derived in docs/explanation/statistics.md#two-single-models.
"""

from pielab.stats.distributions import binomial_cdf, normal_quantile
from pielab.stats.intervals import Interval, wilson


def mcnemar(positive: int, negative: int) -> float:
    """Return the two-sided exact p-value of as many examples being gained as lost; 1 of none.

    Parameters
    ----------
    positive, negative : int
        Examples that only the second model gets right, and that only the first does.

    Raises
    ------
    ValueError
        If a count is negative.

    Source: McNemar 1947, doi 10.1007/BF02295996; exact by the binomial distribution.
    """
    if min(positive, negative) < 0:
        raise ValueError(f"flips: {positive} positive, {negative} negative; expected 0 or more")
    return min(1.0, float(2 * binomial_cdf(min(positive, negative), positive + negative, 0.5)))


def paired_difference(
    right_both: float,
    only_first: float,
    only_second: float,
    neither: float,
    confidence: float = 0.95,
) -> Interval:
    """Return the first model's share of right answers minus the second's, a fraction, as interval.

    Of Wilson's intervals of the two shares, which are combined by how the models agree: it keeps
    within -1 and 1 and is not empty where nothing differs. NaN without examples.

    Parameters
    ----------
    right_both, only_first, only_second, neither : float
        Examples, or parts of them where they are not independent, that both models, only the
        first, only the second or neither gets right.
    confidence : float
        A fraction, of the interval's two sides together.

    Raises
    ------
    ValueError
        If a count is negative.

    Source: Newcombe 1998, method 10, doi
    10.1002/(SICI)1097-0258(19981130)17:22<2635::AID-SIM954>3.0.CO;2-C.
    """
    counts = (right_both, only_first, only_second, neither)
    if min(counts) < 0:
        raise ValueError(f"paired counts: {counts}; expected 0 or more")
    if not (size := sum(counts)):
        return Interval(float("nan"), float("nan"), float("nan"))
    quantile = float(normal_quantile((1 + confidence) / 2))
    of_first, of_second = right_both + only_first, right_both + only_second
    first, second = (wilson(right / size, size, quantile) for right in (of_first, of_second))
    agreement: float = right_both * neither - only_first * only_second
    if agreement > 0:  # corrected for continuity
        agreement = max(agreement - size / 2, 0)
    spread = of_first * (size - of_first) * of_second * (size - of_second)
    phi = agreement / spread**0.5 if spread else 0.0
    below, above = first.estimate - first.low, second.high - second.estimate
    low = (below**2 - 2 * phi * below * above + above**2) ** 0.5
    above, below = first.high - first.estimate, second.estimate - second.low
    high = (above**2 - 2 * phi * above * below + below**2) ** 0.5
    difference = (only_first - only_second) / size
    return Interval(difference, difference - low, difference + high)
