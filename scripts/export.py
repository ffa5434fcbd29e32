"""Write compressed models that the gate passed as folders that transformers loads."""

import shutil
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from torch import Tensor

from pielab import files, jobs, logs
from pielab.data.labels import label_array
from pielab.external import outputs
from pielab.gate.leaving import leave
from pielab.gate.model_card import card, own_flips
from pielab.training import batches, compressing, devices, exporting, models, packing, weights


def logits_of(path: str, seed: int, draw: int) -> np.ndarray:
    """Return one model's logits on the test split, float32 (texts, classes).

    Raises
    ------
    ValueError
        If there is no such model.
    """
    arrays, _ = files.read_arrays(path)
    draws = arrays.get("draws", np.zeros_like(arrays["seeds"]))
    for logits, *names in zip(arrays["logits"], arrays["seeds"], draws, strict=True):
        if names == [seed, draw]:
            return logits
    raise ValueError(f"export: no seed {seed} with draw {draw}; expected one that was audited")


def labels_of(source: str | None, described: Mapping) -> list[str]:
    """Return the names of the classes: those of a classifier that was brought, or the dataset's."""
    if source is None:
        return list(described["classes"])
    names = files.read_json(Path(source) / "config.json").get("id2label")
    columns = outputs.columns_of(source, described).columns
    return [str(names[str(column)]) for column in columns] if names else described["classes"]


def models_of(
    job: dict, key: compressing.ModelKey, level: float, paths: Mapping[str, str]
) -> tuple[dict[str, Tensor], models.Classifier]:
    """Return the dense weights of a version's seed, and its model.

    The model is read if it was trained after pruning, and else compressed again.
    """
    settings = job["settings"]
    if not job["is_retrained"]:
        splits = batches.read_splits(paths, compressing.choose_device(settings))
        read = compressing.calibration_texts(paths, splits)
        ((dense, model),) = compressing.compressed_models(settings, [key], level, paths, read)
        return dense, model
    classes = batches.read_encoded(paths["test"]).n_classes
    model = models.build(settings["model"], paths["pretrained"], classes, key.seed)
    models.restore(model, models.read_state(paths["pruned"], key.seed))
    return models.read_state(paths["dense"], key.seed), model


def pack(folder: Path, dense: Any, method: Mapping, check: Callable[[Path], None]) -> str:
    """Write a quantised model as it is stored, too, and return a sentence of its card on that.

    Without the package, or if the format cannot hold the model, the log shows why and the sentence
    is empty.

    Parameters
    ----------
    dense : PreTrainedModel
        The classifier before it was quantised.
    check : callable
        Raises if a folder decides otherwise than the audited model.
    """
    if not packing.is_installed():
        logs.logger.info("%s: dequantised only; %s", folder, packing.HINT)
        return ""
    packed = folder / packing.FOLDER
    try:
        packing.write(folder, dense, method["bits"], method["group"], packed)
        check(packed)
    except Exception as error:  # of the package and of transformers, too
        shutil.rmtree(packed, ignore_errors=True)
        reason = logs.one_line(str(error))
        logs.logger.warning("%s: not in the format of compressed-tensors: %s", folder, reason)
        return ""
    sizes = [(path / "model.safetensors").stat().st_size / 1e6 for path in (folder, packed)]
    return (
        f"The folder `{packing.FOLDER}` in this one holds the same model as whole numbers and "
        f"scales, {sizes[1]:.1f} MB instead of {sizes[0]:.1f}, for transformers with the package "
        "compressed-tensors."
    )


def export(version: dict, job: dict, paths: Mapping[str, str], folder: Path) -> tuple[dict, str]:
    """Write one model of a version into a folder, and return what is known of it, and its card.

    Parameters
    ----------
    job : dict
        As job_settings.export describes a version.
    paths : mapping
        Of its inputs.
    """
    settings, key = job["settings"], compressing.ModelKey(job["seed"], job["draw"])
    frame, described = pd.read_parquet(paths["examples"]), files.read_json(paths["card"])
    several = described["task"] == "multi-label"
    dense_state, model = models_of(job, key, version["level"], paths)
    saved = settings | {"max_tokens": job["max_tokens"], "multi_label": several}
    labels = labels_of(job["source"], described)
    exporting.write(model, saved, labels, paths, folder)
    compressed = logits_of(paths["compressed"], *key)

    def check(folder: Path) -> None:
        decided = exporting.decide(folder, frame, job["max_tokens"], several)
        exporting.check(folder, decided, compressed, frame, several)

    check(folder)
    packed = ""
    if packing.applies_to(settings["method"]):
        models.restore(model, dense_state)
        before = exporting.whole(model, settings["model"], paths, len(labels))
        packed = pack(folder, before, settings["method"], check)
    dense = logits_of(paths["dense_predictions"], key.seed, 0)
    wrong, right = own_flips(dense, compressed, label_array(frame, dense.shape[1]), several)
    trained = weights.read_description(paths["dense"]).weights
    matrices = {name: weight for name, weight in trained.items() if weight.role == weights.MATRIX}
    facts = {
        "seed": job["source"] or job["seed"],
        "draw": job["draw"] if job["draws"] > 1 else None,
        "is_retrained": job["is_retrained"],
        "max_tokens": job["max_tokens"] or exporting.longest(folder),
        "examples": len(frame),
        "newly_wrong": wrong,
        "newly_right": right,
        "agrees": len(frame),
        "packed": packed,
        "report": "results/report/index.html of the study",
        "weights": f"It compresses {len(matrices)} matrices, {weights.count(matrices):,} of the "
        f"{weights.count(trained):,} weights that training changes.",
    }
    return facts, card(version, facts)


def main(settings: dict, inputs: dict, output: str) -> None:
    """Export what the gate passes, each into a folder beside `output`.

    Raises
    ------
    ValueError
        If nothing may leave, or a folder decides otherwise than the audited model.
    """
    devices.make_deterministic(settings["threads"])
    gate = inputs.pop("gate")
    some, paths = {name: iter(inputs.pop(name)) for name in ("calibration", "pruned")}, []
    for number, job in enumerate(settings["versions"]):
        given = {name: listed[number] for name, listed in inputs.items() if listed}
        given |= {"calibration": next(some["calibration"])} if job["has_file"] else {}
        paths.append(given | ({"pruned": next(some["pruned"])} if job["is_retrained"] else {}))

    def write(number: int, version: dict, folder: Path) -> tuple[dict, str]:
        job = settings["versions"][number]
        job = job | {"settings": job["settings"] | {"device": settings["device"]}}
        return export(version, job, paths[number], folder)

    leave(settings, gate, output, write)


if "snakemake" in globals():
    with jobs.job(snakemake) as job:
        main(job.settings, job.inputs, snakemake.output[0])
