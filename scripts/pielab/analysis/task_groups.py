"""Read from a run's results which groups of tasks it has, and how lm_eval weights their tasks."""

import math
from collections.abc import Iterable, Mapping

from pielab import harness_folders
from pielab.analysis.tasks import Group, weighted


def read_groups(paths: Iterable[str]) -> list[Group]:
    """Return the groups of runs by their results_*.json, each once.

    Results do not have a group's weights. So they are told from its score: that of all documents
    together, as by default, or else the mean of its tasks.
    """
    found: dict[str, Group] = {}
    for path in paths:
        results = harness_folders.read_results(path)
        for name, tasks in harness_folders.groups_in(results).items():
            found.setdefault(name, Group(name, tuple(tasks), _is_by_size(name, tasks, results)))
    return list(found.values())


def _is_by_size(group: str, tasks: list[str], results: Mapping) -> bool:
    """Return whether the group's scores are those of all documents together."""
    scores, stated = results.get("results", {}), results.get("groups", {}).get(group, {})
    counts = [_size(task, results) for task in tasks]
    sizes = [count for count in counts if count is not None]
    for key, value in stated.items():
        values = [scores.get(task, {}).get(key) for task in tasks]
        is_score = isinstance(value, float) and "_stderr" not in key
        if not is_score or None in values or len(sizes) < len(tasks):
            continue
        by_size = math.isclose(weighted(values, sizes), value, rel_tol=1e-9)
        if not by_size and math.isclose(weighted(values, [1] * len(values)), value, rel_tol=1e-9):
            return False
    return True


def _size(task: str, results: Mapping) -> int | None:
    return (results.get("n-samples", {}).get(task) or {}).get("effective")
