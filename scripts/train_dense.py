"""Train the dense models of a block of seeds; keep their predictions after the first epoch."""

import json

import numpy as np
import torch

from pielab import batches, checkpoints, devices, files, logs, models, predict, train


def main(
    settings: dict,
    seeds: range,
    checkpoint: checkpoints.Checkpoint,
    encoded: str,
    pretrained: str,
    weights: str,
    early: str,
) -> None:
    devices.fix_arithmetic(settings["threads"])
    device = devices.choose_device(settings["device"])
    examples = batches.read_encoded(encoded).to(device)
    training = train.Settings(**settings["training"])
    states, first_logits = {}, []
    for seed in seeds:
        model = models.build(settings["model"], pretrained, examples.classes, seed).to(device)
        checkpoint.open(seed)

        def keep_first(epoch: int, model=model) -> None:
            if epoch == 1:
                logits = predict.predict(model, examples, training.pad_to)
                checkpoint.kept["early"] = torch.from_numpy(logits)

        train.train(model, examples, training, seed, 0, None, keep_first, checkpoint)
        states[seed] = models.trainable_state(model)
        first_logits.append(checkpoint.kept["early"].numpy())
    files.write_arrays(early, {"logits": np.stack(first_logits), "seeds": np.array(seeds)})
    models.write_states(weights, states)
    checkpoint.discard(seeds)


if "snakemake" in globals():
    with logs.job(snakemake.log[0]):
        main(
            json.loads(snakemake.params.settings),
            batches.parse_seeds(snakemake.wildcards.seeds),
            checkpoints.Checkpoint(
                snakemake.output.weights,
                snakemake.resources.checkpoint_minutes,
                snakemake.params,
                snakemake.input,
            ),
            snakemake.input.encoded,
            snakemake.input.pretrained,
            **dict(snakemake.output.items()),
        )
