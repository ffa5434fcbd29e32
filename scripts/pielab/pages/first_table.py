"""The table of the first screen: a row a compressed version, against its primary baseline."""

from collections.abc import Mapping

import numpy as np
import pandas as pd

from pielab.pages.cells import (
    COLLAPSED,
    SINGLE,
    TOO_FEW,
    cell_name,
    count,
    ends,
    interval,
    percent,
    signed,
)
from pielab.stats.confidence import SCALE
from pielab.vocabulary import FDR, KEYS

MOST_OPEN = 30  # rows that a page shows at once; of more, a pair at a time


def shown(table: pd.DataFrame, verdicts: Mapping[tuple, str] | None = None) -> list[dict]:
    """Return judged's rows for the template, by dataset and model, then by cell.

    Parameters
    ----------
    table : DataFrame
        From cells.judged.
    verdicts : mapping
        The gate's, by the columns of KEYS.

    Returns
    -------
    list of dict
        `pair`, `size`, `finding`, `open`, `rows` (the primary comparisons of compressed versions),
        `controls` (of models that are not compressed), and `all_rows`: every comparison. A row is
        a dict of words.
    """
    first = table[table["primary"]]
    is_small = len(first) <= MOST_OPEN or table.groupby(["dataset", "model"]).ngroups == 1
    pairs = []
    for (dataset, model), of_pair in table.groupby(["dataset", "model"], sort=False):
        described = [_words(row, verdicts or {}) for row in of_pair.to_dict("records")]
        rows = [row for row in described if row["is_compressed"] and row["primary"]]
        pairs.append(
            {
                "pair": f"{dataset}, {model}",
                "size": size(of_pair),
                "finding": tally(of_pair),
                "open": is_small,
                "rows": rows,
                "controls": [row for row in described if not row["is_compressed"]],
                "all_rows": sorted(described, key=lambda row: not row["is_compressed"]),
                "more": len(described) > len(rows),
            }
        )
    return pairs


def size(rows: pd.DataFrame) -> str:
    """Return on how many texts versions are compared, and how many models there are of them."""
    row = rows.loc[rows["replicates"].idxmax()]
    replicates = int(row["replicates"])
    if replicates == 1:
        return f"{row['examples']:,} texts, one model of each version"
    replicate = row["differ_by"].partition(" ")[0]
    most = "up to " if rows["replicates"].min() < replicates else ""
    return f"{row['examples']:,} texts, {most}{replicates} {replicate}s"


def tally(of_pair: pd.DataFrame) -> str:
    """Return in words how many compressed versions change more answers than retraining does."""
    versions = of_pair[of_pair["primary"] & of_pair["is_compressed"]]
    counts = versions["sure"].value_counts()
    order = (*SCALE, TOO_FEW, SINGLE, COLLAPSED)
    parts = [f"{counts[word]} {word}" for word in order if word in counts]
    asked = f"{count(len(versions), 'compressed version')}; more changes than by retraining"
    return f"{asked}: {', '.join(parts)}" if parts else ""


def _words(row: dict, verdicts: Mapping[tuple, str]) -> dict:
    """Return what the table shows of a comparison."""
    is_worse = isinstance(row["class"], str)
    texts = row["examples"]
    return {
        "name": cell_name(row),
        "method": row["method"],
        "is_compressed": bool(row["is_compressed"]),
        "against": row["baseline"],
        "primary": bool(row["primary"]),
        "sure": row["sure"],
        "score": percent(row["score_compressed"]),
        "change": signed(row["change"]),
        "churn": percent(row["churn_same_seed"]),
        "churn_of_seeds": percent(row["churn_baseline"]),
        "changed": f"{row['pies']:,}",
        "changed_share": percent(row["pies"] / texts),
        "changed_ends": _ends(row, "pie_share"),
        "negative": f"{row['negative_flips']:,}",
        "positive": f"{row['positive_flips']:,}",
        "other": f"{row['pies'] - row['negative_flips'] - row['positive_flips']:,}",
        "excess": signed(row["excess"], " %"),
        "interval": interval(row),
        "worst": row["class"] if is_worse else "",
        "worst_change": f"{ends(row)} %" if is_worse else "",
        "worst_texts": f"{int(row['class_texts']):,}" if is_worse else "",
        "by_chance": is_worse and not row["class_q"] <= FDR,
        "verdict": verdicts.get(tuple(row[name] for name in KEYS), ""),
    }


def _ends(row: dict, name: str) -> str:
    low, high = (row.get(f"{name}_{end}", np.nan) for end in ("low", "high"))
    return "" if pd.isna(low) else f"{100 * low:.1f} to {100 * high:.1f} %"
