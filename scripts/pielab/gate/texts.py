"""The texts that decided: negative flips, the surest first, in words that any terminal can show."""

from collections.abc import Mapping

import pandas as pd

from pielab.analysis.cell_tables import rows_of
from pielab.pages.texts import label_words

MOST = 5


def deciding_texts(examples: pd.DataFrame, cell: Mapping) -> list[dict]:
    """Return the negative flips of a comparison, those first that changed most clearly.

    Parameters
    ----------
    examples : DataFrame
        examples.csv.
    cell : mapping
        The columns that name the comparison.

    Returns
    -------
    list of dict
        `example_id`, `label`, `before`, `after` (what the majorities answer), `tier`, `text`.
    """
    own = rows_of(examples, cell)
    negative = own[own["flip"] == "negative"]
    ordered = negative.sort_values(["surest", "vote_change"], ascending=[True, False]).head(MOST)
    return [
        {
            "example_id": str(row["example_id"]),
            "label": label_words(row["label"]),
            "before": label_words(row["baseline_label"]),
            "after": label_words(row["compressed_label"]),
            "tier": row["tier"],
            "text": " | ".join(
                plain(row[name]) for name in ("text", "text_pair") if not pd.isna(row[name])
            ),
        }
        for row in ordered.to_dict("records")
    ]


def plain(text: object) -> str:
    """Return a text on one line, without what steers terminals or what XML cannot hold."""
    return " ".join("".join(c if c.isprintable() else " " for c in str(text)).split())
