"""Check what no schema can: names that point nowhere, and keys that exclude each other."""

from collections.abc import Iterator
from glob import glob

from pielab import architectures, asked, influence_measures, methods, text_scores
from pielab.cells import BY_TASK, fill

TRAINED_BY = ("epochs", "learning_rate", "batch_size")  # hyperparameters of models that train

# Key of a dataset that logs leave nothing to say with, and its default
SAID_BY_LOGS = {
    "columns": {"text": "text", "label": "label"},
    "classes": None,
    "task": "single-label",
}

OF_FOLDERS = {"tasks": None, "tasks_as": "slice"}  # keys of datasets of folders of logs


def source_files(dataset: dict) -> list[str]:
    """Return the local files that a dataset is read from; a log's pattern, if none is there."""
    specs = (dataset["files"] or {}).values()
    paths = [
        path for spec in specs for path in (spec.values() if isinstance(spec, dict) else [spec])
    ]
    if dataset["source"] != "lm_eval":
        return paths
    return [file for path in paths for file in sorted(glob(path, recursive=True)) or [path]]


def contradictions(study: dict) -> Iterator[str]:
    """Yield what no schema can check: names that point nowhere and keys that exclude each other."""
    yield from asked.contradictions(study)
    yield from _contradictions_of_predictions(study)
    for section in ("datasets", "models", "methods"):
        for name in filter(_is_no_text_in_a_table, study[section]):
            yield f"{section}: {name!r} is not a name; in a csv table it reads as something else"
        alike: dict[str, str] = {}
        for name in study[section]:
            if (first := alike.setdefault(name.casefold(), name)) != name:
                yield (
                    f"{section}: {first} and {name} differ in case alone; expected other names, as "
                    "some file systems take these for one"
                )
    for dataset, pairs in study["training"].items():
        for kind, name in [("datasets", dataset), *(("models", model) for model in pairs)]:
            if name not in study[kind]:
                names = ", ".join(study[kind])
                yield f"training.{dataset}: {name!r} is not one of {kind} ({names})"
        for name, training in pairs.items():
            model = study["models"].get(name, {})
            yield from _contradictions_of_training(f"training.{dataset}.{name}", training, model)
            if training.get("pad_with") == "mean" and not model.get("pad_to_max_tokens"):
                yield f"training.{dataset}.{name}.pad_with: mean; expected with pad_to_max_tokens"
    yield from influence_measures.contradictions(study)
    yield from methods.contradictions(study)
    yield from text_scores.contradictions(study["methods"])
    if not _is_external(study):
        yield from _contradictions_of_checkpoints(study)
        yield from _contradictions_of_texts(study)
    for name, dataset in study["datasets"].items():
        yield from _contradictions_of_dataset(f"datasets.{name}", dataset)
        bins, examples = study["influence"]["bins"], dataset["max_train"]
        if name in study["training"] and examples and bins > examples and not _is_external(study):
            yield f"influence.bins: {bins}; expected at most datasets.{name}.max_train, {examples}"
    for name, model in study["models"].items():
        yield from _contradictions_of_model(f"models.{name}", model)
    for name in study["export"]["methods"]:
        kept, method = study["compute"]["keep_pruned_models"], study["methods"].get(name)
        if method is None or method.get("criterion") == "none":
            yield f"export.methods: {name!r}; expected methods that compress"
        elif methods.is_retrained(method) and not kept:
            yield (
                f"export.methods: {name!r}; expected methods that compress after training, or "
                "compute.keep_pruned_models: true, which keeps the weights of those that train"
            )
    for name, limits in study["gate"]["rules"].items():
        if limits and limits["warn"] > limits["block"]:
            where, most = f"gate.rules.{name}.warn", limits["block"]
            yield f"{where}: {limits['warn']}; expected at most block, {most}"


