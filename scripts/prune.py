"""Prune and train the models of a block of seeds by one method, and predict with them."""

import json

from pielab import logs
from pielab.seeds import parse_seeds
from pielab.training import batches, checkpoints, devices, loop, models, predict, pruning


def main(
    settings: dict,
    seeds: range,
    sparsity: float,
    checkpoint: checkpoints.Checkpoint,
    encoded: dict[str, str],
    pretrained: str,
    dense: str | None,
    weights: str | None,
    predictions: dict[str, str],
) -> None:
    devices.fix_arithmetic(settings["threads"])
    device = devices.choose_device(settings["device"])
    splits = {split: batches.read_encoded(path).to(device) for split, path in encoded.items()}
    examples, training = splits["train"], loop.Settings(**settings["training"])
    method = pruning.Method(**settings["method"])
    states, logits = {}, []
    for seed in seeds:
        model = models.build(settings["model"], pretrained, examples.classes, seed).to(device)
        start = models.read_state(dense, seed) if dense else None
        checkpoint.open(seed)
        masks = pruning.compress(
            model, method, sparsity, start, examples, training, seed, checkpoint=checkpoint
        )
        kept = sum(int(mask.sum()) for mask in masks.values())
        total = sum(mask.numel() for mask in masks.values())
        logs.logger.info("seed %d: %d of %d prunable weights are left", seed, kept, total)
        logits.append(predict.predict_splits(model, splits, training.pad_to))
        if weights:
            states[seed] = models.trainable_state(model)
    predict.write_logits(predictions, logits, seeds)
    if weights:
        models.write_states(weights, states)
    checkpoint.discard(seeds)


if "snakemake" in globals():
    with logs.job(snakemake.log[0]):
        given, made = snakemake.input, snakemake.output
        main(
            json.loads(snakemake.params.settings) | json.loads(snakemake.params.untracked),
            parse_seeds(snakemake.wildcards.seeds),
            float(snakemake.wildcards.sparsity),
            checkpoints.Checkpoint(
                made.train, snakemake.resources.checkpoint_minutes, snakemake.params, given
            ),
            {"train": given.train, "test": given.test},
            given.pretrained,
            given.get("dense"),
            made.get("weights"),
            {name: made[name] for name in ("train", "test")},
        )
