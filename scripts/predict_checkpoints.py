"""Predict a split with external models, and write it as models leave it here."""

import json

import numpy as np
import pandas as pd

from pielab import files, jobs, logs
from pielab.external import checkpoints, model_names
from pielab.training import devices


def main(settings: dict, inputs: dict, outputs: dict[str, str]) -> None:
    described = files.read_json(inputs["card"])
    frame = pd.read_parquet(inputs["examples"])
    names = model_names.names_of_files(settings["files"])
    order = model_names.arrange(names, settings)
    names, paths = ([listed[row] for row in order] for listed in (names, settings["files"]))
    devices.make_deterministic(settings["threads"])
    device = devices.choose_device(settings["device"])
    logits: list[np.ndarray] = []
    described_models: list[dict] = []
    notes: list[str] = []
    for number, path in enumerate(paths, start=1):
        logs.logger.info("%s (%d of %d)", path, number, len(names))
        scores, facts = checkpoints.predict(path, frame, described, settings, device)
        logits.append(scores)
        notes += [facts.pop("note")] if "note" in facts else []
        described_models.append(model_names.of_file(path, settings.get("content", {})) | facts)
    header = {name: described_models[-1][name] for name in ("device", "precision", "scores")}
    header["models"] = json.dumps(described_models, ensure_ascii=False)
    if notes:
        header["notes"] = json.dumps(notes, ensure_ascii=False)
    model_names.write(outputs["predictions"], np.stack(logits), names, frame, settings, header)


if "snakemake" in globals():
    with jobs.job(snakemake) as job:
        main(job.settings, job.inputs, job.outputs)