def _contradictions_of_predictions(study: dict) -> Iterator[str]:
    predictions = study["predictions"]
    if isinstance(predictions, str) and _has_braces(predictions):
        yield f"predictions: {predictions!r}; expected a path without {{ and }}"
    if not isinstance(predictions, dict):
        if not study["training"]:
            yield "top level: key 'training' is missing"
        for name, model in study["models"].items():
            if model["architecture"] == architectures.EXTERNAL:
                yield f"models.{name}.architecture: 'external'; expected with predictions.files"
        for name, dataset in study["datasets"].items():
            models = [study["models"].get(model, {}) for model in study["training"].get(name, {})]
            trains = not models or any(not model.get("checkpoints") for model in models)
            if dataset["files"] and "train" not in dataset["files"] and trains:
                yield f"datasets.{name}.files: key 'train' is missing"
            if asked.is_of_folders(dataset) or dataset["source"] == "inspect":
                yield f"datasets.{name}.files: None; expected logs, or predictions.files"
        return
    named, files = ["dense", *study["methods"]], predictions["files"]
    of_folders = [name for name, own in study["datasets"].items() if asked.is_of_folders(own)]
    if of_folders and len(of_folders) < len(study["datasets"]):
        other = next(name for name in study["datasets"] if name not in of_folders)
        yield (
            f"datasets.{of_folders[0]}.files: None; expected files, as datasets.{other} has them: "
            "predictions.files are folders for all datasets or for none"
        )
    for name in files:
        if name not in named:
            yield f"predictions.files: {name!r} is not dense or one of methods ({', '.join(named)})"
    for name in named:
        if name not in files:
            yield f"predictions.files: key {name!r} is missing"
    patterns = [(name, path) for name, paths in files.items() for path in paths]
    for name, pattern in patterns:
        known = ("dataset", "model", "method", "level", "split")
        if _has_braces(fill(pattern, dict.fromkeys(known, ""))):
            yield (
                f"predictions.files.{name}: {pattern!r}; expected no braces but those of "
                "{dataset}, {model}, {method}, {level} and {split}"
            )
        levels = methods.own_levels(study["methods"][name]) if name in study["methods"] else None
        several = len(study["sparsities"] if levels is None else levels) > 1
        if name in study["methods"] and several and "{level}" not in pattern:
            yield (
                f"predictions.files.{name}: {pattern!r}; expected {{level}} in it, since the "
                "method has several levels"
            )
    yield from _files_of_several(study, patterns, ["model"] if of_folders else ["dataset", "model"])
    yield from _contradictions_of_columns(study)
    # Older releases of the harness name logs for the model; what a file holds is known later
    from_inspect = any(dataset["source"] == "inspect" for dataset in study["datasets"].values())
    looks_like_log = any(
        "samples_" in path or path.endswith((".json", ".jsonl")) for _, path in patterns
    )
    logs = of_folders or from_inspect or looks_like_log
    for key in BY_TASK:
        if predictions[key] is not None and not logs:
            yield f"predictions.{key}: {predictions[key]!r}; expected with logs, samples_*.jsonl"


def _files_of_several(
    study: dict, patterns: list[tuple[str, str]], told_apart: list[str]
) -> Iterator[str]:
    """Yield which paths of predictions several datasets or models would share."""
    pairs = study.get("training") or {name: study["models"] for name in study["datasets"]}
    counts = {"dataset": len(pairs), "model": max(map(len, pairs.values()), default=0)}
    for name, pattern in patterns:
        for key in (key for key in told_apart if counts[key] > 1):
            if f"{{{key}}}" not in pattern:
                yield (
                    f"predictions.files.{name}: {pattern!r}; expected {{{key}}} in it, since the "
                    f"study has several {key}s"
                )


def _contradictions_of_columns(study: dict) -> Iterator[str]:
    predictions = study["predictions"]
    if "{class}" not in predictions["columns"]["scores"]:
        pattern = predictions["columns"]["scores"]
        yield f"predictions.columns.scores: {pattern!r}; expected a name with {{class}} in it"
    names = [str(name) for name in (predictions["labels"] or {}).values()]
    for name in sorted({name for name in names if names.count(name) > 1}):
        yield f"predictions.labels: {name!r} for several classes; expected one class for each name"
    threshold = predictions["threshold"]
    scores = predictions["scores"]
    kinds = list(scores.values()) if isinstance(scores, dict) else [scores]
    if threshold is not None and "labels" in kinds:
        yield f"predictions.threshold: {threshold}; expected with probabilities or logits"


def _contradictions_of_training(where: str, training: dict, model: dict) -> Iterator[str]:
    if model.get("architecture") == architectures.EXTERNAL or not model or asked.is_asked(model):
        return
    if model["checkpoints"]:
        for key in (key for key in TRAINED_BY if key in training):
            yield f"{where}.{key}: {training[key]!r}; expected no such key, as nothing trains"
        return
    for key in (key for key in (*TRAINED_BY, "max_tokens") if key not in training):
        yield f"{where}: key {key!r} is missing"


def _contradictions_of_checkpoints(study: dict) -> Iterator[str]:
    """Yield what models that were trained elsewhere rule out."""
    elsewhere = [name for name, model in study["models"].items() if model["checkpoints"]]
    every = [name for pairs in study["training"].values() for name in pairs]
    used = [name for name in every if name in elsewhere]
    for name in (name for name in every if used and name not in elsewhere):
        yield f"models.{name}: no checkpoints; expected some, as models.{used[0]} has them"
    for name, method in study["methods"].items() if used else ():
        if methods.is_retrained(method):
            yield (
                f"methods.{name}.schedule: {method['schedule']!r}; expected after-training, since "
                f"models.{used[0]}.checkpoints are not trained here"
            )
    for name in elsewhere:
        model, where = study["models"][name], f"models.{name}"
        for key in ("freeze_embeddings", "freeze_layers", "layers", "dropout", "revision"):
            if model[key]:
                yield f"{where}.{key}: {model[key]!r}; expected with pretrained, not checkpoints"
        if model["pretrained"] is not None:
            path = model["checkpoints"]
            yield f"{where}.checkpoints: {path!r}; expected either this or pretrained"


