"""Plan how many seeds tell a change of a single example from seed noise, by votes or by shift.

Derived in docs/explanation/statistics.md#one-example.
"""

from typing import Any

import numpy as np
from scipy import special

from pielab.stats.significance import sign_test_table

MOST_SEEDS = 300
PRIOR_FREEDOM = 3.0  # that variances of standardised margins borrow: 3 to 4 in trained studies


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
    where they agree more than that, the power is greater. It is the power in a large data set.

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


def shift_power(
    seeds: int,
    shift: float,
    fdr: float = 0.05,
    changed: float = 0.05,
    prior_freedom: float = PRIOR_FREEDOM,
) -> float:
    """Return the share of shifted examples that shift.shift finds in a large data set.

    Parameters
    ----------
    seeds : int
        Dense models, and as many compressed ones of the same seeds.
    shift : float
        In standard deviations, over seeds, of what compression does to the example's margin.
    fdr : float
        Largest q-value that counts as found, a fraction.
    changed : float
        Fraction of the examples that shift so far, the others not at all.
    prior_freedom : float
        Degrees of freedom that the variances of all examples add to an example's own.
    """
    from scipy import optimize, stats  # imported late: it takes longer than many a job

    if seeds < 2:
        return 0.0
    freedom, noncentral = seeds - 1 + prior_freedom, abs(shift) * seeds**0.5

    def cumulative(log_p: np.ndarray | float) -> np.ndarray:
        reach = stats.t.isf(np.exp(log_p) / 2, freedom)
        tails = stats.nct.sf(reach, freedom, noncentral), stats.nct.cdf(-reach, freedom, noncentral)
        return np.nansum(tails, axis=0)

    def excess(log_p: np.ndarray | float) -> np.ndarray:
        """Return by how much Benjamini and Hochberg's procedure passes p-values up to p."""
        share = changed * cumulative(log_p) + (1 - changed) * np.exp(log_p)
        return fdr * share - np.exp(log_p)

    grid = np.linspace(np.log(fdr), np.log(1e-9), 100)
    passed = np.flatnonzero(excess(grid) >= 0)
    if not len(passed):
        return 0.0
    first = passed[0]
    found = optimize.brentq(excess, grid[first], grid[first - 1]) if first else grid[0]
    return float(cumulative(found))


def shift_seeds_needed(shift: float, target: float = 0.8, **options: float) -> int | None:
    """Return the fewest seeds whose shift_power is `target` or more; None if 300 do not suffice."""
    for seeds in range(2, MOST_SEEDS + 1):
        if shift_power(seeds, shift, **options) >= target:
            return seeds
    return None
