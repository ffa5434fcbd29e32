"""Compare the text complexity of PIEs with that of the other examples.

Derived in docs/explanation/statistics.md#effects.
"""

from collections.abc import Callable

import numpy as np
import pandas as pd

from pielab.stats.distributions import student_quantile
from pielab.stats.effects import cliffs_delta, match_strata
from pielab.vocabulary import LENGTHS

QUANTILES = {"p05": 0.05, "p25": 0.25, "median": 0.5, "p75": 0.75, "p95": 0.95}


def contrast_measures(measures: pd.DataFrame, pie: np.ndarray, margin: np.ndarray) -> pd.DataFrame:
    """Return one row a measure: PIEs against the other examples.

    Examples on which the dense models are divided are PIEs more easily, and tend to be long.
    `matched` effects compare each PIE with other examples of the same vote margin only, and, but
    for measures of length, of the same tenth of the tokens.

    Parameters
    ----------
    measures : DataFrame
        One row an example, one column a measure, of them `tokens`; what is not a number is left
        out.
    pie : bool (examples,)
    margin : int (examples,)
        From votes.vote_margin, of the baseline.

    Returns
    -------
    DataFrame
        `measure`, `pies` and `others` (examples with a value), `mean_pies`, `mean_others`,
        `mean_all`, `mean_pies_low` and `mean_pies_high` (Student's 95 % interval of mean_pies over
        its examples, NaN of fewer than two), `cliffs_delta`, `low`, `high` (above 0: PIEs have more
        of it), the same `matched`, `matched_low`, `matched_high` with `matched_pies` (those that
        have a match), and quantiles `median_pies`, `median_others`, `p05_pies` ...
    """
    rows, alike = [], match_strata(margin, measures["tokens"].to_numpy())
    for name in measures.columns:
        values = measures[name].to_numpy(dtype=np.float64)
        delta, low, high, *_ = cliffs_delta(values, pie)
        finite = np.isfinite(values)
        groups = {"pies": values[finite & pie], "others": values[finite & ~pie]}
        row = {"measure": name} | {group: len(held) for group, held in groups.items()}
        for group, held in (groups | {"all": values[finite]}).items():
            row[f"mean_{group}"] = held.mean() if len(held) else np.nan
        row |= dict(zip(("mean_pies_low", "mean_pies_high"), _ends(groups["pies"]), strict=True))
        row |= {"cliffs_delta": delta, "low": low, "high": high}
        strata = margin if name.endswith(LENGTHS) else alike
        delta, low, high, matched, _ = cliffs_delta(values, pie, strata)
        row |= {"matched": delta, "matched_low": low, "matched_high": high, "matched_pies": matched}
        for group, held in groups.items():
            quantiles = np.quantile(held, list(QUANTILES.values())) if len(held) else [np.nan] * 5
            row |= {f"{key}_{group}": x for key, x in zip(QUANTILES, quantiles, strict=True)}
        rows.append(row)
    return pd.DataFrame(rows)


def _ends(values: np.ndarray) -> tuple[float, float]:
    """Return the ends of Student's 95 % interval of a mean."""
    if len(values) < 2:
        return np.nan, np.nan
    error = student_quantile(0.975, len(values) - 1) * values.std(ddof=1) / len(values) ** 0.5
    return float(values.mean() - error), float(values.mean() + error)


def sorted_groups(*keys: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return an order that sorts by the first key, then the next, and where each group starts."""
    order = np.lexsort(keys[::-1])
    changes = [np.diff(key[order]) != 0 for key in keys]
    return order, np.flatnonzero(np.r_[True, np.any(changes, axis=0)])


def weighted_delta(
    values: np.ndarray, pie: np.ndarray, strata: np.ndarray | None = None
) -> Callable[[np.ndarray], np.ndarray]:
    """Return a function of the examples' weights: Cliff's delta of each cell's PIEs, (cells,).

    NaN where no PIE has another example to compare with.

    Parameters
    ----------
    values : float (examples,)
    pie : bool (cells, examples)
    strata : int (examples,)
        As in effects.cliffs_delta.
    """
    if not len(values):
        return lambda weights: np.full(len(pie), np.nan)
    strata = np.zeros(len(values), dtype=int) if strata is None else strata
    order, starts = sorted_groups(strata, values)
    _, bounds = sorted_groups(strata[order][starts])  # of the strata, in the distinct values
    # Only values that PIEs have are compared with the others, which takes no loop over all values
    value_of = np.zeros(len(values), dtype=int)
    value_of[starts[1:]] = 1
    value_of = value_of.cumsum()  # which distinct value each example has, in order
    held = np.flatnonzero(pie[:, order].any(axis=0))
    found, firsts = np.unique(value_of[held], return_index=True)
    sorted_pie = pie[:, order[held]].astype(np.float64)
    stratum = np.searchsorted(bounds, found, side="right") - 1  # of each of these values
    known, own_bounds = np.unique(stratum, return_index=True)
    sizes = np.diff(np.r_[own_bounds, len(found)])

    def delta(weights: np.ndarray) -> np.ndarray:
        if not len(found):
            return np.full(len(pie), np.nan)
        sorted_weights = weights[order]
        everyone = np.add.reduceat(sorted_weights, starts)  # (distinct values,)
        up_to = everyone.cumsum()
        of_all = np.add.reduceat(everyone, bounds)[known]  # (strata with PIEs,)
        before = (up_to - everyone)[bounds[known]]
        pies = np.add.reduceat(sorted_pie * sorted_weights[held], firsts, axis=1)
        of_pies = np.add.reduceat(pies, own_bounds, axis=1)  # (cells, strata)
        of_stratum = of_all - of_pies
        # Twice the others below a value and once those at it, less all: below minus above
        ties = everyone[found] - pies
        below = up_to[found] - np.repeat(before, sizes) - pies.cumsum(axis=1)
        below += np.repeat(of_pies.cumsum(axis=1) - of_pies, sizes, axis=1)
        above = 2 * below - ties - np.repeat(of_stratum, sizes, axis=1)
        won = np.add.reduceat(pies * above, own_bounds, axis=1)
        matched = of_pies * (of_stratum > 0)
        placed = np.divide(won, of_stratum, out=np.zeros(won.shape), where=of_stratum > 0)
        pairs, total = matched.sum(axis=1), placed.sum(axis=1)
        return np.divide(total, pairs, out=np.full(len(pairs), np.nan), where=pairs > 0)

    return delta
