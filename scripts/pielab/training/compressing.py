"""Run a job's block of models: compress dense models after training, and predict with each."""

from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

import torch

from pielab.methods import calibration, compressor_of
from pielab.seeds import parse_seeds
from pielab.text_scores import AT_RANDOM, UNSCORED
from pielab.training import batches, devices, loop, matrices, models, predict, text_scores, weights
from pielab.training.architectures import architecture_module
from pielab.training.compressors import Job, compressor_module


class ModelKey(NamedTuple):
    """A dense model's seed, and a draw of calibration texts; without such texts the draw is 0."""

    seed: int
    draw: int = 0


def model_keys(block: str) -> list[ModelKey]:
    """Return the models of a block, such as `0-9` or `0-9.draws0-4`, seed by seed."""
    seeds, _, draws = block.partition(".draws")
    return [
        ModelKey(seed, draw) for seed in parse_seeds(seeds) for draw in parse_seeds(draws or "0-0")
    ]


def columns(keys: Sequence[ModelKey]) -> dict[str, tuple[int, ...]]:
    """Return the `seeds` and `draws` of some models."""
    return dict(zip(("seeds", "draws"), zip(*keys, strict=True), strict=True))


def run_block(
    settings: dict,
    keys: Sequence[ModelKey],
    level: float,
    inputs: Mapping[str, str],
    outputs: Mapping[str, str],
) -> None:
    """Compress the dense models of some seeds and write what the compressed ones predict.

    Nothing of a model depends on which others there are.

    Parameters
    ----------
    settings : dict
        `model`, `training`, `method`, `device` and `threads`.
    level : float
        Percent of the weights, or in the unit of the method's compressor.
    inputs : mapping
        Paths of the encoded splits `train`, if there is one, and `test`, what models start from,
        `pretrained`, the weights of the dense models, `dense`, and perhaps of the texts that are
        read, `calibration`, and the scores that texts are chosen by, `text_choice`.
    outputs : mapping
        Paths of the predictions by split.

    Raises
    ------
    ValueError
        If there are too few texts to calibrate with, or a compressed model predicts no number.
    """
    splits, read = prepare(settings, inputs)
    logits = [
        predict.predict_splits(model, splits, settings["training"]["pad_to"])
        for _, model in compressed_models(settings, keys, level, inputs, read)
    ]
    autocasts = architecture_module(settings["model"]["architecture"]).AUTOCASTS
    computed = devices.describe(read.offsets.device, autocasts)
    for split, examples in splits.items():
        header = computed | {"examples": examples.digest}
        predict.write_logits(
            outputs[split], [of_model[split] for of_model in logits], columns(keys), header
        )


def prepare(
    settings: dict, inputs: Mapping[str, str]
) -> tuple[dict[str, batches.Encoded], batches.Encoded]:
    """Set the job's device up; return the splits on it, and what a compressor may read."""
    devices.make_deterministic(settings["threads"], settings.get("precision", "auto"))
    device = choose_device(settings)
    if device.type == "cpu":
        devices.keep_memory()
    splits = batches.read_splits(inputs, device)
    return splits, calibration_texts(inputs, splits)


def compressed_models(
    settings: dict,
    keys: Sequence[ModelKey],
    level: float,
    inputs: Mapping[str, str],
    train: batches.Encoded,
) -> Iterator[tuple[dict[str, torch.Tensor], models.Classifier]]:
    """Yield for each model the dense weights and the compressed model, on the splits' device."""
    device, method = train.offsets.device, settings["method"]
    module, drawn = compressor_module(compressor_of(method)), calibration(method)
    how, scores = (drawn or method).get("chosen", AT_RANDOM), None
    if how not in UNSCORED:
        scores = text_scores.scores_of(how, train, inputs.get("text_choice"))
    options = method | ({"text_scores": scores} if "chosen" in method else {})
    for seed, draw in keys:
        model = models.build(settings["model"], inputs["pretrained"], train.n_classes, seed)
        if (seed, draw) == keys[0]:
            weights.log(model)
        dense = models.read_state(inputs["dense"], seed)
        models.restore(model, dense)
        rows = matrices.draw_texts(train, drawn, (seed, draw), scores) if drawn else None
        run = loop.Run(train, loop.Settings(**settings["training"]), seed)
        yield dense, module.compress(model.to(device), Job(level, options, run, rows))


def calibration_texts(
    inputs: Mapping[str, str], splits: Mapping[str, batches.Encoded]
) -> batches.Encoded:
    """Return the texts that a compressor may read: of a file of its own, or of the training split.

    A compressor that reads none is given the test split, whose classes it is for.
    """
    if inputs.get("calibration"):
        device = splits["test"].offsets.device
        return batches.read_encoded(inputs["calibration"]).to(device)
    return splits.get("train", splits["test"])


def choose_device(settings: dict) -> torch.device:
    """Return the device of a job: the CPU where the method's compressor knows no other."""
    cpu_only = getattr(compressor_module(compressor_of(settings["method"])), "CPU_ONLY", False)
    return devices.choose_device("cpu" if cpu_only else settings["device"])
