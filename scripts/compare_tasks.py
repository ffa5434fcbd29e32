"""Tabulate by task how versions differ, as logs of lm-evaluation-harness score their documents."""

import pandas as pd

from pielab import files, jobs, logs
from pielab.analysis import generated, task_groups, tasks
from pielab.vocabulary import KEYS, SIDES

Pair = tuple[str, pd.DataFrame, pd.DataFrame]  # a dataset, and what logs say of both versions


def read_documents(paths: list[str]) -> pd.DataFrame:
    """Return the logged documents of a version, none for versions without logs."""
    parts = [pd.read_parquet(path) for path in paths]
    return pd.concat([part for part in parts if len(part)] or parts[:1], ignore_index=True)


def main(settings: dict, inputs: dict[str, list[str]], outputs: dict[str, str]) -> None:
    groups = task_groups.read_groups(inputs["results"])
    documents, versions = inputs["documents"], dict[tuple, list[Pair]]()
    shown = []
    for comparison in settings["comparisons"]:
        pair = [read_documents([documents[row] for row in comparison[side]]) for side in SIDES]
        if all(map(len, pair)):
            version = tuple(comparison["keys"][name] for name in KEYS[1:])
            versions.setdefault(version, []).append(
                (comparison["keys"]["dataset"], pair[0], pair[1])
            )
            shown.append(generated.shown_answers(*pair).assign(**comparison["keys"]))
    for name, compare, columns in (
        ("tasks", lambda pairs: compare_tasks(pairs, groups), tasks.COLUMNS),
        ("answers", compare_answers, generated.COLUMNS),
    ):
        found = [
            compare(pairs).assign(**dict(zip(KEYS[1:], version, strict=True)))
            for version, pairs in versions.items()
        ]
        none = [pd.DataFrame(columns=[*KEYS, *columns])]
        table = pd.concat([part for part in found if len(part)] or none, ignore_index=True)
        files.write_frame(outputs[name], table[[*KEYS, *columns]])
        logs.logger.info("%s: %d rows of %d versions", name, len(table), len(versions))
    files.write_frame(outputs["shown"], pd.concat(shown or [pd.DataFrame()], ignore_index=True))


def compare_tasks(pairs: list[Pair], groups: list[tasks.Group]) -> pd.DataFrame:
    """Return the tasks of a version in all its datasets, which are adjusted for together."""
    sides = [pd.concat([pair[side] for pair in pairs], ignore_index=True) for side in (1, 2)]
    rows = tasks.compare_tasks(sides[0], sides[1], groups)
    datasets = {task: name for name, first, _ in pairs for task in first["task"].unique()}
    # A group of tasks that are a dataset each is none of these
    only = pairs[0][0] if len(pairs) == 1 else None
    return rows.assign(dataset=[datasets.get(task, only or task) for task in rows["task"]])


def compare_answers(pairs: list[Pair]) -> pd.DataFrame:
    """Return the tasks of a version whose answers are generated."""
    parts = [generated.compare_answers(*sides).assign(dataset=name) for name, *sides in pairs]
    return pd.concat(parts, ignore_index=True)


if "snakemake" in globals():
    with jobs.job(snakemake) as job:
        main(job.settings, job.inputs, job.outputs)
