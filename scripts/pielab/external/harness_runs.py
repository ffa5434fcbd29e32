"""List what differs between two runs of lm-evaluation-harness besides the answers."""

import json
import reprlib
from collections.abc import Sequence
from pathlib import Path

from pielab import harness_folders
from pielab.data import harness_logs

# Of `results_*.json`: what describes the run as a whole, and what stands there by task
OF_RUN = ["config", "lm_eval_version", "transformers_version", "chat_template_sha"]
OF_RUN += ["system_instruction_sha", "fewshot_as_multiturn"]
OF_TASK = ("configs", "versions", "n-shot", "n-samples")
NO_MATTER = ("config.bootstrap_iters", "config.use_cache")
MOST_NAMED = 3  # tasks, of those that a difference is of
REPEATED = "configs.metadata."  # the model's arguments


def differences(path: str, other: str) -> list[str]:
    """Return a sentence for each difference between the runs of two logs of one task.

    Raises
    ------
    ValueError
        Naming the file, and the line of a log, that cannot be read.
    """
    if path == other:
        return []
    return _of_prompts(path, other) + _of_results(path, other)


def only_once(found: Sequence[list[str]], tasks: Sequence[str]) -> list[str]:
    """Return the differences of a run's tasks, each once, with the tasks unless it is all.

    Parameters
    ----------
    found : sequence of list of str
        The differences of each task.
    tasks : sequence of str
        Their names; "" of a log that is not one of several.
    """
    of_tasks: dict[str, list[str]] = {}
    for task, lines in zip(tasks, found, strict=False):
        for line in lines:
            of_tasks.setdefault(line, []).append(task)
    sentences = []
    for line, differing in of_tasks.items():
        more = f" and {len(differing) - MOST_NAMED} more" if len(differing) > MOST_NAMED else ""
        named = (
            f"{', '.join(differing[:MOST_NAMED])}{more}: " if len(differing) < len(found) else ""
        )
        sentences.append(f"{named}{line}")
    return sentences


def in_one_only(tasks: Sequence[str]) -> list[str]:
    """Return a sentence on the tasks that only one of two runs has, if there are any."""
    if not tasks:
        return []
    some = "task is" if len(tasks) == 1 else "tasks are"
    return [f"{len(tasks)} {some} in one of the two runs only and left out: {', '.join(tasks)}"]


def _of_prompts(path: str, other: str) -> list[str]:
    prompts, other_prompts = _prompts(path), _prompts(other)
    both = [document for document in prompts if document in other_prompts]
    different = [document for document in both if prompts[document] != other_prompts[document]]
    lines = []
    if different:
        lines.append(
            f"{len(different)} of {len(both)} documents were asked with other prompts "
            f"(prompt_hash), such as {different[0]}: what changed may not be due to the model"
        )
    for asked, rest, run in ((prompts, other_prompts, "first"), (other_prompts, prompts, "other")):
        if only := len(asked.keys() - rest.keys()):
            lines.append(f"{only} of the {len(asked)} documents of the {run} run are in it only")
    return lines


def _prompts(path: str) -> dict[str, str]:
    """Return the hash of each document's prompt."""
    samples = harness_logs.read_documents(path)
    hashes = (sample.prompt_hash for sample in samples)
    return dict(zip(harness_logs.ids(samples), hashes, strict=True))


def _of_results(path: str, other: str) -> list[str]:
    files = {log: _results_file(log) for log in (path, other)}
    missing = [log for log, file in files.items() if file is None]
    if missing:
        return [
            f"no results_*.json of the same run beside {log}: what else differs is not known"
            for log in missing
        ]
    first, second = (_described(file, log) for log, file in files.items() if file)
    return [
        f"{key} is {_shown(first.get(key))} in the first run and {_shown(second.get(key))} in the "
        "other"
        for key in dict.fromkeys([*first, *second])
        if first.get(key) != second.get(key)
    ]


def _results_file(log: str) -> Path | None:
    """Return the results of a log's run: of its date, or the only ones beside it."""
    _, date = _task_and_date(log)
    if (dated := Path(log).with_name(f"results_{date}.json")).is_file():
        return dated
    found = sorted(Path(log).parent.glob("results*.json"))
    return found[0] if len(found) == 1 else None


def _task_and_date(log: str) -> tuple[str, str]:
    stem = harness_folders.unpacked(log).stem
    task, _, date = stem.removeprefix("samples_").rpartition("_")
    return task, date


def _ends_with(log: str, task: str) -> bool:
    return harness_folders.unpacked(log).stem.endswith(f"_{task}")


def _described(file: Path, log: str) -> dict[str, object]:
    """Return how results describe a run and the log's task: values by keys joined with dots."""
    try:
        results = json.loads(file.read_text(encoding="utf-8"))
        task, _ = _task_and_date(log)
        if task not in results.get("configs", {}):  # older releases write MODEL_TASK without a date
            known = [name for name in results.get("configs", {}) if _ends_with(log, name)]
            task = max(known, key=len, default=task)
        described = {key: results[key] for key in OF_RUN if key in results}
        for key in OF_TASK:
            if task in results.get(key, {}):
                described[key] = results[key][task]
        return _flat(described)
    except (ValueError, RecursionError, OSError, TypeError, AttributeError):
        expected = "the results of lm_eval, as a JSON object"
        raise ValueError(f"{file}: not readable; expected {expected}") from None


def _flat(values: dict, above: str = "") -> dict[str, object]:
    flat: dict[str, object] = {}
    for key, value in values.items():
        if isinstance(value, dict):
            flat |= _flat(value, f"{above}{key}.")
        elif f"{above}{key}" not in NO_MATTER and not above.startswith(REPEATED):
            flat[f"{above}{key}"] = value
    return flat


def _shown(value: object) -> str:
    return "not set" if value is None else reprlib.repr(value)
