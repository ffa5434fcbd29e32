"""Take a block of classifiers that were trained elsewhere as the dense models, and predict."""

from collections.abc import Mapping

import numpy as np
import pandas as pd

from pielab import files, jobs, logs
from pielab.external import class_order, outputs
from pielab.seeds import parse_seeds
from pielab.training import blocks, checkpoints, foreign_models, loop, models
from pielab.training.architectures import architecture_module


def main(
    settings: dict,
    seeds: range,
    data: dict[str, str],
    checkpoint: checkpoints.Checkpoint,
    inputs: Mapping[str, str],
    made: Mapping[str, str],
) -> None:
    module = architecture_module(settings["model"]["architecture"])
    card, matched = files.read_json(data["card"]), {}

    def fit(model: models.Classifier, run: loop.Run) -> dict[str, np.ndarray]:
        folder = settings["folders"][run.seed]
        logs.logger.info("seed %d is %s", run.seed, folder)
        with foreign_models.reading(folder):
            matched[run.seed] = outputs.columns_of(folder, card)
            models.restore(model, module.read_checkpoint(folder, matched[run.seed].columns))
        return {}

    blocks.run_block(settings, seeds, checkpoint, inputs, made, fit)
    frame, arrays = pd.read_parquet(data["test"]), files.read_arrays(made["test"])[0]
    for seed, logits in zip(seeds, arrays["logits"], strict=True):
        columns = matched[seed].columns if matched[seed].by_position else None
        folder = settings["folders"][seed]
        for note in class_order.check(logits[None], frame, card["classes"], columns, folder):
            logs.logger.warning("%s: %s", folder, note)


if "snakemake" in globals():
    with jobs.job(snakemake) as job:
        inputs = {name: path for name, path in job.inputs.items() if path}
        made = {name: path for name, path in job.outputs.items() if path}
        main(
            job.settings,
            parse_seeds(snakemake.wildcards.seeds),
            {"card": inputs["card"], "test": inputs["examples"]},
            checkpoints.Checkpoint(made["test"], 10**6, snakemake.params, snakemake.input),
            inputs,
            made,
        )
