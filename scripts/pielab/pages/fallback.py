"""Recommend which texts to send to the dense model, with the negative flips that are left."""

from collections.abc import Collection, Mapping

import pandas as pd

from pielab.analysis.cell_tables import rows_of
from pielab.pages.advice import primary_rows, where
from pielab.pages.cells import count, percent
from pielab.vocabulary import FALLBACK, KEYS, MODELS

MOST_SAID = 4  # versions that a list names
MOST_SENT = 0.5  # share of the texts beyond which a fallback is no advice
MOST_LOST = 0.05  # of the score, by versions that are worth a fallback


def fallback_steps(
    table: pd.DataFrame,
    fallback: pd.DataFrame,
    tried: pd.DataFrame,
    blocked: Collection[tuple] = (),
) -> list[str]:
    """Return which texts to send to the baseline's model, a sentence a version.

    First the versions that the gate stops and that would pass, with the smallest share of texts
    by which they do. If there are none: of each dataset and model the version with the most
    negative flips of those that lose little score, with the recommended share.

    Parameters
    ----------
    table : DataFrame
        cells.judged.
    fallback : DataFrame
        fallback.csv.
    tried : DataFrame
        The rows of results/gate/{dataset}/{model}.tried.csv.
    blocked : collection of tuple
        Versions that the gate blocks, by the columns of MODELS.
    """
    if fallback["note"].notna().any() and fallback["flips_left"].isna().all():
        return [f"No fallback can be tried: {fallback['note'].dropna().iloc[0]}."]
    sent = tried.loc[tried["kind"] == FALLBACK, [*KEYS, "share", "verdict"]]
    rows = fallback.merge(sent, on=[*KEYS, "share"], how="inner")
    sentences = [_would_pass(row, fallback, table) for row in rows.to_dict("records")]
    if sentences:
        rest = len(sentences) - MOST_SAID
        more = f"So would {count(rest, 'version')} more: see results/gate/gate.json."
        return [*sentences[:MOST_SAID], *([more] if rest > 0 else [])]
    keys = primary_rows(table)[list(KEYS)]
    known = fallback.merge(keys, on=list(KEYS), how="inner")
    chosen = [_recommended(rows) for _, rows in known.groupby(["dataset", "model"], sort=False)]
    return [
        _if_blocked(row, known, table, blocked) for row in chosen[:MOST_SAID] if row is not None
    ]


def _if_blocked(
    row: Mapping, fallback: pd.DataFrame, table: pd.DataFrame, blocked: Collection[tuple]
) -> str:
    stopped = tuple(row[name] for name in MODELS) in blocked
    return _send(row, fallback, table) + (" The gate still blocks it." if stopped else "")


def _would_pass(row: Mapping, fallback: pd.DataFrame, table: pd.DataFrame) -> str:
    return f"{_send(row, fallback, table)} The gate would then say {row['verdict']}."


def _recommended(rows: pd.DataFrame) -> dict | None:
    """Return the row of the recommended share of a pair's version with the most negative flips."""
    works = rows[~rows["collapsed"].astype(bool)].dropna(subset="flips_left")
    ends = works.sort_values("share").groupby(list(KEYS), sort=False)
    lost = ends["score"].last() - ends["score"].first()
    first = ends["flips_left"].first()[lost <= MOST_LOST]
    if first.empty:
        return None
    at = works.set_index(list(KEYS)).loc[[first.idxmax()]].reset_index()
    row = at[at["chosen"].astype(bool)].iloc[0].to_dict()
    mends = row["flips_left"] < first.max()
    return row if mends and 0 < row["share"] <= MOST_SENT else None


def _send(row: Mapping, fallback: pd.DataFrame, table: pd.DataFrame) -> str:
    """Return what to send and what is left."""
    own = rows_of(fallback, row)
    before = own.loc[own["share"] == 0, "flips_left"].iloc[0]
    ends = f"{100 * row['flips_left_low']:.1f} to {100 * row['flips_left_high']:.1f}"
    size = row["size_share"]
    stored = "" if pd.isna(size) else f" Both models together take {size:.2f} × its size."
    return (
        f"{where(dict(row), table)}: let the {row['baseline']} model answer the "
        f"{100 * row['share']:.0f} % least sure texts (margin below {row['margin']:.2g}). Newly "
        f"wrong answers fall from {percent(before)} to {percent(row['flips_left'])} of the texts "
        f"(95 % interval {ends}); random texts would leave {percent(row['random_left'])}.{stored}"
    )