def _contradictions_of_texts(study: dict) -> Iterator[str]:
    """Yield which methods read texts that the study does not have."""
    files = {name: dataset["files"] or ["train"] for name, dataset in study["datasets"].items()}
    without = [name for name in study["training"] if "train" not in files.get(name, ["train"])]
    for name, method in study["methods"].items():
        drawn = methods.calibration(method) or {}
        chosen = drawn.get("chosen", "at-random")
        if drawn.get("file") and chosen != "at-random":
            yield (
                f"methods.{name}.calibration.chosen: {chosen!r}; expected at-random, as the texts "
                "of calibration.file have no scores"
            )
    for name, method in study["methods"].items() if without else ():
        drawn = methods.calibration(method) or {}
        if drawn and not drawn.get("file") and "compressor" in method:
            yield (
                f"methods.{name}.calibration.file: None; expected a file of texts, as "
                f"datasets.{without[0]}.files has no train"
            )
        if method.get("criterion") == "impact":
            yield (
                f"methods.{name}.criterion: 'impact'; expected with datasets.{without[0]}.files."
                "train, whose labels it reads"
            )


def _contradictions_of_model(where: str, model: dict) -> Iterator[str]:
    known = architectures.architecture(model["architecture"])
    starts = [architectures.architecture(name) for name in architectures.architecture_names()]
    for key in dict.fromkeys(key for start in starts for key in start.starts_from):
        if model[key] is not None and key not in known.starts_from:
            yield f"{where}.{key}: {model[key]!r}; {_expected_where(key)}"
    if known.starts_from and not any(model[key] is not None for key in known.starts_from):
        key = known.starts_from[0]
        yield f"{where}.{key}: None; {_expected_where(key)}"
    for key, unused in architectures.unused_values().items():
        if model[key] != unused and key not in known.keys:
            yield f"{where}.{key}: {model[key]!r}; {_expected_where(key)}"
    if _has_braces(model["vectors"] or ""):
        yield f"{where}.vectors: {model['vectors']!r}; expected a path without {{ and }}"
    if model["seeds"] is None:
        yield f"{where}: key 'seeds' is missing"
    frozen, layers = model["freeze_layers"], model["layers"]
    if frozen and layers and frozen >= layers:
        yield f"{where}.freeze_layers: {frozen}; expected fewer than layers, which is {layers}"


def _expected_where(key: str) -> str:
    return f"expected where architecture is {' or '.join(architectures.readers(key))}"


def _contradictions_of_dataset(where: str, dataset: dict) -> Iterator[str]:
    from_log = dataset["source"] in ("lm_eval", "inspect")
    for key, sources in (("files", ("files", "lm_eval")), ("hub", ("hub",))):
        of_folders = dataset["source"] == "lm_eval" and key == "files" and dataset[key] is None
        if (dataset[key] is not None) != (dataset["source"] in sources) and not of_folders:
            owners = " or ".join(sources)
            yield f"{where}.{key}: {dataset[key]!r}; expected where source is {owners}"
    if from_log:
        yield from _contradictions_of_log(where, dataset)
    for key, unused in OF_FOLDERS.items():
        if dataset[key] != unused and not asked.is_of_folders(dataset):
            yield (
                f"{where}.{key}: {dataset[key]!r}; expected where source is lm_eval, without files"
            )
    if dataset["cluster_by"] and not from_log:
        stated = f"{where}.cluster_by: {dataset['cluster_by']}"
        yield f"{stated}; expected where source is lm_eval or inspect"
    if dataset["slice_by"] and dataset["source"] not in ("files", "hub", "lm_eval", "inspect"):
        yield (
            f"{where}.slice_by: {dataset['slice_by']}; expected where source is files, hub, "
            "lm_eval or inspect"
        )
    for path in filter(_has_braces, source_files(dataset)):
        yield f"{where}.files: {path!r}; expected a path without {{ and }}"
    names = [str(name) for name in dataset["classes"] or []]
    if len(set(names)) < len(names):
        yield f"{where}.classes: {names}; expected each class once"
    for key in ("drop_labels", "max_train_by_class"):
        if dataset[key] and dataset["task"] == "multi-label":
            yield f"{where}.{key}: {dataset[key]}; expected for single-label data only"


def _contradictions_of_log(where: str, dataset: dict) -> Iterator[str]:
    for split, path in (dataset["files"] or {}).items():
        if not isinstance(path, str):
            yield f"{where}.files.{split}: {path!r}; expected the path of a log"
    for key, unused in SAID_BY_LOGS.items():
        if dataset[key] != unused:
            yield f"{where}.{key}: {dataset[key]!r}; expected no such key, since a log says it"


def _is_external(study: dict) -> bool:
    return isinstance(study["predictions"], dict)


def _is_no_text_in_a_table(name: str) -> bool:
    """Return whether readers of csv tables take a name for a number, a truth value or nothing."""
    try:
        float(name)
    except ValueError:
        return name.lower() in ("na", "null", "none", "true", "false")
    return True


def _has_braces(path: str) -> bool:
    """Return whether Snakemake would take a part of a path for a wildcard."""
    return "{" in path or "}" in path
