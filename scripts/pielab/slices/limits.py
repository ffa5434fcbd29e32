"""Bound how much more any group may lose than the rest, for the gate.

A slice that is not confirmed may still lose much: a small group cannot be confirmed at all. So the
gate looks at all groups that were searched, with intervals that hold for all of them at once, over
all test examples and over what the models on each side differ by.

Derived in docs/explanation/statistics.md#slices.
"""

import numpy as np
import pandas as pd

from pielab.slices.search import Candidates, design_effects
from pielab.stats.distributions import normal_quantile, student_quantile

KEPT = 100  # groups of a comparison: those with the highest upper ends
CONFIDENCE = 0.95  # by which they are ranked; any other ranks them nearly alike

COLUMNS = {"slice": "str", "searched": int, "texts": int}
COLUMNS |= dict.fromkeys(("loss", "example_variance", "replicate_variance", "examples"), float)
COLUMNS |= {"replicates": int, "design": float}


def slice_limits(groups: Candidates, replicate_harm: np.ndarray) -> pd.DataFrame:
    """Return the excess of the groups that may lose most, with the parts of its variance.

    The variance over examples is that of two independent means (group and rest), times `design`
    where examples come in clusters. What the
    replicates of a group share is taken from the excess by replicate, less what single examples add
    to it, as in intervals.two_way_variances.

    Parameters
    ----------
    replicate_harm : float (examples, replicates)
        As for slices.find_slices.

    Returns
    -------
    DataFrame
        `slice`; `searched`, the number of all groups; `texts` of the group; and the fields of
        harm.Harm, of which `examples` is the number that counts: n m / (n + m) of a group of n
        with a rest of m. The highest upper end first. Empty if no group is large enough.
    """
    if not len(groups.pairs):
        return pd.DataFrame(columns=list(COLUMNS)).astype(COLUMNS)
    loss, of_examples, of_replicates, sizes = _excesses(groups, replicate_harm.astype(np.float64))
    counted = 1 / (1 / sizes).sum(axis=0)
    replicates, value = replicate_harm.shape[1], replicate_harm.mean(axis=1, dtype=np.float64)
    design = design_effects(groups, groups.pairs, np.ones(len(value), dtype=bool), value)
    of_examples = of_examples * design
    upper = _upper_ends(loss, of_examples, of_replicates, counted / design, replicates)
    kept = np.argsort(-np.round(upper, 9), kind="stable")[:KEPT]
    table = {
        "slice": [groups.words(at) for at in kept],
        "searched": len(loss),
        "texts": sizes[0, kept],
        "loss": loss[kept],
        "example_variance": of_examples[kept],
        "replicate_variance": of_replicates[kept],
        "examples": counted[kept],
        "replicates": replicates,
        "design": design[kept],
    }
    return pd.DataFrame(table).astype(COLUMNS)


def _excesses(
    groups: Candidates, replicate_harm: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Return excess, variances over examples and of replicates, (groups,), and (2, groups) sizes.

    The sizes are those of each group and of its rest.
    """
    n_examples, replicates = replicate_harm.shape
    value = replicate_harm.mean(axis=1)
    spread = (
        replicate_harm.var(axis=1, ddof=1) / replicates if replicates > 1 else np.zeros(n_examples)
    )
    weights = [np.ones(n_examples), value, value**2, spread, *replicate_harm.T]
    inside = groups.of_pairs(weights)
    sides = np.stack([inside, np.array([weight.sum() for weight in weights])[:, None] - inside])
    sizes = sides[:, 0]
    means = sides[:, 1] / sizes
    squares = np.maximum(sides[:, 2] - sizes * means**2, 0)
    of_examples = (squares / (np.maximum(sizes - 1, 1) * sizes)).sum(axis=0)
    if replicates < 2:
        return means[0] - means[1], of_examples, np.zeros_like(of_examples), sizes
    by_replicate = sides[:, 4:] / sizes[:, None]  # (2, replicates, groups)
    together = (by_replicate[0] - by_replicate[1]).var(axis=0, ddof=1) / replicates
    alone = by_replicate.var(axis=1, ddof=1) / replicates
    both = (sides[:, 3] - sizes * alone) / (np.maximum(sizes - 1, 1) * sizes)
    return means[0] - means[1], of_examples, np.maximum(together - both.sum(axis=0), 0), sizes


def _upper_ends(
    loss: np.ndarray,
    of_examples: np.ndarray,
    of_replicates: np.ndarray,
    counted: np.ndarray,
    replicates: int,
) -> np.ndarray:
    """Return the upper ends of intervals that hold at once, nearly as harm.harm_interval does."""
    level = 1 - (1 - CONFIDENCE) / 2 / len(loss)
    more = normal_quantile(level) ** 2 / 2
    variance = of_examples + more / (counted + more) ** 2
    total = variance + of_replicates
    known = np.divide(variance, of_replicates, out=np.full_like(loss, 1e6), where=of_replicates > 0)
    freedom = np.where(of_replicates > 0, max(1, replicates - 1) * (1 + known) ** 2, np.inf)
    return loss * counted / (counted + more) + student_quantile(level, freedom) * np.sqrt(total)
