"""Compress a decoder and hand it to lm-evaluation-harness in memory; write what the harness logs.

    python -m pielab.training.asking JOB

runs in an environment that has lm_eval. JOB is a file of JSON with `settings`, `inputs` and
`outputs`, see main.
"""

import json
import logging
import os
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from pielab import files, leftovers
from pielab.data.encoding import read_tokenizer
from pielab.training import decoders, devices, weights

OFFLINE = ("HF_HUB_OFFLINE", "HF_DATASETS_OFFLINE")  # unless the user has set them
# Of results.json: where and when it was computed, which changes no answer
NOT_SAID = (
    "pretty_env_info",
    "git_hash",
    "upper_git_hash",
    "date",
    "start_time",
    "end_time",
    "total_evaluation_time_seconds",
    "model_name",
    "model_name_sanitized",
)

logger = logging.getLogger("pielab")


def main(settings: dict, inputs: Mapping[str, Any], outputs: Mapping[str, Any]) -> None:
    """Compress, ask, and write the log of each task and the results of all.

    Parameters
    ----------
    settings : dict
        `model`, `device`, `threads`; `method`, `level` and `draw` of a compressed model; `tasks`,
        `tasks_from`, `limit`, `num_fewshot` and `batch_size`; perhaps `dtype`, the precision.
    inputs : mapping
        `pretrained`: the weights in a fetched folder, with all that lies beside it.
    outputs : mapping
        `samples`: a path for each task; `results`; `weights`, what is known of them.
    """
    for name in OFFLINE:
        os.environ.setdefault(name, "1")
    devices.make_deterministic(settings["threads"])
    device = devices.choose_device(settings["device"])
    model = decoders.compressed(settings, inputs["pretrained"], device)
    devices.describe(device, model.autocasts)
    files.write_text(outputs["weights"], weights.as_json(model, model.saved_as.itemsize))
    tokenizer = read_tokenizer(Path(inputs["pretrained"]).parent)
    results = ask(model.answering(settings.get("dtype")).to(device), tokenizer, settings)
    with leftovers.temporary_folder() as folder:
        write(results, settings["tasks"], Path(folder), outputs)


def ask(model: Any, tokenizer: Any, settings: dict) -> dict:
    """Return the results of lm_eval's simple_evaluate for a model in memory.

    Raises
    ------
    ValueError
        If lm_eval knows no such task, or it is a group.
    """
    from lm_eval import simple_evaluate
    from lm_eval.models.huggingface import HFLM

    manager = find_tasks(settings["tasks"], settings["tasks_from"])
    lm = HFLM(pretrained=model, tokenizer=tokenizer, batch_size=settings["batch_size"])
    results = simple_evaluate(
        model=lm,
        tasks=list(settings["tasks"]),
        task_manager=manager,
        num_fewshot=settings["num_fewshot"],
        limit=settings["limit"],
        batch_size=settings["batch_size"],
        log_samples=True,
        bootstrap_iters=0,
    )
    several = [name for name in results["samples"] if name not in settings["tasks"]]
    if several:
        raise ValueError(
            f"tasks: {', '.join(settings['tasks'])}; expected tasks and no groups, such as "
            f"{', '.join(several[:5])}"
        )
    return results


def find_tasks(tasks: Sequence[str], folder: str | None) -> Any:
    """Return a manager that knows these tasks: those in a folder, else lm_eval's own too.

    Raises
    ------
    ValueError
        Naming a task that it does not know.
    """
    from lm_eval.tasks import TaskManager

    for defaults in [False, True] if folder else [True]:  # its own are many, and take seconds
        manager = TaskManager(include_path=folder, include_defaults=defaults)
        unknown = [name for name in tasks if name not in manager.all_tasks]
        if not unknown:
            return manager
    where = f"in {folder} or in lm_eval" if folder else "in lm_eval"
    raise ValueError(f"tasks: {unknown[0]!r}; expected a task {where}")


def write(results: dict, tasks: Sequence[str], folder: Path, outputs: Mapping[str, Any]) -> None:
    """Write the log of each task as lm_eval does, and its results, by a folder for its files.

    Raises
    ------
    ValueError
        If lm_eval has not written a log.
    """
    from lm_eval.loggers import EvaluationTracker

    tracker = EvaluationTracker(output_path=str(folder))
    tracker.general_config_tracker.log_experiment_args("CUSTOM", "", None, None, True)
    samples = results.pop("samples")
    stated = {name: value for name, value in results.items() if name not in NOT_SAID}
    tracker.save_results_aggregated(results=stated, samples=samples)
    for task, output in zip(tasks, outputs["samples"], strict=True):
        tracker.save_results_samples(task_name=task, samples=samples[task])
        move(folder, f"samples_{task}_*.jsonl", output)
    (path,) = folder.rglob("results_*.json")
    described = {
        name: value for name, value in files.read_json(path).items() if name not in NOT_SAID
    }
    files.write_text(outputs["results"], json.dumps(described, indent=1, ensure_ascii=False) + "\n")


def move(folder: Path, pattern: str, output: str) -> None:
    """Write the only file of a pattern to where it belongs."""
    found = list(folder.rglob(pattern))
    if len(found) != 1:
        raise ValueError(f"{output}: lm_eval wrote {len(found)} logs; expected one")
    files.write_text(output, found[0].read_text(encoding="utf-8"))


if __name__ == "__main__":
    described = json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))
    main(described["settings"], described["inputs"], described["outputs"])
