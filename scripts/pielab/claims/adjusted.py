"""Set beside claims 5 and 6 the odds of being a PIE with other factors held fixed.

These are odds ratios of causes.csv, for a text that is more influential, longer or harder to read
by one standard deviation: over all working versions against their primary baselines. As with the
claim's own effect, the weaker of length and difficulty counts.
"""

from collections.abc import Callable, Sequence

import numpy as np
import pandas as pd

from pielab.causes.factors import ALL_METHODS, PIE

COLUMNS = ("adjusted", "adjusted_low", "adjusted_high", "adjusted_factor")
PAIR = ["dataset", "model"]
READABILITY = ("tokens", "flesch_reading_ease")  # of claim 6
REVERSED = ("flesch_reading_ease",)  # factors that are lower for a text that is harder to read


def weakest(causes: pd.DataFrame, split: str, factors: Sequence[str]) -> dict:
    """Return COLUMNS: the least of the adjusted odds ratios of these factors, and whose it is.

    NaN if one of them is unknown.

    Parameters
    ----------
    causes : DataFrame
        The rows of causes.csv for one dataset and model.
    """
    of_split = causes[(causes["method"] == ALL_METHODS) & (causes["outcome"] == PIE)]
    of_split = of_split[of_split["split"] == split].set_index("factor")
    ratios = of_split.reindex(list(factors))[list(COLUMNS[:3])].astype(np.float64)
    if ratios["adjusted"].isna().any():
        return dict.fromkeys(COLUMNS, np.nan)
    found = []
    for name, (odds, low, high) in zip(ratios.index, ratios.to_numpy(), strict=True):
        ends = (1 / odds, 1 / high, 1 / low) if name in REVERSED else (odds, low, high)
        found.append((*map(float, ends), name))
    return dict(zip(COLUMNS, min(found), strict=True))


def by_measure(claims: pd.DataFrame, causes: pd.DataFrame) -> pd.DataFrame:
    """Return influence_claims.csv with COLUMNS but the last, by each measure of influence."""
    found = _with_columns(claims, causes, lambda row: ("train", [row["influence_measure"]]))
    return found.drop(columns="adjusted_factor", errors="ignore")


def scorecard(
    claims: pd.DataFrame, causes: pd.DataFrame, of_influence: pd.DataFrame
) -> pd.DataFrame:
    """Return scorecard.csv with COLUMNS: of claims 5 and 6, and where baselines are the primary.

    Parameters
    ----------
    of_influence : DataFrame
        influence_claims.csv: for each dataset and model the published measure comes first.
    """
    published = of_influence.drop_duplicates(PAIR).set_index(PAIR)["influence_measure"].to_dict()

    def factors_of(row: dict) -> tuple[str, Sequence[str]]:
        pair = row["dataset"], row["model"]
        if row["comparison"] != "primary":
            return "test", ()
        if row["claim"] == 5 and pair in published:
            return "train", [published[pair]]
        return "test", READABILITY if row["claim"] == 6 else ()

    return _with_columns(claims, causes, factors_of)


def _with_columns(
    claims: pd.DataFrame,
    causes: pd.DataFrame,
    factors_of: Callable[[dict], tuple[str, Sequence[str]]],
) -> pd.DataFrame:
    """Return a table with COLUMNS after what is matched."""
    if claims.empty:
        return claims
    rows = []
    for row in claims.to_dict("records"):
        split, factors = factors_of(row)
        of_pair = causes[(causes[PAIR] == [row[name] for name in PAIR]).all(axis=1)]
        rows.append(weakest(of_pair, split, factors) if factors else dict.fromkeys(COLUMNS, np.nan))
    added = pd.DataFrame(rows, index=claims.index, columns=list(COLUMNS))
    place = claims.columns.get_loc("matched_verdict") + 1
    return pd.concat([claims.iloc[:, :place], added, claims.iloc[:, place:]], axis=1)
