"""Read what external models say of a split, and write it as models leave it here."""

import json
from collections.abc import Collection, Iterator
from pathlib import Path

import numpy as np
import pandas as pd

from pielab import files, jobs, logs
from pielab.external import answers, class_order, harness, model_names, tables
from pielab.harness_folders import is_log


def read_models(
    settings: dict, classes: list[str], frame: pd.DataFrame, other_ids: Collection[str]
) -> tuple[list[str], np.ndarray, list[str], list[str], bool, pd.DataFrame]:
    """Return the names of all models, their logits, their files, notes on these and documents.

    Logits are float32 (models, examples, classes). The fifth value says whether the files
    themselves name all models; documents are what logs say of each, by run.
    """
    names, logits, paths, notes, is_named = [], [], [], [], True
    logged: list[pd.DataFrame] = []
    ids = [str(name) for name in frame["example_id"]]
    by_file = dict(
        zip(settings["files"], model_names.names_of_files(settings["files"]), strict=True)
    )
    tables_of = settings.get("tables", settings["files"])
    for place, path in enumerate(settings["files"]):
        reader = harness if "runs" in settings or is_log(tables_of[place]) else tables
        if "runs" in settings:
            of_file = harness.read_run(settings["runs"][place], classes, settings)
        else:
            of_file = reader.read_answers(tables_of[place], classes, settings)
        model_names.check_at_most(of_file.models, path, settings)
        found, aligned = answers.align(of_file, ids, path)
        known = {*ids, *other_ids}
        left_out = answers.left_out(of_file.ids, known, settings["max_left_out"], path)
        # Files that each hold one model are told apart by their names
        is_named &= all(found) and reader is not harness
        several = len(settings["files"]) > 1 and reader is harness
        own_names = [f"{by_file[path]}/{name}" if name and several else name for name in found]
        names += [name or by_file[path] for name in own_names]
        logits.append(aligned)
        paths += [path] * len(found)
        for note in left_out:
            logs.logger.warning("%s", note)
        notes += [*of_file.notes, *left_out]
        logged.append(answers.documents_of(of_file, ids, by_file[path]))
        if reader is tables:
            notes += class_order.check(aligned, frame, classes, of_file.columns, path)
    logged += read_reruns(settings, classes, ids)
    order = model_names.arrange(names, settings, is_named)
    arranged = [names[row] for row in order], np.concatenate(logits)[order]
    documents = pd.concat(logged, ignore_index=True)
    return *arranged, [paths[row] for row in order], notes, is_named, documents


def read_reruns(settings: dict, classes: list[str], ids: list[str]) -> Iterator[pd.DataFrame]:
    """Yield the documents of reruns of a model; they are runs, but no models that vote."""
    for folder, logs_of_run in settings.get("reruns", {}).items():
        of_run = harness.read_run(logs_of_run, classes, settings)
        answers.align(of_run, ids, folder)
        yield answers.documents_of(of_run, ids, Path(folder).name)


def main(settings: dict, inputs: dict, outputs: dict[str, str]) -> None:
    described = files.read_json(inputs["card"])
    frame = pd.read_parquet(inputs["examples"])
    other_split = pd.read_parquet(inputs["other"], columns=["example_id"])
    other_ids = set(map(str, other_split["example_id"]))
    settings["scores"] = settings["scores"] or tables.PROBABILITIES
    settings = settings | {"multi_label": described["task"] == "multi-label"}
    read = read_models(settings, described["classes"], frame, other_ids)
    names, logits, paths, notes, is_named, logged = read
    content = settings.get("content", {})
    of_files = [
        model_names.of_file(path, content) | {"scores": settings["scores"]} for path in paths
    ]
    header = {"scores": settings["scores"], "models": json.dumps(of_files, ensure_ascii=False)}
    if is_named:
        header["named"] = "by the columns or arrays of the files"
    if notes:
        header["notes"] = json.dumps(notes, ensure_ascii=False)
    if "runs" in settings or any(map(is_log, settings.get("tables", settings["files"]))):
        header["unpaired"] = "a log's name has a date and no seed"
    model_names.write(outputs["predictions"], logits, names, frame, settings, header)
    if "documents" in outputs:
        files.write_frame(outputs["documents"], logged)
    logs.logger.info("%d models, %d examples", len(names), len(frame))


if "snakemake" in globals():
    with jobs.job(snakemake) as job:
        main(job.settings, job.inputs, job.outputs)
