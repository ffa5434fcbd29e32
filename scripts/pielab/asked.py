"""Decoders, which lm-evaluation-harness asks in a study: what their config means, in terms of logs.

A decoder is compressed and asked in one job, and leaves the harness's logs in a folder of its own.
From then on a study of decoders is one of logs, whose runs are these folders.
"""

import re
from collections.abc import Iterator, Mapping

from pielab import methods
from pielab.architectures import architecture, architecture_names

ROOT = "results/asked"
RUN = "{dataset}/{model}/{method}/{level}"
TASK = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.:-]*")
OF_TASKS = ("tasks", "tasks_from", "limit", "num_fewshot", "batch_size")  # keys of a dataset


def is_asked(model: object) -> bool:
    """Return whether a model of a config is one that the harness asks."""
    name = model.get("architecture") if isinstance(model, dict) else None
    return name in architecture_names() and architecture(name).asked


def are_asked(study: Mapping) -> bool:
    """Return whether a study is one of decoders."""
    models = study.get("models")
    return isinstance(models, dict) and any(map(is_asked, models.values()))


def name_folders(study: dict) -> None:
    """Write down the folders of the logs that decoders will leave as predictions of a study."""
    predictions = study.get("predictions")
    if not are_asked(study) or not isinstance(predictions, dict | None):
        return
    predictions = predictions or {}
    named = study.get("methods")
    if "files" not in predictions and isinstance(named, dict):
        root = predictions.get("logs") or ROOT
        folder = f"{root}/{RUN}"
        predictions["files"] = {name: [folder] for name in ("dense", *named)}
    study["predictions"] = predictions


def complete(study: dict) -> None:
    """Write down what a study of decoders leaves no choice of: one seed, all draws at once."""
    if not are_asked(study):
        return
    drawn = [own for each in study["methods"].values() if (own := methods.calibration(each))]
    for own in drawn:
        own["draws_per_job"] = own["draws"]
    for model in filter(is_asked, study["models"].values()):
        model["seeds"] = model["seeds"] or 1
        if any(own["draws"] > 1 for own in drawn):
            model["members"] = "draw"


def contradictions(study: Mapping) -> Iterator[str]:
    """Yield what no schema can say of decoders, and of keys that only they have."""
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
            said = model["architecture"]
            yield f"models.{name}.architecture: {said!r}; expected decoders only, or none"
        elif model["seeds"] != 1:
            yield f"models.{name}.seeds: {model['seeds']}; expected 1 or no such key"
    if isinstance(study["predictions"], str):
        said = study["predictions"]
        yield f"predictions: {said!r}; expected predictions.logs, the folder of a decoder's logs"
    for name, dataset in study["datasets"].items():
        yield from _of_dataset(f"datasets.{name}", dataset)
    for name, method in study["methods"].items():
        yield from _of_method(f"methods.{name}", method)
    if study["layers"]["methods"]:
        said = study["layers"]["methods"]
        yield f"layers.methods: {said}; expected none, as nothing puts layers of decoders back"


def _of_dataset(where: str, dataset: Mapping) -> Iterator[str]:
    if dataset["source"] != "lm_eval" or dataset["files"] is not None:
        yield f"{where}.source: {dataset['source']!r}; expected lm_eval without files, of decoders"
    if dataset["tasks"] is None:
        yield f"{where}: key 'tasks' is missing, what decoders are asked"
    for task in tasks_of(dataset):
        if not TASK.fullmatch(task):
            yield f"{where}.tasks: {task!r}; expected names of tasks, no groups and no patterns"


def _of_method(where: str, method: Mapping) -> Iterator[str]:
    name = methods.compressor_of(method)
    if methods.is_retrained(method) or not methods.compresses(method):
        said = method.get("schedule")
        yield f"{where}.schedule: {said!r}; expected after-training, as decoders are not trained"
    elif name == methods.EXTERNAL or methods.compressor(name).cpu_only:
        yield f"{where}.compressor: {name!r}; expected one that changes the weights of decoders"
    elif method.get("criterion") == "impact":
        yield f"{where}.criterion: 'impact'; expected another, as it reads labels of classes"
    drawn = methods.calibration(method)
    if drawn and not drawn["file"]:
        yield f"{where}.calibration.file: None; expected a file of texts, which decoders read"
    if drawn and drawn["chosen"] != "at-random":
        yield f"{where}.calibration.chosen: {drawn['chosen']!r}; expected at-random for decoders"


def tasks_of(dataset: Mapping) -> list[str]:
    """Return the tasks of a dataset, by name."""
    tasks = dataset["tasks"]
    return [tasks] if isinstance(tasks, str) else list(tasks or [])
