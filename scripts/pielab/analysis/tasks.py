"""Compare two versions task by task, as logs of lm-evaluation-harness score their documents."""

import math
from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np
import pandas as pd

from pielab.pies.clusters import codes
from pielab.stats import paired
from pielab.stats.distributions import normal_cdf, normal_quantile
from pielab.stats.significance import false_discovery

TASK, GROUP = "task", "group"  # kinds of rows
COLUMNS = (
    "kind",
    "task",
    "metric",
    "filter",
    "documents",
    "clusters",
    "runs_baseline",
    "runs_compressed",
    "score_baseline",
    "score_compressed",
    "change",
    "change_low",
    "change_high",
    "better",
    "negative_flips",
    "positive_flips",
    "negative_flip_floor",
    "negative_flip_excess",
    "negative_flip_excess_low",
    "negative_flip_excess_high",
    "mcnemar_p",
    "p",
    "q",
    "weights",
    "note",
)


class Group(NamedTuple):
    """A group of tasks, as a run's results describe it."""

    name: str
    tasks: tuple[str, ...]  # in the order in which lm_eval adds them up
    by_size: bool  # whether tasks weigh as many documents as they have


def compare_tasks(
    baseline: pd.DataFrame, compressed: pd.DataFrame, groups: Sequence[Group] = ()
) -> pd.DataFrame:
    """Return a row a task, and below these a row a group, with the columns COLUMNS.

    Parameters
    ----------
    baseline, compressed : DataFrame
        What logs say of documents, by run: columns of answers.documents_of.
    groups : sequence of Group
        Those of which two versions have tasks in common.
    """
    rows, variances = [], {}
    of_tasks = dict(tuple(compressed.groupby("task", sort=False)))
    for task, documents in baseline.groupby("task", sort=False):
        if task in of_tasks:
            row, variances[task] = _row(str(task), documents, of_tasks[task])
            rows.append(row)
    table = pd.DataFrame(rows, columns=COLUMNS)
    table["q"] = false_discovery(table["p"].astype(float)).to_numpy()
    joined = [_group_row(group, table, variances) for group in groups]
    parts = [table, pd.DataFrame([row for row in joined if row], columns=COLUMNS)]
    return pd.concat([part for part in parts if len(part)] or parts[:1], ignore_index=True)


def _row(task: str, baseline: pd.DataFrame, compressed: pd.DataFrame) -> tuple[dict, float]:
    """Return a task's row, and the variance of its change."""
    first, second = (_wide(side) for side in (baseline, compressed))
    common = first.index.intersection(second.index, sort=False)
    before, after = (side.loc[common].to_numpy().T for side in (first, second))  # (runs, documents)
    documents = baseline.drop_duplicates("example_id").set_index("example_id").loc[common]
    clusters = codes(documents["cluster"])
    weights = documents["weight"].to_numpy()
    better, right_from, drop = (
        documents[name].iloc[0] for name in ("better", "right_from", "drop")
    )
    right_from = 1.0 if math.isnan(right_from) else right_from
    change = paired.difference(before, after, weights, clusters)
    least = None if math.isnan(drop) else drop
    flips, floor = paired.negative_flips(before, after, least, right_from, better)
    gains, _ = paired.negative_flips(after, before, least, right_from, better)
    beyond = paired.excess(flips, floor, clusters)
    single = clusters is None and len(before) == len(after) == 1
    single = single and bool(np.isin(np.concatenate([before, after]), (0, 1)).all())
    scores = [_score(side, common) for side in (baseline, compressed)]
    left = len(first) + len(second) - 2 * len(common)
    row = {
        "kind": TASK,
        "task": task,
        **documents[["metric", "filter"]].iloc[0].to_dict(),
        "documents": len(common),
        "clusters": len(common) if clusters is None else int(clusters.max()) + 1,
        "runs_baseline": len(before),
        "runs_compressed": len(after),
        **dict(zip(("score_baseline", "score_compressed"), scores, strict=True)),
        "change": change.estimate,
        "change_low": change.low,
        "change_high": change.high,
        "better": "higher" if better == 1 else "lower",
        "negative_flips": beyond.flips,
        "positive_flips": float(gains.sum()),
        "negative_flip_floor": beyond.floor,
        "negative_flip_excess": beyond.excess,
        "negative_flip_excess_low": beyond.excess_low,
        "negative_flip_excess_high": beyond.excess_high,
        "mcnemar_p": change.p if single else math.nan,
        "p": change.p,
        "q": math.nan,
        "weights": "",
        "note": f"{left} documents are in one of the two versions only" if left else "",
    }
    return row, change.variance


def _wide(side: pd.DataFrame) -> pd.DataFrame:
    """Return a column of values a run, by document in the first run's order."""
    runs = [run.set_index("example_id")["value"] for _, run in side.groupby("run", sort=False)]
    return pd.concat(runs, axis=1, join="inner")


def _score(side: pd.DataFrame, common: pd.Index) -> float:
    """Return the mean over runs of a version's score, each as lm_eval computes it."""
    kept = side[side["example_id"].isin(common)]
    scores = []
    for _, run in kept.groupby("run", sort=False):
        values, weights = run["value"].to_numpy(), run["weight"].to_numpy()
        total = sum((values * weights).tolist())
        scores.append(total / (len(run) if (weights == 1).all() else sum(weights.tolist())))
    return sum(scores) / len(scores)


def _group_row(group: Group, table: pd.DataFrame, variances: Mapping[str, float]) -> dict | None:
    """Return a group's row: of its tasks, weighted as lm_eval weights them; None without any."""
    places = {task: row for row, task in enumerate(table["task"])}
    of_group = table.iloc[[places[task] for task in group.tasks if task in places]]
    if of_group.empty:
        return None
    kinds = of_group[["metric", "filter", "better"]].drop_duplicates()
    row = dict.fromkeys(COLUMNS, math.nan) | {"kind": GROUP, "task": group.name}
    row |= {"metric": "", "filter": "", "better": "", "note": ""}
    row["weights"] = "documents" if group.by_size else "equal"
    for name in ("documents", "clusters", "negative_flips", "positive_flips"):
        row[name] = of_group[name].sum()
    for name in ("runs_baseline", "runs_compressed"):
        row[name] = of_group[name].min()
    if len(of_group) < len(group.tasks):
        lacking = [task for task in group.tasks if task not in places]
        row["note"] = (
            f"without {len(lacking)} of its {len(group.tasks)} tasks: {', '.join(lacking)}"
        )
    if len(kinds) > 1:
        notes = [str(row["note"]), "tasks of several metrics have no score"]
        row["note"] = "; ".join(filter(None, notes))
        return row
    row |= kinds.iloc[0].to_dict()
    sizes = of_group["documents"].tolist() if group.by_size else [1] * len(of_group)
    for name in ("score_baseline", "score_compressed"):
        row[name] = weighted(of_group[name].tolist(), sizes)
    shares = np.array(sizes) / sum(sizes)
    change = float(shares @ of_group["change"].to_numpy(float))
    variance = float(shares**2 @ np.array([variances[task] for task in of_group["task"]]))
    error = float(normal_quantile(0.975)) * variance**0.5
    row |= {"change": change, "change_low": change - error, "change_high": change + error}
    row["p"] = float(2 * normal_cdf(-abs(change) / variance**0.5)) if variance > 0 else math.nan
    return row


def weighted(scores: Sequence[float], sizes: Sequence[int]) -> float:
    """Return a group's score by the sum that lm_eval computes, to the last digit."""
    return sum([score * size for score, size in zip(scores, sizes, strict=True)]) / sum(sizes)
