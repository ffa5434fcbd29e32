"""Prune and train the models of a block of seeds by one method, and predict with them."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from pielab import jobs, logs
from pielab.cells import read_level
from pielab.objectives import objective_of
from pielab.seeds import parse_seeds
from pielab.text_scores import UNSCORED
from pielab.training import blocks, checkpoints, loop, models, objectives, pruning, text_scores


def main(
    settings: dict,
    seeds: range,
    sparsity: float,
    checkpoint: checkpoints.Checkpoint,
    inputs: Mapping[str, Any],  # a path, or a list of teachers'
    outputs: Mapping[str, str],
) -> None:
    method = pruning.Method(**settings["method"])

    def fit(model: models.Classifier, run: loop.Run) -> dict[str, np.ndarray]:
        dense = models.read_state(inputs["dense"], run.seed) if "dense" in inputs else None
        loss = objectives.prepare(
            objective_of(settings), run, inputs.get("teachers", []), inputs.get("text_weights")
        )
        used = method
        if method.chosen not in UNSCORED:
            scores = text_scores.scores_of(method.chosen, run.encoded, inputs.get("text_choice"))
            used = replace(method, text_scores=scores)
        masks = pruning.compress(model, used, sparsity, dense, replace(run, loss=loss))
        kept = sum(int(mask.sum()) for mask in masks.values())
        total = sum(mask.numel() for mask in masks.values())
        logs.logger.info("seed %d: %d of %d prunable weights are left", run.seed, kept, total)
        return {}

    blocks.run_block(settings, seeds, checkpoint, inputs, outputs, fit)


if "snakemake" in globals():
    with jobs.job(snakemake) as job:
        # What a rule does not read or keep is an empty list
        inputs = {name: path for name, path in job.inputs.items() if path}
        outputs = {name: path for name, path in job.outputs.items() if path}
        minutes = snakemake.resources.checkpoint_minutes
        main(
            job.settings,
            parse_seeds(snakemake.wildcards.seeds),
            read_level(snakemake.wildcards.level).number,
            checkpoints.Checkpoint(outputs["train"], minutes, snakemake.params, snakemake.input),
            inputs,
            outputs,
        )
