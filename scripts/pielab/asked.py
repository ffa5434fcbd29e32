"""Decoders, which lm-evaluation-harness asks in a study: what their config means, in terms of logs.

A decoder is compressed and asked in one job, and leaves the harness's logs in a folder of its own.
From then on a study of decoders is one of logs, whose runs are these folders.
"""

import os
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence

from pielab import methods
from pielab.architectures import architecture, architecture_names

ROOT = "results/asked"
RUN = "{dataset}/{model}/{method}/{level}"
DRAW, RERUN = "draw", "rerun"  # how the folders of runs begin
TOKENS, BATCH = 512, 16  # that a decoder reads of a calibration text; documents at a time
TASK = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.:-]*")
OF_TASKS = ("tasks", "tasks_from", "limit", "num_fewshot", "batch_size")  # keys of a dataset


def is_asked(model: object) -> bool:
    """Return whether a model of a config is one that the harness asks."""
    name = model.get("architecture") if isinstance(model, dict) else None
    return name in architecture_names() and architecture(name).asked


def are_asked(study: object) -> bool:
    """Return whether a study is one of decoders."""
    models = study.get("models") if isinstance(study, Mapping) else None
    return isinstance(models, dict) and any(map(is_asked, models.values()))


def is_of_folders(dataset: Mapping) -> bool:
    """Return whether a dataset is of tasks that lie in folders of lm-evaluation-harness."""
    return dataset["source"] == "lm_eval" and dataset["files"] is None


def name_folders(study: dict) -> None:
    """Write down the folders of the logs that decoders will leave as predictions of a study."""
    if not are_asked(study) or not isinstance(study.get("predictions"), dict | None):
        return
    predictions = study.get("predictions") or {}
    named = study.get("methods")
    if "files" not in predictions and isinstance(named, dict):
        predictions["files"] = folders(predictions, named)
    study["predictions"] = predictions


def folders(predictions: Mapping, named: Iterable[str]) -> dict[str, list[str]]:
    """Return the pattern of the folders of logs, for dense models and each method."""
    root = predictions.get("logs") or ROOT
    return {name: [f"{root}/{RUN}"] for name in ("dense", *named)}


def complete(study: dict) -> None:
    """Write down what a study of decoders leaves no choice of: one seed, all draws at once."""
    if not are_asked(study):
        return
    drawn = [
        method["calibration"] for method in study["methods"].values() if "calibration" in method
    ]
    for calibration in drawn:
        calibration |= {
            "draws_per_job": calibration["draws"],
            "tokens": calibration["tokens"] or TOKENS,
        }
    for dataset in study["datasets"].values():
        dataset["batch_size"] = dataset["batch_size"] or BATCH
    for model in filter(is_asked, study["models"].values()):
        model["seeds"] = model["seeds"] or 1
        if any(calibration["draws"] > 1 for calibration in drawn):
            model["differ_by"] = "draw"


def contradictions(study: Mapping) -> Iterator[str]:
    """Yield what no schema can check of decoders, and of keys that only they have."""
    if not are_asked(study):
        for name, dataset in study["datasets"].items():
            for key in (key for key in OF_TASKS[1:] if dataset[key] is not None):
                yield f"datasets.{name}.{key}: {dataset[key]!r}; expected with decoders"
        for name, method in study["methods"].items():
            tokens = (method.get("calibration") or {}).get("tokens")
            if tokens is not None:
                yield f"methods.{name}.calibration.tokens: {tokens}; expected with decoders"
        if isinstance(study["predictions"], dict) and study["predictions"]["logs"] is not None:
            yield f"predictions.logs: {study['predictions']['logs']!r}; expected with decoders"
        return
    for name, model in study["models"].items():
        if not is_asked(model):
            value = model["architecture"]
            yield f"models.{name}.architecture: {value!r}; expected decoders only, or none"
        elif model["seeds"] != 1:
            yield f"models.{name}.seeds: {model['seeds']}; expected 1 or no such key"
    predictions = study["predictions"]
    if isinstance(predictions, str):
        yield f"predictions: {predictions!r}; expected predictions.logs, a folder of decoders' logs"
    elif predictions["files"] != folders(predictions, study["methods"]):
        value = predictions["files"]
        yield f"predictions.files: {value}; expected no such key, as decoders are asked here"
    elif predictions["logs"] is not None and study["layers"]["methods"]:
        value = study["layers"]["methods"]
        yield f"layers.methods: {value}; expected none with predictions.logs, as nothing is asked"
    for name, dataset in study["datasets"].items():
        yield from _of_dataset(f"datasets.{name}", dataset)
    for name, method in study["methods"].items():
        yield from _of_method(f"methods.{name}", method)


def _of_dataset(where: str, dataset: Mapping) -> Iterator[str]:
    if not is_of_folders(dataset):
        yield f"{where}.source: {dataset['source']!r}; expected lm_eval without files, of decoders"
    if dataset["tasks"] is None:
        yield f"{where}: key 'tasks' is missing, what decoders are asked"
    for task in tasks_of(dataset):
        if not TASK.fullmatch(task):
            yield (
                f"{where}.tasks: {task!r}; expected names of tasks, no groups and no patterns, as "
                "a log is planned for each task before lm_eval runs"
            )


def _of_method(where: str, method: Mapping) -> Iterator[str]:
    name = methods.compressor_of(method)
    if methods.is_retrained(method) or not methods.compresses(method):
        schedule = method.get("schedule")
        yield (
            f"{where}.schedule: {schedule!r}; expected after-training, as decoders are not trained"
        )
    elif name == methods.EXTERNAL or methods.compressor(name).cpu_only:
        yield f"{where}.compressor: {name!r}; expected one that changes the weights of decoders"
    elif method.get("criterion") == "impact":
        yield f"{where}.criterion: 'impact'; expected another, as it reads labels of classes"
    drawn = methods.calibration(method)
    if drawn and not drawn["file"]:
        yield f"{where}.calibration.file: None; expected a file of texts, which decoders read"
    if drawn and drawn.get("chosen", "at-random") != "at-random":
        yield f"{where}.calibration.chosen: {drawn['chosen']!r}; expected at-random for decoders"


def runs(draws: int, reruns: Sequence[Mapping]) -> list[str]:
    """Return the names of the folders of a group's runs: of draws, then of reruns of the first."""
    named = [f"{RERUN}{number}" for number in range(1, len(reruns) + 1)]
    return [f"{DRAW}{draw}" for draw in range(draws)] + named


def tasks_of(dataset: Mapping) -> list[str]:
    """Return the tasks of a dataset, by name."""
    tasks = dataset["tasks"]
    return [tasks] if isinstance(tasks, str) else list(tasks or [])


def logs_of(folder: str, tasks: Iterable[str]) -> dict[str, str]:
    """Return the log of each task in the folder of a run, which is perhaps yet to come.

    One that an earlier run left may be gzipped.
    """
    plain = {task: f"{folder}/samples_{task}.jsonl" for task in tasks}
    if folder.startswith(f"{ROOT}/"):
        return plain
    return {
        task: f"{path}.gz" if os.path.isfile(f"{path}.gz") else path for task, path in plain.items()
    }
