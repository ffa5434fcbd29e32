"""Train the dense models of a block of seeds; predict with them, after the first epoch too."""

import json

import torch

from pielab import logs
from pielab.seeds import parse_seeds
from pielab.training import batches, checkpoints, devices, loop, models, predict


def main(
    settings: dict,
    seeds: range,
    checkpoint: checkpoints.Checkpoint,
    encoded: dict[str, str],
    pretrained: str,
    weights: str,
    predictions: dict[str, str],
) -> None:
    devices.fix_arithmetic(settings["threads"])
    device = devices.choose_device(settings["device"])
    splits = {split: batches.read_encoded(path).to(device) for split, path in encoded.items()}
    examples, training = splits["train"], loop.Settings(**settings["training"])
    states, logits = {}, []
    for seed in seeds:
        model = models.build(settings["model"], pretrained, examples.classes, seed).to(device)
        checkpoint.open(seed)

        def keep_first(epoch: int, model=model) -> None:
            if epoch == 1:
                early = predict.predict(model, examples, training.pad_to)
                checkpoint.kept["early"] = torch.from_numpy(early)

        loop.train(model, examples, training, seed, 0, None, keep_first, checkpoint)
        states[seed] = models.trainable_state(model)
        last = predict.predict_splits(model, splits, training.pad_to)
        logits.append(last | {"early": checkpoint.kept["early"].numpy()})
    predict.write_logits(predictions, logits, seeds)
    models.write_states(weights, states)
    checkpoint.discard(seeds)


if "snakemake" in globals():
    with logs.job(snakemake.log[0]):
        given, made = snakemake.input, snakemake.output
        main(
            json.loads(snakemake.params.settings) | json.loads(snakemake.params.untracked),
            parse_seeds(snakemake.wildcards.seeds),
            checkpoints.Checkpoint(
                made.train, snakemake.resources.checkpoint_minutes, snakemake.params, given
            ),
            {"train": given.train, "test": given.test},
            given.pretrained,
            made.weights,
            {name: made[name] for name in ("train", "test", "early")},
        )
