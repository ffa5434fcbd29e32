"""Compare generated answers as texts: what changed beside right and wrong, and how early."""

import math
import re

import numpy as np
import pandas as pd

from pielab.pies.clusters import of_examples
from pielab.stats.paired import difference

INVALID = "[invalid]"  # what a filter of lm_eval leaves where it finds no answer
REFUSAL = re.compile(
    r"\W*(i\s*['’]?\s*a?m\s+(very\s+)?(sorry|unable|not\s+able)|sorry\b|as\s+an?\s+(ai|language)"
    r"|i\s+(cannot|can\s*not|can['’]?t|could\s+not|won['’]?t|will\s+not|do\s+not\s+know|don['’]?t\s+know)"
    r"|unfortunately,?\s+i\b)",
    re.IGNORECASE,
)
LONGEST = 4000  # characters of an answer that a page shows
BEFORE = 1000  # of these, before the first that differs
COLUMNS = (
    "task",
    "documents",
    "changed",
    "changed_low",
    "changed_high",
    "changed_floor",
    "changed_same_verdict",
    "first_difference",
    "first_difference_share",
    "length_baseline",
    "length_compressed",
    "length_change",
    "length_change_low",
    "length_change_high",
    "empty_baseline",
    "empty_compressed",
    "refusals_baseline",
    "refusals_compressed",
    "unparsed_baseline",
    "unparsed_compressed",
    "newly_unparsed",
    "negative_flips_unparsed",
)


def compare_answers(baseline: pd.DataFrame, compressed: pd.DataFrame) -> pd.DataFrame:
    """Return a row for each task whose answers are generated, with the columns COLUMNS.

    Parameters
    ----------
    baseline, compressed : DataFrame
        What logs say of documents, by run: columns of answers.documents_of.

    Returns
    -------
    DataFrame
        Means over documents and over the pairs of a run of each side.
    """
    rows = []
    others = dict(tuple(_generated(compressed).groupby("task", sort=False)))
    for task, answers in _generated(baseline).groupby("task", sort=False):
        if task in others:
            rows.append({"task": task} | _row(_by_run(answers), _by_run(others[task])))
    return pd.DataFrame(rows, columns=COLUMNS)


def shown_answers(baseline: pd.DataFrame, compressed: pd.DataFrame) -> pd.DataFrame:
    """Return both answers to each document: `example_id`, `task`, `before` and `after`.

    With several runs those of the first. Of long answers what stands around the first difference.
    """
    first, second = (_generated(side) for side in (baseline, compressed))
    if not len(first) or not len(second):
        return pd.DataFrame(columns=["example_id", "task", "before", "after"], dtype="str")
    first, second = _by_run(first)[0], _by_run(second)[0]
    common = first.index.intersection(second.index, sort=False)
    pairs = [
        _around(before, after)
        for before, after in zip(
            first.loc[common, "answer"], second.loc[common, "answer"], strict=True
        )
    ]
    return pd.DataFrame(
        {
            "example_id": common,
            "task": first.loc[common, "task"].to_numpy(),
            "before": [before for before, _ in pairs],
            "after": [after for _, after in pairs],
        }
    )


def _around(before: str, after: str) -> tuple[str, str]:
    """Return two texts, cut alike where they are long."""
    start = max(0, first_difference(before, after) - BEFORE)
    if max(len(before), len(after)) <= LONGEST:
        start = 0

    def cut(text: str) -> str:
        part = text[start : start + LONGEST]
        return f"{'…' * (start > 0)}{part}{'…' * (start + LONGEST < len(text))}"

    return cut(before), cut(after)


def first_difference(before: str, after: str) -> int:
    """Return how many characters two texts begin with alike."""
    shorter = min(len(before), len(after))
    pairs = zip(before, after, strict=False)
    return next((place for place, (a, b) in enumerate(pairs) if a != b), shorter)


def is_refusal(answer: str) -> bool:
    """Return whether an answer begins as models refuse to answer, in English."""
    return REFUSAL.match(answer) is not None


