"""Predict both splits with the models of a block of seeds."""

import json

import numpy as np

from pielab import batches, devices, files, logs, models, predict


def main(
    settings: dict,
    seeds: range,
    encoded: dict[str, str],
    pretrained: str,
    weights: str,
    train: str,
    test: str,
) -> None:
    devices.fix_arithmetic(settings["threads"])
    device = devices.choose_device(settings["device"])
    splits = {split: batches.read_encoded(path).to(device) for split, path in encoded.items()}
    logits = {split: [] for split in splits}
    for seed in seeds:
        model = models.build(settings["model"], pretrained, splits["train"].classes, seed)
        models.restore(model, models.read_state(weights, seed))
        model.to(device)
        for split, examples in splits.items():
            logits[split].append(predict.predict(model, examples, settings["pad_to"]))
    for split, path in (("train", train), ("test", test)):
        files.write_arrays(path, {"logits": np.stack(logits[split]), "seeds": np.array(seeds)})


if "snakemake" in globals():
    with logs.job(snakemake.log[0]):
        main(
            json.loads(snakemake.params.settings),
            batches.parse_seeds(snakemake.wildcards.seeds),
            {"train": snakemake.input.train, "test": snakemake.input.test},
            snakemake.input.pretrained,
            snakemake.input.weights,
            **dict(snakemake.output.items()),
        )
