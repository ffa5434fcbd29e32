"""Tabulate what compression costs and changes in each cell, for the report's first screen."""

import re
from collections.abc import Collection, Mapping
from typing import Any

import pandas as pd

from pielab import cells
from pielab.stats.confidence import confidence
from pielab.vocabulary import BY_ITSELF, FEWEST_FOR_TEST, KEYS

DENSE = "dense"
AS_GIVEN = cells.read_level(cells.AS_GIVEN).text
TOO_FEW, COLLAPSED = "too few seeds", "collapsed"
SINGLE = "one model on each side"


def judged(
    pies: pd.DataFrame, agreement: pd.DataFrame, classes: pd.DataFrame, longer: Collection[str]
) -> pd.DataFrame:
    """Return pies.csv of the test split with what the first screen shows of each comparison.

    Parameters
    ----------
    pies, agreement, classes : DataFrame
        Those of results/tables; `agreement` of the test split.
    longer : collection of str
        Methods that train longer than the dense models.

    Returns
    -------
    DataFrame
        With `seeds` the replicates, `change` (of the score, a fraction),
        `churn_same_seed`, `churn_baseline`, the excess and its ends as fractions, `sure` (a word
        of confidence, or one of the words above), `against`, and of the class whose score falls
        most `class`, `class_texts`, `class_before`, `class_after` (none, if no class falls) and
        `class_q`.
    """
    keys = list(KEYS)
    pies = pies.assign(seeds=pies["replicates"])  # a seed with all its draws is one
    shares = {name: pies[name] / pies["examples"] for name in ("excess", *_ENDS)}
    table = pies.assign(**shares, change=pies["score_compressed"] - pies["score_baseline"])
    table["sure"] = [_sure(row) for row in table.itertuples()]
    table["against"] = [_against(row, longer) for row in table.itertuples()]
    churn = agreement[[*keys, "churn_same_seed", "churn_baseline"]]
    return table.merge(churn, on=keys, how="left").merge(_worst(classes), on=keys, how="left")


_ENDS = ("excess_low", "excess_high")


def _sure(row: Any) -> str:
    if row.collapsed:
        return COLLAPSED
    if row.seeds < FEWEST_FOR_TEST:
        return TOO_FEW if row.seeds > 1 else SINGLE
    return confidence(row.excess_low, row.excess_high, row.q)


def _against(row: Any, longer: Collection[str]) -> str:
    """Return what a row is compared with, and whether that has trained as long."""
    if row.baseline != DENSE:
        return f"{row.baseline}, as long"
    if not row.is_compressed:
        return f"{DENSE}, less long"
    return f"{DENSE}, {'less' if row.method in longer else 'as'} long"


def _worst(classes: pd.DataFrame) -> pd.DataFrame:
    """Return of each comparison the class whose score falls most, if any falls."""
    fall = classes["score_compressed"] - classes["score_baseline"]
    falling = classes.assign(fall=fall)[fall < 0].sort_values("fall", kind="stable")
    first = falling.drop_duplicates(list(KEYS))
    names = {"class": "class", "examples": "class_texts", "score_baseline": "class_before"}
    names |= {"score_compressed": "class_after", "q": "class_q"}
    return first[[*KEYS, *names]].rename(columns=names)


def cell_name(row: Mapping | pd.Series) -> str:
    """Return how a page calls a cell of a dataset and model, by its method, sparsity and level."""
    if row["level_text"] == AS_GIVEN:
        return row["method"]
    level = f" at {row['level_text']}" if row["is_compressed"] else " (not compressed)"
    return f"{row['method']}{level}"


def ends(row: dict) -> str:
    """Return the score of the class that falls most before and after, in percent."""
    scores = [100 * row[name] for name in ("class_before", "class_after")]
    digits = 0 if f"{scores[0]:.0f}" != f"{scores[1]:.0f}" else 1
    return " → ".join(f"{score:.{digits}f}" for score in scores)


def by_kind(content: Any, kind: str) -> Any:
    """Return texts on seeds as texts on reruns or draws, also within lists and mappings."""
    if kind == "seed" or not isinstance(content, str | list | dict):
        return content
    if isinstance(content, str):
        words = re.sub(r"(?<!nothing of other )\b(random )?seed(s?)\b", rf"{kind}\2", content)
        return re.sub(r"\bretraining\b", BY_ITSELF[kind], words)
    if isinstance(content, list):
        return [by_kind(part, kind) for part in content]
    return {key: by_kind(part, kind) for key, part in content.items()}


def percent(share: float) -> str:
    """Return a fraction in percent, one decimal."""
    return "–" if pd.isna(share) else f"{100 * share:.1f} %"


def signed(share: float, unit: str = "") -> str:
    """Return a fraction in percent with its sign, one decimal; none of what rounds to 0."""
    if pd.isna(share):
        return "–"
    words = f"{100 * share:+.1f}"
    return ("0.0" if words in ("+0.0", "-0.0") else words.replace("-", "−")) + unit


def interval(row: dict) -> str:
    """Return the ends of the excess's interval, nothing if it has none."""
    low, high = (row[name] for name in _ENDS)
    return "" if pd.isna(low) else f"{signed(low)} to {signed(high)}"


def count(number: int, word: str) -> str:
    """Return a number of things."""
    return f"{number:,} {word}{'' if number == 1 else 's'}"
