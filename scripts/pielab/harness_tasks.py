"""Make datasets of the tasks that all runs of lm-evaluation-harness in a study have."""

import copy
import difflib
import re
from collections.abc import Iterable
from fnmatch import fnmatchcase

from pielab import asked, harness_folders
from pielab.cells import BY_TASK
from pielab.study import Study

NAME = 50  # letters of a dataset's name, at most
TASK = "task"  # the column that says of each document which task it is of
MOST_NAMED = 10


def with_tasks(study: Study) -> Study:
    """Return the study in which datasets of folders have their tasks.

    Such a dataset becomes one of all its tasks with `task` as a slice, or one for each task.

    Raises
    ------
    ValueError
        If a folder has no logs, or a task or group is in none of them, or predictions name a
        dataset or task that is not there.
    """
    found = _with_tasks(study)
    _check_names(found)
    return found


def _check_names(study: Study) -> None:
    """Reject keys of mappings in predictions that fit no dataset, or no task of any run."""
    tasks = dict.fromkeys(
        task
        for name, dataset in study.datasets.items()
        for task in [*(dataset.get("found_tasks") or [name]), *(dataset.get("not_in") or {})]
    )
    known = {"scores": ("dataset", study.datasets)} | dict.fromkeys(BY_TASK, ("task", tasks))
    for key, (kind, names) in known.items():
        chosen = (study.external or {}).get(key)
        for pattern in chosen if isinstance(chosen, dict) else ():
            if not any(fnmatchcase(name, str(pattern)) for name in names):
                raise ValueError(
                    f"predictions.{key}: {pattern!r} fits no {kind}; {_hint(pattern, names)}"
                )


def _hint(pattern: object, names: Iterable[str]) -> str:
    """Return the name that was probably meant, or some of those that there are."""
    every = list(names)
    if near := difflib.get_close_matches(str(pattern), every, n=1):
        return f"did you mean {near[0]}?"
    return f"expected one of {', '.join(every[:MOST_NAMED])}" + ", ..." * (len(every) > MOST_NAMED)


def _with_tasks(study: Study) -> Study:
    """Return the study in which datasets of folders have their tasks, as with_tasks."""
    of_folders = [name for name, own in study.datasets.items() if asked.is_of_folders(own)]
    of_inspect = [name for name in study.datasets if study.is_of_inspect(name)]
    if not of_folders and not of_inspect:
        return study
    config = copy.deepcopy(study.config)
    for name in of_inspect:
        cells = [cell for cell in study.groups if cell.dataset == name]
        tables = dict.fromkeys(
            path for cell in cells for path in study.external_files(cell, "test")
        )
        # The documents that all runs have scored, and no others
        changed = {"files": {"test": {path: path for path in tables}}, "max_left_out": 1}
        config["datasets"][name] |= changed
    for key in ("datasets", "training"):
        config[key] = {name: value for name, value in config[key].items() if name not in of_folders}
    for name in of_folders:
        described, trained = study.datasets[name], study.training.get(name)
        for task, dataset in _datasets(study, name, described).items():
            if task in config["datasets"]:
                raise ValueError(f"datasets.{name}: task {task}; a dataset has this name already")
            config["datasets"][task] = dataset
            if trained is not None:
                config["training"][task] = trained
    return Study(config)


def _datasets(study: Study, name: str, described: dict) -> dict[str, dict]:
    """Return the datasets that a dataset of folders stands for, by name."""
    cells = [cell for cell in study.groups if cell.dataset == name]
    folders = dict.fromkeys(path for cell in cells for path in study.folders(cell))
    if not folders:
        return {name: described}
    if study.has_decoders:
        return _asked(study, name, described)
    runs = {folder: harness_folders.logs_of(folder) for folder in folders}
    wanted = _wanted(name, described["tasks"], runs)
    missing = {
        task: [folder for folder, logs in runs.items() if task not in logs] for task in wanted
    }
    common = [task for task in wanted if not missing[task]]
    if not common:
        listed = ", ".join(wanted[:MOST_NAMED])
        raise ValueError(
            f"datasets.{name}.tasks: no task that all of {', '.join(runs)} have ({listed})"
        )
    dense = next(iter(runs.values()))
    shared = described | {"not_in": {task: lacking for task, lacking in missing.items() if lacking}}
    if described["tasks_as"] == "datasets":
        return {
            _dataset_name(task): shared
            | {"found_tasks": [task], "files": {"test": dense[task]}}
            | ({} if task == common[0] else {"not_in": {}})
            for task in common
        }
    files = {"test": {task: dense[task] for task in common}}
    sliced = [*([TASK] if len(common) > 1 else []), *described["slice_by"]]
    return {
        name: shared
        | {"found_tasks": common, "files": files, "slice_by": list(dict.fromkeys(sliced))}
    }


def _asked(study: Study, name: str, described: dict) -> dict[str, dict]:
    """Return the datasets of the tasks that decoders are asked, whose logs are yet to come."""
    tasks, (dense, *_) = asked.tasks_of(described), study.dense_cells
    if described["tasks_as"] == "datasets":
        parts = {_dataset_name(task): [task] for task in tasks}
    else:
        parts = {name: tasks}
    found = {}
    for dataset, listed in parts.items():
        (folder, *_) = study.folders(dense._replace(dataset=dataset))
        logs = asked.logs_of(folder, listed)
        files = {"test": logs if described["tasks_as"] == "slice" else logs[listed[0]]}
        sliced = [*([TASK] if len(listed) > 1 else []), *described["slice_by"]]
        changed = {"found_tasks": listed, "files": files, "tasks": listed}
        found[dataset] = described | changed | {"slice_by": list(dict.fromkeys(sliced))}
    return found


def _wanted(name: str, asked: str | list[str] | None, runs: dict[str, dict]) -> list[str]:
    """Return the tasks that the config asks for: by name, pattern or group; all without any."""
    tasks = list(dict.fromkeys(task for logs in runs.values() for task in logs))
    if asked is None:
        return sorted(tasks)
    found: list[str] = []
    for pattern in [asked] if isinstance(asked, str) else asked:
        matching = [task for task in tasks if fnmatchcase(task, pattern)]
        if not matching:
            groups: dict[str, list[str]] = {}
            for folder in runs:
                groups |= harness_folders.groups_of(folder)
            matching = [task for task in groups.get(pattern, []) if task in tasks]
        if not matching:
            listed = ", ".join(sorted(tasks)[:MOST_NAMED])
            raise ValueError(
                f"datasets.{name}.tasks: {pattern!r}; expected a task, a group or a pattern of "
                f"those in {', '.join(runs)}, such as {listed}"
            )
        found += matching
    return list(dict.fromkeys(found))


def _dataset_name(task: str) -> str:
    """Return a task's name as a dataset may be called."""
    return re.sub("[^A-Za-z0-9_-]", "-", task).lstrip("_-")[:NAME]
