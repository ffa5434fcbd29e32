"""Prune and train the models of a block of seeds by one method, to one sparsity."""

import json

from pielab import batches, checkpoints, devices, logs, models, pruning, train


def main(
    settings: dict,
    seeds: range,
    sparsity: float,
    checkpoint: checkpoints.Checkpoint,
    encoded: str,
    pretrained: str,
    dense: str | None,
    weights: str,
) -> None:
    devices.fix_arithmetic(settings["threads"])
    device = devices.choose_device(settings["device"])
    examples = batches.read_encoded(encoded).to(device)
    training = train.Settings(**settings["training"])
    method = pruning.Method(**settings["method"])
    states = {}
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
        states[seed] = models.trainable_state(model)
    models.write_states(weights, states)
    checkpoint.discard(seeds)


if "snakemake" in globals():
    with logs.job(snakemake.log[0]):
        main(
            json.loads(snakemake.params.settings),
            batches.parse_seeds(snakemake.wildcards.seeds),
            float(snakemake.wildcards.sparsity),
            checkpoints.Checkpoint(
                snakemake.output.weights,
                snakemake.resources.checkpoint_minutes,
                snakemake.params,
                snakemake.input,
            ),
            snakemake.input.encoded,
            snakemake.input.pretrained,
            snakemake.input.get("dense"),
            snakemake.output.weights,
        )
