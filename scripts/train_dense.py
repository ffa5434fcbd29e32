"""Train the dense models of a block of seeds; predict with them, after the first epoch too."""

import json
from collections.abc import Mapping

import numpy as np
import torch

from pielab import jobs
from pielab.seeds import parse_seeds
from pielab.training import blocks, checkpoints, loop, models, predict


def main(
    settings: dict,
    seeds: range,
    checkpoint: checkpoints.Checkpoint,
    inputs: Mapping[str, str],
    outputs: Mapping[str, str],
) -> None:
    def fit(model: models.Classifier, run: loop.Run) -> dict[str, np.ndarray]:
        def keep_first(epoch: int) -> None:
            if epoch == 1:
                early = predict.predict(model, run.encoded, run.settings.pad_to)
                checkpoint.kept["early"] = torch.from_numpy(early)

        loop.train(model, run, stage=0, after_epoch=keep_first)
        return {"early": checkpoint.kept["early"].numpy()}

    blocks.run_block(settings, seeds, checkpoint, inputs, outputs, fit)


if "snakemake" in globals():
    with jobs.job(snakemake):
        inputs, outputs = dict(snakemake.input.items()), dict(snakemake.output.items())
        minutes = snakemake.resources.checkpoint_minutes
        main(
            json.loads(snakemake.params.settings) | json.loads(snakemake.params.untracked),
            parse_seeds(snakemake.wildcards.seeds),
            checkpoints.Checkpoint(outputs["train"], minutes, snakemake.params, snakemake.input),
            inputs,
            outputs,
        )
