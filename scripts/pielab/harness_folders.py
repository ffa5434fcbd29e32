"""Find which tasks of lm-evaluation-harness lie in a folder of its output, and their groups.

Planning a graph reads this module, so it opens as little as it can.
"""

import json
import re
from collections.abc import Mapping
from functools import cache
from pathlib import Path

# How all releases begin a file; a user's own table may have `doc_id` first, but no `doc` after it
_START = re.compile(rb'\s*\[?\s*\{\s*"doc_id"\s*:\s*\d+\s*,\s*"doc"\s*:')
_DATED = re.compile(r"samples_(?P<task>.+)_\d{4}-\d\d-\d\dT[\d.:+-]+")
_PLAIN = re.compile(r"samples_(?P<task>.+)")


def is_log(path: str) -> bool:
    """Return whether a file has the name of a log, perhaps a gzipped one, or begins like one."""
    if Path(path).name.startswith("samples_") and unpacked(path).suffix in (".jsonl", ".json"):
        return True
    if Path(path).suffix not in (".jsonl", ".json") or not Path(path).is_file():
        return False
    with open(path, "rb") as file:
        return _START.match(file.read(256)) is not None


def unpacked(path: str | Path) -> Path:
    """Return a path without the ending of gzip."""
    return Path(str(path).removesuffix(".gz"))


def task_of(path: str) -> str:
    """Return the task of a log by its name; older releases write MODEL_TASK without a date.

    Of these the results beside the log have the tasks' names.
    """
    stem = unpacked(path).stem
    for pattern in (_DATED, _PLAIN):
        if found := pattern.fullmatch(stem):
            return found["task"]
    known = {name for file in results_files(str(Path(path).parent)) for name in _configs(file)}
    return max((name for name in known if stem.endswith(f"_{name}")), key=len, default=stem)


@cache
def logs_of(folder: str) -> dict[str, str]:
    """Return the log of each task in a folder and those below it, by task in order of names.

    Raises
    ------
    ValueError
        If there is no such folder, no log in it, or several logs of a task.
    """
    if not Path(folder).is_dir():
        raise ValueError(f"{folder}: no such folder; expected the output of lm_eval")
    endings = (".jsonl", ".json")
    files = (path for path in Path(folder).rglob("*") if unpacked(path).suffix in endings)
    logs: dict[str, str] = {}
    for path in sorted(map(str, filter(Path.is_file, files))):
        if not is_log(path):
            continue
        task = task_of(path)
        if task in logs:
            raise ValueError(
                f"{folder}: two logs of the task {task}, {logs[task]} and {path}; expected one run "
                "a folder: move each run into a folder of its own and list the folders"
            )
        logs[task] = path
    if not logs:
        raise ValueError(f"{folder}: no samples_*.jsonl; expected those of lm_eval --log_samples")
    return dict(sorted(logs.items()))


@cache
def results_files(folder: str) -> tuple[str, ...]:
    """Return the results_*.json of the runs in a folder and those below it."""
    return tuple(sorted(map(str, Path(folder).rglob("results*.json"))))


def _configs(path: str) -> list[str]:
    configs = read_results(path).get("configs")
    return list(configs) if isinstance(configs, dict) else []


def read_results(path: str) -> dict:
    """Return lm_eval's description of a run.

    Raises
    ------
    ValueError
        If that is no JSON object.
    """
    try:
        results = json.loads(Path(path).read_text(encoding="utf-8"))
    except (ValueError, RecursionError, OSError):
        results = None
    if not isinstance(results, dict):
        raise ValueError(f"{path}: not readable; expected the results of lm_eval, a JSON object")
    return results


def groups_of(folder: str) -> dict[str, list[str]]:
    """Return the tasks of each group in a folder's results, those of its subgroups among them."""
    groups: dict[str, list[str]] = {}
    for path in results_files(folder):
        groups |= groups_in(read_results(path))
    return groups


def groups_in(results: Mapping) -> dict[str, list[str]]:
    """Return the tasks of each group in a run's results, in the order of lm_eval."""
    stated = results.get("group_subtasks")
    if not isinstance(stated, dict):
        return {}
    children = {
        group: [child for child in below if isinstance(child, str)]
        for group, below in stated.items()
        if isinstance(below, list)
    }
    return {group: _leaves(group, children) for group, below in children.items() if below}


def _leaves(name: str, children: Mapping[str, list[str]]) -> list[str]:
    """Return the tasks below a name, in the order in which lm_eval adds them up."""
    found, seen, pending = [], {name}, [name]
    while pending:
        child = pending.pop()
        below = [task for task in children.get(child, []) if task not in seen]
        seen.update(below)
        pending += reversed(list(dict.fromkeys(below)))
        if not below and not children.get(child):
            found.append(child)
    return found or [name]
