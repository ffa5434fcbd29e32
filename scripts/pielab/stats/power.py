"""Plan how many seeds tell a change of a single example from seed noise, by votes.

Derived in docs/explanation/statistics.md#one-example.
"""

from typing import Any

import numpy as np
from scipy import special

from pielab.stats.significance import sign_test_table

MOST_SEEDS = 300


def power(
    seeds: int,
    votes_lost: float,
    dense_share: float,
    fdr: float = 0.05,
    changed: float = 0.05,
    fewest: int = 0,
) -> float:
    """Return the share of changed examples that sign_test finds.

    Dense and pruned models of a seed are taken to be right independently, given the example;
    where they agree more than that, the power is greater. It is the power in a large dataset.

    Parameters
    ----------
    seeds : int
        Dense models, and as many pruned ones.
    votes_lost : float
        Right votes that pruning takes from a changed example, on average, of `seeds`.
    dense_share : float
        Fraction of the dense models that are right on it.
    fdr : float
        Largest q-value that counts as found, a fraction.
    changed : float
        Fraction of the tested examples that change so much; the others are taken to add nothing.
        The rarer a change, the smaller the p-value that Benjamini and Hochberg's procedure wants.
    fewest : int
        As in sign_test.
    """
    pruned_share = dense_share - votes_lost / seeds
    if not (0 <= dense_share <= 1 and 0 <= pruned_share <= 1):
        raise ValueError(
            f"votes_lost: {votes_lost} of {seeds} from a share of {dense_share} leaves "
            f"{pruned_share:.3g}; expected shares within 0 and 1"
        )
    lost, gained = dense_share * (1 - pruned_share), (1 - dense_share) * pruned_share
    table = sign_test_table(seeds)
    counts = np.indices(table.shape).reshape(2, -1).T  # (outcome, seeds lost and gained)
    tested = (counts.sum(axis=1) <= seeds) & (counts.sum(axis=1) >= fewest)
    outcomes = np.column_stack([counts, seeds - counts.sum(axis=1)])[tested]
    shares = np.array([lost, gained, max(0.0, 1 - lost - gained)])
    logs = special.xlogy(outcomes, shares) - special.gammaln(outcomes + 1)
    chances = np.exp(special.gammaln(seeds + 1) + logs.sum(axis=1))  # multinomial
    # Benjamini and Hochberg: the largest p-value t at which t <= fdr * share of p-values <= t
    p, index = np.unique(table.ravel()[tested], return_inverse=True)
    cumulative = np.cumsum(np.bincount(index, chances, minlength=len(p)))
    enough = p * chances.sum() <= fdr * changed * cumulative
    return float(max(cumulative[enough], default=0.0))


def seeds_needed(
    share_lost: float, dense_share: float, target: float = 0.8, **options: Any
) -> int | None:
    """Return the fewest seeds whose power is `target` or more; None if 300 do not suffice.

    Parameters
    ----------
    share_lost : float
        Fraction of the votes that pruning takes from a changed example.
    dense_share, **options
        As in power.
    """
    for seeds in range(2, MOST_SEEDS + 1):
        if power(seeds, share_lost * seeds, dense_share, **options) >= target:
            return seeds
    return None
