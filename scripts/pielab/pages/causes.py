"""Explain in five sentences why texts break: what is shown, what is not, and what is unclear."""

from collections.abc import Iterable

import pandas as pd

from pielab.causes.factors import ALL_METHODS, FACTORS, OF_COMPLEXITY, PIE, SHIFT
from pielab.pages.cells import count

MOST = 4  # factors that a sentence names


def why(causes: pd.DataFrame) -> list[dict]:
    """Return five sentences for each dataset and model: `pair` and `sentences`.

    Parameters
    ----------
    causes : DataFrame
        causes.csv.
    """
    of_all_methods = causes[causes["method"] == ALL_METHODS]
    return [
        {"pair": f"{dataset}, {model}", "sentences": _sentences(rows)}
        for (dataset, model), rows in of_all_methods.groupby(["dataset", "model"], sort=False)
    ]


def _sentences(rows: pd.DataFrame) -> list[str]:
    pies = rows[rows["outcome"] == PIE]
    if pies["alone"].isna().all():
        found = int(pies["with_outcome"].max()) if len(pies) else 0
        return [
            f"With {count(found, 'PIE')} there are too few texts to tell what PIEs have in common.",
            *_of_shift(rows),
        ]
    return [_stands(pies), _does_not(pies), _length(pies), _open(pies), *_labels(pies)]


def _stands(pies: pd.DataFrame) -> str:
    """Return what goes with PIEs while other factors are held fixed."""
    clear = pies[_excludes(pies, "adjusted")]
    texts = f"Over {int(pies['with_outcome'].max()):,} texts that are PIEs of some version"
    if clear.empty:
        return f"{texts}, no factor matters by itself once others are held fixed."
    clear = clear.assign(size=_strength(clear["adjusted"])).sort_values("size", ascending=False)
    named = [_ratio(row) for row in clear.head(MOST).to_dict("records")]
    return f"{texts}, these matter by themselves, with others held fixed: {'; '.join(named)}."


def _does_not(pies: pd.DataFrame) -> str:
    """Return what goes with PIEs alone, and no more with others held fixed."""
    known = pies[pies["adjusted"].notna()]
    lost = known[_excludes(known, "alone") & ~_excludes(known, "adjusted")]
    if lost.empty:
        return "Every factor that goes with PIEs alone does so with others held fixed, too."
    names = _listed(lost["factor_name"])
    return f"These go with PIEs, but not once others are held fixed: {names}."


def _length(pies: pd.DataFrame) -> str:
    """Return what is left of the claim that PIEs are longer and harder to read."""
    complexity = [name for name, known in FACTORS.items() if known.source == OF_COMPLEXITY]
    measured = pies[pies["factor"].isin(complexity) & pies["adjusted"].notna()]
    tokens = measured[measured["factor"] == "tokens"]
    readability = measured[measured["factor"] != "tokens"]
    clear = readability[_excludes(readability, "adjusted")]
    parts = []
    if len(tokens):
        parts.append(f"Length: {_ratio(tokens.iloc[0], with_name=False)}")
    if len(readability):
        which = f" ({_listed(clear['factor_name'])})" if len(clear) else ""
        parts.append(
            f"{len(clear)} of {len(readability)} measures of readability matter by "
            f"themselves{which}"
        )
    if not parts:
        return "Length and readability cannot be told apart from other factors here."
    return f"{'; '.join(parts)}."


def _open(pies: pd.DataFrame) -> str:
    """Return what these texts cannot tell apart."""
    open_ = pies[pies["adjusted"].isna()]
    wide = pies[pies["adjusted_high"] / pies["adjusted_low"] > 4]
    words = []
    if len(open_):
        words.append(f"cannot tell from other factors: {_listed(open_['factor_name'])}")
    if len(wide):
        words.append(
            f"leave the odds of {count(len(wide), 'factor')} uncertain by more than fourfold"
        )
    if not words:
        return "These texts tell all factors apart."
    return f"These texts {' and '.join(words)}."


def _labels(pies: pd.DataFrame) -> list[str]:
    """Return how many PIEs may have wrong labels."""
    row = pies.iloc[0]
    if pd.isna(row["doubted"]):
        return []
    number, doubted = int(row["with_outcome"]), int(row["doubted"])
    if not doubted:
        return [f"Most models of the baseline doubt the label of none of the {number:,} PIEs."]
    return [
        f"Of the {count(number, 'PIE')}, {doubted} may have "
        f"{'a wrong label' if doubted == 1 else 'wrong labels'}: most models of the baseline are "
        "sure of another one. Weak models are sure of wrong answers, too."
    ]


def _of_shift(rows: pd.DataFrame) -> list[str]:
    shifts = rows[rows["outcome"] == SHIFT]
    clear = shifts[_excludes(shifts, "adjusted", none=0)]
    if shifts.empty:
        return []
    if clear.empty:
        return ["The shift of log odds goes with no factor once others are held fixed."]
    names = _listed(clear["factor_name"])
    return [f"The shift of log odds goes with these, others held fixed: {names}."]


def _excludes(rows: pd.DataFrame, name: str, none: float = 1) -> pd.Series:
    return (rows[f"{name}_low"] > none) | (rows[f"{name}_high"] < none)


def _strength(ratios: pd.Series) -> pd.Series:
    return ratios.where(ratios > 1, 1 / ratios)


def _ratio(row: pd.Series | dict, with_name: bool = True) -> str:
    low, high = row["adjusted_low"], row["adjusted_high"]
    words = f"odds times {row['adjusted']:.2g} ({low:.2g} to {high:.2g})"
    return f"{row['factor_name']}, {words}" if with_name else f"{words} for one deviation more"


def _listed(names: Iterable[str]) -> str:
    """Return names with commas, the first few of many."""
    names = list(names)
    more = f" and {len(names) - 2 * MOST} more" if len(names) > 2 * MOST else ""
    return ", ".join(names[: 2 * MOST]) + more
