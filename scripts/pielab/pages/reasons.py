"""Show for each text what it is close to, what is unusual about it, and why in one line."""

from collections.abc import Iterable, Mapping, Sequence

import numpy as np
import pandas as pd

from pielab.causes.factors import FACTORS, OF_COMPLEXITY, OF_TEXTS, columns_of

SHOWN = (*columns_of(OF_TEXTS), *columns_of(OF_COMPLEXITY)[:2])
RARE = 0.025  # share of texts below or above which a factor is unusual
MOST = 2  # unusual factors that a line names
LETTERS = 200  # of a training text
NEAREST, OTHER_LABEL = "nearest", "neighbours_other_label"
COLUMN = "factor_"  # before the names of factors among the columns of examples


def of_texts(
    factors: pd.DataFrame,
    complexity: pd.DataFrame,
    labels: Sequence[str],
    training: pd.Series,
    doubted: Mapping[str, tuple[np.ndarray, int]],
) -> pd.DataFrame:
    """Return a line on each text, and how its factors compare with those of all others.

    Parameters
    ----------
    factors, complexity : DataFrame
        Of the same texts: from texts.measure_splits and readability.measure_texts.
    labels : sequence of str
        The classes of each text, joined.
    training : Series
        The same of the training texts, by example_id.
    doubted : mapping
        By model, the share of its dense models that doubt each text's label, and how many these
        are; NaN where scores are not known.

    Returns
    -------
    DataFrame
        `why`, and of each factor in SHOWN that is known its value; NaN: unknown.
    """
    known = factors.join(complexity[[name for name in complexity if name not in factors]])
    table = known[[name for name in SHOWN if name in known]].astype(np.float64)
    ranks = table.rank(pct=True)
    lines = [
        _line(
            label,
            near,
            share,
            dict(zip(ranks, own_ranks, strict=True)),
            [(name, of_model[0][row], of_model[1]) for name, of_model in doubted.items()],
        )
        for row, (label, near, share, own_ranks) in enumerate(
            zip(
                labels,
                _nearest_labels(factors, training),
                _shares(factors),
                ranks.to_numpy(),
                strict=True,
            )
        )
    ]
    return table.assign(why=lines)


def _nearest_labels(factors: pd.DataFrame, training: pd.Series) -> list[list[str]]:
    if NEAREST not in factors:
        return [[]] * len(factors)
    return [[str(training[place]) for place in near] for near in factors[NEAREST]]


def _shares(factors: pd.DataFrame) -> np.ndarray:
    """Return the share of each text's neighbours with another label."""
    known = OTHER_LABEL in factors
    return factors[OTHER_LABEL].to_numpy() if known else np.full(len(factors), np.nan)


def _line(
    label: str,
    near: list[str],
    other: float,
    ranks: Mapping[str, float],
    doubted: Sequence[tuple[str, float, int]],
) -> str:
    """Return why a text is unusual."""
    parts = []
    if near and len(set(near)) == 1 and near[0] != label:
        parts.append(f"nearest training texts are {near[0]}")
    elif other >= 0.5:
        parts.append(f"{100 * other:.0f} % of the nearest training texts have another label")
    for model, share, number in doubted:
        if share > 0.5:
            parts.append(f"label doubted by {round(share * number)} of {number} models ({model})")
    ends = [
        (min(rank, 1 - rank), name, rank)
        for name, rank in ranks.items()
        if np.isfinite(rank) and name != OTHER_LABEL
    ]  # said already
    for _, name, rank in sorted(end for end in ends if end[0] < RARE)[:MOST]:
        more = rank > 0.5
        share = 100 * (rank if more else 1 - rank)
        words = FACTORS[name].words.removesuffix(" (log)")
        parts.append(
            f"{words}: {'more' if more else 'less'} than {min(share, 99.9):.3g} % of texts"
        )
    return "; ".join(parts) if parts else "not unusual in what is measured"


def near_rows(factors: pd.DataFrame, training: pd.Series) -> list[list[int]]:
    """Return the rows of the training split that are nearest to each text, the nearest first.

    Parameters
    ----------
    training : Series
        By example_id, in the order of the split.
    """
    if NEAREST not in factors:
        return [[] for _ in range(len(factors))]
    places = {example: place for place, example in enumerate(training.index)}
    return [[places[example] for example in nearest] for nearest in factors[NEAREST]]


def training_texts(rows: Iterable[int], training: pd.DataFrame, labels: pd.Series) -> dict:
    """Return the classes and the text of training examples for the page, by their rows.

    Parameters
    ----------
    training : DataFrame
        The training split: text and text_pair.
    labels : Series
        Its classes, joined.
    """
    found = {}
    for row in sorted(set(rows)):
        parts = training["text"].iloc[row], training["text_pair"].iloc[row]
        text = " | ".join(_cut(part) for part in parts if isinstance(part, str))
        found[str(row)] = [str(labels.iloc[row]), text]
    return found


def _cut(text: str) -> str:
    text = " ".join(text.split())
    return text if len(text) <= LETTERS else f"{text[:LETTERS]}…"


def described(tables: Mapping[str, pd.DataFrame]) -> list[dict]:
    """Return each factor's column and name, and its median in each group of texts.

    Parameters
    ----------
    tables : mapping of DataFrame
        From of_texts, by the group's name.
    """
    names = dict.fromkeys(name for table in tables.values() for name in table if name in SHOWN)
    return [
        {
            "column": COLUMN + name,
            "name": FACTORS[name].words.removesuffix(" (log)"),
            "medians": {
                group: rounded(table[name].median())
                for group, table in tables.items()
                if name in table
            },
        }
        for name in names
    ]


def columns(table: pd.DataFrame) -> pd.DataFrame:
    """Return what of_texts found as columns of the page's examples, with three digits."""
    found = {COLUMN + name: table[name].map(rounded) for name in table if name in SHOWN}
    return pd.DataFrame({"why": table["why"]} | found)


def rounded(value: float) -> float | None:
    return float(f"{value:.3g}") if np.isfinite(value) else None
