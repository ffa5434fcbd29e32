"""Run a job's block of seeds: build, fit and predict with each model in turn."""

from collections.abc import Callable, Mapping
from contextlib import ExitStack

import numpy as np

from pielab.training import batches, checkpoints, devices, loop, models, predict, weights

# Trains a model in place; returns further logits to write, by the name of their output
Fit = Callable[[models.Classifier, loop.Run], dict[str, np.ndarray]]


def run_block(
    settings: dict,
    seeds: range,
    checkpoint: checkpoints.Checkpoint,
    inputs: Mapping[str, str],
    outputs: Mapping[str, str],
    fit: Fit,
) -> None:
    """Fit the models of `seeds`; write their predictions, and their weights if they have a path.

    Parameters
    ----------
    settings : dict
        `model`, `training`, `device` and `threads`; `folders` of models trained elsewhere.
    inputs : mapping
        Paths of the encoded splits `train`, if there is one, and `test`, and of what models start
        from, `pretrained`.
    outputs : mapping
        Paths of the predictions by split, and perhaps of `weights`.

    Raises
    ------
    ValueError
        If a model diverges.
    """
    devices.make_deterministic(settings["threads"], settings.get("precision", "auto"))
    device = devices.choose_device(settings["device"])
    if device.type == "cpu":
        devices.keep_memory()
    splits = batches.read_splits(inputs, device)
    examples, training = splits.get("train", splits["test"]), loop.Settings(**settings["training"])
    logits: list[dict[str, np.ndarray]] = []
    with ExitStack() as stack:
        for seed in seeds:
            model = models.build(settings["model"], inputs["pretrained"], examples.n_classes, seed)
            if not logits:
                weights.log(model)
            if "weights" in outputs and not logits:
                writing = models.writing_states(outputs["weights"], model, seeds)
                write = stack.enter_context(writing)
            checkpoint.open(seed)
            further = fit(model.to(device), loop.Run(examples, training, seed, checkpoint))
            left = {name: split for name, split in splits.items() if name not in further}
            logits.append(predict.predict_splits(model, left, training.pad_to) | further)
            if "weights" in outputs:
                write(seed, model)
        trains = "folders" not in settings  # whose models were trained elsewhere
        computed = devices.describe(device, model.autocasts, trains)
        for name, path in outputs.items():
            if name != "weights":  # early ones, too, are of the training split
                header = computed | {"examples": splits.get(name, examples).digest}
                predict.write_logits(path, [own[name] for own in logits], {"seeds": seeds}, header)
    checkpoint.discard(seeds)
