"""Train the dense models of a block of seeds; predict with them, after the first epoch too."""

from collections.abc import Mapping

import numpy as np
import torch

from pielab import jobs
from pielab.seeds import parse_seeds
from pielab.training import blocks, checkpoints, loop, models, predict

# Outputs that are of the epochs before the last; all but the first only where measures need them
KEPT = ("early", "norms", "epochs")


def main(
    settings: dict,
    seeds: range,
    checkpoint: checkpoints.Checkpoint,
    inputs: Mapping[str, str],
    outputs: Mapping[str, str],
) -> None:
    def fit(model: models.Classifier, run: loop.Run) -> dict[str, np.ndarray]:
        def keep(epoch: int) -> None:
            kept = checkpoint.kept
            if epoch == 1 and "norms" in outputs:
                now, norms = predict.predict_with_norms(model, run.encoded, run.settings.pad_to)
                kept["norms"] = torch.from_numpy(norms)[:, None]
            elif epoch == 1 or "epochs" in outputs:
                now = predict.predict(model, run.encoded, run.settings.pad_to)
            if epoch == 1:
                kept["early"] = torch.from_numpy(now)
            if "epochs" in outputs:
                own = torch.from_numpy(now).half()[None]
                kept["epochs"] = torch.cat([kept["epochs"], own]) if epoch > 1 else own

        loop.train(model, run, stage=0, after_epoch=keep)
        kept = {name: checkpoint.kept[name].numpy() for name in KEPT if name in outputs}
        # After a single epoch these are the predictions of the finished model, too
        return kept | ({"train": kept["early"]} if run.settings.epochs == 1 else {})

    blocks.run_block(settings, seeds, checkpoint, inputs, outputs, fit)


if "snakemake" in globals():
    with jobs.job(snakemake) as job:
        minutes = snakemake.resources.checkpoint_minutes
        path = job.outputs["train"]
        main(
            job.settings,
            parse_seeds(snakemake.wildcards.seeds),
            checkpoints.Checkpoint(path, minutes, snakemake.params, snakemake.input),
            job.inputs,
            job.outputs,
        )
