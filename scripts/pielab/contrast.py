"""Compare the text complexity of PIEs with that of the other examples."""

import numpy as np
import pandas as pd

from pielab.statistics import cliffs_delta, match_strata

QUANTILES = {"p05": 0.05, "p25": 0.25, "median": 0.5, "p75": 0.75, "p95": 0.95}


LENGTHS = ("tokens", "sentences")


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
        From statistics.vote_margin, of the dense models.

    Returns
    -------
    DataFrame
        `measure`, `pies` and `others` (examples with a value), `mean_pies`, `mean_others`,
        `mean_all`, `cliffs_delta`, `low`, `high` (above 0: PIEs have more of it), the same
        `matched`, `matched_low`, `matched_high` with `matched_pies` (those that have a match),
        and quantiles `median_pies`, `median_others`, `p05_pies` ...
    """
    rows, alike = [], match_strata(margin, measures["tokens"].to_numpy())
    for name in measures.columns:
        values = measures[name].to_numpy(dtype=np.float64)
        delta, low, high, *_ = cliffs_delta(values, pie)
        known = np.isfinite(values)
        groups = {"pies": values[known & pie], "others": values[known & ~pie]}
        row = {"measure": name} | {group: len(held) for group, held in groups.items()}
        for group, held in (groups | {"all": values[known]}).items():
            row[f"mean_{group}"] = held.mean() if len(held) else np.nan
        row |= {"cliffs_delta": delta, "low": low, "high": high}
        strata = margin if name.endswith(LENGTHS) else alike
        delta, low, high, matched, _ = cliffs_delta(values, pie, strata)
        row |= {"matched": delta, "matched_low": low, "matched_high": high, "matched_pies": matched}
        for group, held in groups.items():
            found = np.quantile(held, list(QUANTILES.values())) if len(held) else [np.nan] * 5
            row |= {f"{key}_{group}": x for key, x in zip(QUANTILES, found, strict=True)}
        rows.append(row)
    return pd.DataFrame(rows)
