"""Expect a number of PIEs: the sum of the examples' PIE probabilities, with its interval.

Derived in docs/explanation/statistics.md#pie-probability.
"""

import numpy as np

from pielab.stats.clusters import design_effect
from pielab.stats.intervals import Interval, t_quantile, two_way_variances, wilson
from pielab.stats.margin_fit import scores
from pielab.stats.pie_probability import any_pair, pair_probabilities, pie_probability

GROUPS = 10  # of models, of which the jackknife leaves out one at a time
SAMPLE = 5_000  # examples that the jackknife takes: what models share shows in so many
ONE_MODEL = "one model on each side does not show how models differ"
TWO_MODELS = "an interval needs at least three models on each side"


def example_probability(
    dense: np.ndarray,
    compressed: np.ndarray,
    paired: bool = True,
    multi_label: bool = False,
    voters: float = np.inf,
    scored: bool = False,
) -> np.ndarray:
    """Return the PIE probability of each example, if `multi_label` of any label, (examples,).

    The parameters are those of pie_probability.
    """
    if multi_label:
        return any_pair(pair_probabilities(dense, compressed, paired, voters))
    return pie_probability(dense, compressed, paired, voters, scored)


def scored_sides(
    dense: np.ndarray, compressed: np.ndarray, multi_label: bool
) -> tuple[np.ndarray, np.ndarray]:
    """Return the scores of both sides, for many calls of example_probability with `scored`."""
    return (dense, compressed) if multi_label else (scores(dense), scores(compressed))


def why_unknown(dense: np.ndarray, compressed: np.ndarray) -> str:
    """Return why probabilities or the interval are NaN, empty where they are not."""
    models = min(len(dense), len(compressed))
    return ONE_MODEL if models < 2 else TWO_MODELS if models < 3 else ""


def expected_pies(
    dense: np.ndarray,
    compressed: np.ndarray,
    probability: np.ndarray,
    paired: bool = True,
    multi_label: bool = False,
    clusters: np.ndarray | None = None,
) -> Interval:
    """Return the expected number of PIEs, with its 95 % interval over models and examples.

    An example is a PIE or not, by its probability; what the examples share because the same
    models tell of them all is the jackknife's over groups of models (Kott 2001), as in
    intervals.two_way_variances. With fewer than three models on each side it is NaN.

    Parameters
    ----------
    dense, compressed : float (models, examples, classes)
        Margins, as in pie_probability.
    probability : float64 (examples,)
        From example_probability.
    clusters : int (examples,), optional
        As intervals.mean_interval takes them.
    """
    examples, share = len(probability), float(probability.mean()) if len(probability) else np.nan
    models = min(len(dense), len(compressed))
    if models < 3 or examples < 2:
        return Interval(examples * share, np.nan, np.nan)
    rows = np.linspace(0, examples - 1, min(examples, SAMPLE)).astype(int)
    groups = min(GROUPS, models)
    dense, compressed = scored_sides(dense, compressed, multi_label)
    left_out = []
    for group in range(groups):
        kept = [
            side[np.arange(len(side)) % groups != group][:, rows] for side in (dense, compressed)
        ]
        left_out.append(example_probability(kept[0], kept[1], paired, multi_label, scored=True))
    _, seed_variance = two_way_variances(probability[rows], np.stack(left_out))
    design = design_effect(probability, clusters)
    example_variance = max(design * share * (1 - share) / examples, np.finfo(np.float64).tiny)
    quantile = t_quantile(example_variance, seed_variance, groups, 0.95)
    size = share * (1 - share) / (example_variance + seed_variance) or examples
    ends = wilson(share, size, quantile)
    return Interval(*(examples * end for end in ends))
