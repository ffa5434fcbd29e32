"""Train the dense models of a block of seeds; keep their predictions after the first epoch."""

import json

import numpy as np

from pielab import batches, devices, files, logs, models, predict, train


def main(
    settings: dict, seeds: range, encoded: str, pretrained: str, weights: str, early: str
) -> None:
    devices.fix_arithmetic(settings["threads"])
    device = devices.choose_device(settings["device"])
    examples = batches.read_encoded(encoded).to(device)
    training = train.Settings(**settings["training"])
    states, first_logits = {}, []
    for seed in seeds:
        model = models.build(settings["model"], pretrained, examples.classes, seed).to(device)

        def keep_first(epoch: int, model=model) -> None:
            if epoch == 1:
                first_logits.append(predict.predict(model, examples, training.pad_to))

        train.train(model, examples, training, seed, stage=0, after_epoch=keep_first)
        states[seed] = models.trainable_state(model)
    files.write_arrays(early, {"logits": np.stack(first_logits), "seeds": np.array(seeds)})
    models.write_states(weights, states)


if "snakemake" in globals():
    with logs.job(snakemake.log[0]):
        main(
            json.loads(snakemake.params.settings),
            batches.parse_seeds(snakemake.wildcards.seeds),
            snakemake.input.encoded,
            snakemake.input.pretrained,
            **dict(snakemake.output.items()),
        )
