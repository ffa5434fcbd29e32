"""Plan how many seeds tell a shift of a single example's log odds from seed noise.

Derived in docs/explanation/statistics.md#one-example.
"""

import numpy as np

from pielab.stats.power import MOST_SEEDS

PRIOR_FREEDOM = 3.0  # that variances of standardised margins borrow: 3 to 4 in trained studies


def shift_power(
    seeds: int,
    shift: float,
    fdr: float = 0.05,
    changed: float = 0.05,
    prior_freedom: float = PRIOR_FREEDOM,
) -> float:
    """Return the share of shifted examples that shift.shift finds in a large dataset.

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
