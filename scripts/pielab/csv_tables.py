"""Read the csv tables that the workflow itself writes, with all names as they are."""

import re
from collections.abc import Iterable
from pathlib import Path

import pandas as pd

# Columns of names and words; a class may be called NA, None, 0009 or 1e5
TEXTS = (
    "dataset",
    "model",
    "method",
    "level_unit",
    "level_text",
    "baseline",
    "split",
    "differ_by",
    "comparison",
    "other_model",
    "other_method",
    "other_baseline",
    "layer",
    "measure",
    "found",
    "expected_note",
    "class",
    "from_class",
    "to_class",
    "where",
    "slice",
    "flip",
    "tier",
    "example_id",
    "label",
    "baseline_label",
    "compressed_label",
    "text",
    "text_pair",
    "baseline_votes",
    "compressed_votes",
    "dense_run",
    "run",
    "difference",
    "name",
    "effect_name",
    "rule",
    "note",
    "verdict",
    "matched_verdict",
    "adjusted_factor",
    "verdict_by_probability",
    "task",
    "metric",
    "filter",
    "weights",
    "better",
    "module",
    "role",
    "remedy",
    "plain",
    "lost",
    "worst_class",
    # Digests may have no letters, or look like 1e5
    "kind",
    "file",
    "digest",
    "device",
    "precision",
    "scores",
    "tokenizer",
    "tokens",
    "label_order",
    "outcome",
    "factor",
    "factor_name",
    "influence_measure",
    "over",
)


def read_csv(path: str | Path) -> pd.DataFrame:
    """Return a table that files.write_frame wrote: only what is empty is missing."""
    types = dict.fromkeys(TEXTS, "str")
    return pd.read_csv(path, dtype=types, keep_default_na=False, na_values=[""])


def join_names(names: Iterable[str]) -> str:
    r"""Return names joined by "|"; within a name it is written "\|", and a backslash twice."""
    return "|".join(name.replace("\\", r"\\").replace("|", r"\|") for name in names)


def split_names(words: str) -> list[str]:
    """Return the names that join_names has joined."""
    parts = re.findall(r"(?:[^|\\]|\\.)+", words, re.DOTALL)
    return [re.sub(r"\\(.)", r"\1", part, flags=re.DOTALL) for part in parts]


def of_first_measure(table: pd.DataFrame) -> pd.DataFrame:
    """Return a table's rows by the first measure of influence, the one that figures show."""
    if "influence_measure" not in table or table.empty:
        return table
    return table[table["influence_measure"] == table["influence_measure"].iloc[0]]