def is_unparsed(answer: str, parsed: str | None) -> bool:
    """Return whether a filter found no answer in a text that is not empty."""
    nothing = not isinstance(parsed, str) or parsed.strip() in ("", INVALID)
    return nothing and bool(answer.strip())


def _generated(side: pd.DataFrame) -> pd.DataFrame:
    return side[side["answer"].notna()]


def _by_run(side: pd.DataFrame) -> list[pd.DataFrame]:
    return [run.set_index("example_id") for _, run in side.groupby("run", sort=False)]


def _row(first: list[pd.DataFrame], second: list[pd.DataFrame]) -> dict:
    common = first[0].index
    for run in [*first[1:], *second]:
        common = common.intersection(run.index, sort=False)
    first, second = ([run.loc[common] for run in side] for side in (first, second))
    facts = [pd.DataFrame(_facts(before, after)) for before in first for after in second]
    mean = pd.concat(facts).groupby(level=0, sort=False).mean()
    floor = math.nan
    if len(first) > 1:
        pairs = [(a, b) for a in range(len(first)) for b in range(a)]
        changed = [(first[a]["answer"] != first[b]["answer"]).mean() for a, b in pairs]
        floor = float(np.mean(changed))
    lengths = [
        np.stack([run["answer"].str.len() for run in side]).astype(float)
        for side in (first, second)
    ]
    clusters = of_examples(first[0])
    change = difference(lengths[0], lengths[1], clusters=clusters)
    none = np.zeros((1, len(common)))
    of_changed = difference(none, mean["changed"].to_numpy()[None], clusters=clusters)
    all_facts = pd.concat(facts)
    differing = all_facts[all_facts["changed"] == 1]
    sides = {"baseline": first, "compressed": second}
    row = {
        "documents": len(common),
        "changed": of_changed.estimate,
        "changed_low": max(0.0, of_changed.low),
        "changed_high": min(1.0, of_changed.high),
        "changed_floor": floor,
        "changed_same_verdict": mean["changed_same_verdict"].mean(),
        "first_difference": differing["first_difference"].median(),
        "first_difference_share": differing["first_difference_share"].median(),
        "length_change": change.estimate,
        "length_change_low": change.low,
        "length_change_high": change.high,
        "newly_unparsed": mean["newly_unparsed"].mean(),
        "negative_flips_unparsed": all_facts["negative_flips_unparsed"].sum() / len(facts),
    }
    for side, run in sides.items():
        answers = pd.concat(run)
        row[f"length_{side}"] = answers["answer"].str.len().mean()
        row[f"empty_{side}"] = (answers["answer"].str.strip() == "").mean()
        row[f"refusals_{side}"] = answers["answer"].map(is_refusal).mean()
        row[f"unparsed_{side}"] = _unparsed(answers).mean()
    return row


def _unparsed(answers: pd.DataFrame) -> np.ndarray:
    pairs = zip(answers["answer"], answers["parsed"], strict=True)
    return np.array([is_unparsed(*pair) for pair in pairs], dtype=float)


def _facts(before: pd.DataFrame, after: pd.DataFrame) -> dict[str, pd.Series]:
    """Return how a pair of runs answers each document, by example_id."""
    changed = before["answer"] != after["answer"]
    places = [
        first_difference(earlier, later)
        for earlier, later in zip(before["answer"], after["answer"], strict=True)
    ]
    lost = _unparsed(after).astype(bool) & ~_unparsed(before).astype(bool)
    worse = before["better"] * (before["value"] - after["value"]) > 0
    first = pd.Series(places, index=before.index, dtype=float)
    return {
        "changed": changed.astype(float),
        "changed_same_verdict": (changed & (before["value"] == after["value"])).astype(float),
        "first_difference": first,
        "first_difference_share": first / before["answer"].str.len().clip(lower=1),
        "newly_unparsed": pd.Series(lost.astype(float), index=before.index),
        "negative_flips_unparsed": (worse & lost).astype(float),
    }
