"""Show the texts of each cell that changed most clearly, with links to them in the PIE browser."""

from collections.abc import Sequence
from urllib.parse import urlencode

import pandas as pd

from pielab.csv_tables import split_names
from pielab.pages.cells import COLLAPSED, SINGLE
from pielab.stats.confidence import OF_TIER, YES
from pielab.vocabulary import KEYS

LONGEST = 230  # characters of a text on the page
BECAME = {  # a kind of flip, for first-time readers
    "negative": "newly wrong",
    "positive": "newly right",
    "both wrong": "still wrong, other answer",
}


def surest_texts(examples: pd.DataFrame, table: pd.DataFrame, splits: Sequence[str]) -> list[dict]:
    """Return the primary comparisons that work, each with its texts that changed most clearly.

    The cell that surely changes the most goes first, then those with certain texts.

    Parameters
    ----------
    examples : DataFrame
        examples.csv.
    table : DataFrame
        From cells.judged.
    splits : sequence of str
        Those whose texts the browser holds; without test nothing is linked.

    Returns
    -------
    list of dict
        `cell` (the row of `table`), `href` of the cell in the browser, and `texts`.
    """
    primary = table[table["primary"] & table["is_compressed"] & (table["sure"] != COLLAPSED)]
    ordered = primary.assign(first=primary["sure"] == YES).sort_values(
        ["first", "certain", "excess"], ascending=False, kind="stable"
    )
    sure = examples[examples["surest"].notna()].sort_values("surest")
    texts = dict(list(sure.groupby(list(KEYS))))
    is_linked = "test" in splits
    return [
        {
            "cell": row,
            "href": address(row) if is_linked else "",
            "texts": [text_words(text, row, is_linked) for text in texts[key].to_dict("records")],
        }
        for row in ordered.to_dict("records")
        if (key := tuple(row[name] for name in KEYS)) in texts
    ]


def address(cell: dict, example: object = None) -> str:
    """Return where the PIE browser shows a cell, and a text of its test split."""
    state = {"show": "pie", "dataset": cell["dataset"], "split": "test", "model": cell["model"]}
    state |= {"method": cell["method"], "level": f"{cell['level']:g}"}
    state |= {"baseline": cell["baseline"]}
    if example is not None:
        state["text"] = f"{cell['dataset']}/test/{example}"
    return f"browser.html#{urlencode(state)}"


def text_words(row: dict, cell: dict, is_linked: bool) -> dict:
    """Return a text for the template."""
    parts = [row[name] for name in ("text", "text_pair") if not pd.isna(row[name])]
    whole = " | ".join(" ".join(str(part).split()) for part in parts)
    return {
        "words": whole if len(whole) <= LONGEST else f"{whole[:LONGEST].rsplit(' ', 1)[0]} …",
        "href": address(cell, row["example_id"]) if is_linked else "",
        "flip": "" if pd.isna(row["flip"]) else row["flip"],
        "became": "" if pd.isna(row["flip"]) else BECAME[row["flip"]],
        "tier": "" if cell["sure"] == SINGLE else OF_TIER[row["tier"]],
        "label": label_words(row["label"]),
        "before": label_words(row["baseline_votes"]),
        "after": label_words(row["compressed_votes"]),
    }


def label_words(words: object) -> str:
    """Return the labels in a cell of a table, for people."""
    return "no label" if pd.isna(words) or words == "" else ", ".join(split_names(str(words)))
