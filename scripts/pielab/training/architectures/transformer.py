"""Whatever classifier of texts transformers has, with its own pooling and head.

The head starts fresh from each seed, and so does a pooler that the pretrained weights lack; any
other weight must be there. Decoders read texts that are padded on the right.
"""

import logging
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional

from pielab.training import anatomy, batches, models, pretrained_classifiers, weights
from pielab.training.frozen import Frozen
from pielab.training.models import Classifier
from pielab.training.weights import Units

STARTS_FROM = ("pretrained", "checkpoints")
KEYS = {
    "revision": None,
    "layers": None,
    "dropout": None,
    "freeze_embeddings": False,
    "freeze_layers": None,
}
PRUNING = ("impact_dropout", "prune_layer_norm")
AUTOCASTS = True

logger = logging.getLogger("pielab")


class Transformer(Classifier):
    """A classifier of transformers.

    Parameters
    ----------
    model : PreTrainedModel
        For sequence classification.
    freeze_embeddings : bool
        Whether what is called before the first layer is not trained.
    freeze_layers : int or None
        How many first layers are not trained, nor are the embeddings. They are left out, and
        batches bring the states that they would give.
    """

    autocasts = AUTOCASTS
    unit_kinds = ("heads", "feed_forward")

    def __init__(
        self, model: Any, freeze_embeddings: bool = False, freeze_layers: int | None = None
    ) -> None:
        super().__init__()
        found, below = anatomy.examine(model), freeze_layers or 0
        check_layers(model, found, below)
        self.model, self.last = model, f"model.{found.last}"
        self.padding = int(model.config.pad_token_id)
        self.segments = pretrained_classifiers.reads_segments(model)
        frozen = anatomy.unused_parameters(model, found)
        if below or freeze_embeddings:
            frozen += anatomy.frozen_parameters(model, found, below)
        for parameter in frozen:
            parameter.requires_grad_(False)
        self.given: anatomy.GivenStates | None = None
        if below:
            layers: Any = model.get_submodule(str(found.layers))
            gone = [parameter for layer in layers[:below] for parameter in layer.parameters()]
            self.not_loaded = {weights.FROZEN: sum(parameter.numel() for parameter in gone)}
            for number in range(below):
                layers[number] = anatomy.GivenStates(layers[number], found.gives_tuples)
            self.given = layers[below - 1]
        self.get_submodule(self.last).register_forward_hook(_in_full_precision)

    def forward(self, batch: batches.Batch) -> Tensor:
        """Return logits (rows, classes)."""
        if self.given is not None:
            self.given.states = batch.states
        return self.model(**batches.model_inputs(batch, self.segments)).logits.float()

    def units(self, what: str) -> list[Units]:
        """Return the attention heads or feed-forward units of each layer that is trained."""
        return list(anatomy.unit_layers(self, what, self.model.config))


def _in_full_precision(layer: nn.Module, given: tuple[Tensor], output: Tensor) -> Tensor:
    """Return a last layer's output in float32: logits in bfloat16 would tie."""
    if output.dtype == torch.float32:
        return output
    with torch.autocast(output.device.type, enabled=False):
        weight, bias = layer.get_parameter("weight"), getattr(layer, "bias", None)
        return functional.linear(given[0].float(), weight, bias)


def check_layers(model: Any, found: anatomy.Anatomy, below: int) -> None:
    """Raise if so many first layers cannot be frozen.

    Raises
    ------
    ValueError
        If the model has no list of layers, or none would be left.
    """
    model_type = model.config.model_type
    if below and found.layers is None:
        raise ValueError(
            f"freeze_layers: {below}; expected none, since a {model_type} model has no list of "
            "layers"
        )
    layers = model.config.num_hidden_layers
    if below and below >= layers:
        raise ValueError(
            f"freeze_layers: {below}; expected fewer than the {layers} layers of this {model_type} "
            "model"
        )


def build(settings: dict, pretrained: str | Path, n_classes: int) -> Transformer:
    """Return a model that starts from the fetched weights `pretrained`, with a fresh head.

    `settings`: `freeze_embeddings` and `freeze_layers`.
    """
    model = pretrained_classifiers.read(Path(pretrained).parent, n_classes)
    frozen = {key: settings[key] for key in ("freeze_embeddings", "freeze_layers")}
    return Transformer(model, **frozen)


def fetch(settings: dict, source: str, folder: str) -> None:
    """Write a pretrained model without its head, and its tokenizer, into a folder.

    `settings`: `layers`, `revision` and `dropout`, each perhaps None.
    """
    for line in pretrained_classifiers.fetch(settings, source, folder):
        logger.info("%s: %s", source, line)


def read_checkpoint(folder: str | Path, columns: Sequence[int]) -> dict[str, Tensor]:
    """Return the trained state of a classifier that was trained elsewhere.

    `columns`: the output of each class, in the order of the classes.
    """
    model = pretrained_classifiers.read_trained(folder)
    found = anatomy.examine(model)
    with torch.no_grad():
        for parameter in model.get_submodule(found.last).parameters():
            parameter.copy_(parameter[list(columns)].clone())
    unused = {id(parameter) for parameter in anatomy.unused_parameters(model, found)}
    return {
        f"model.{name}": parameter.detach().clone()
        for name, parameter in model.named_parameters()
        if id(parameter) not in unused
    }


def read_frozen(folder: str | Path, number: int) -> Frozen:
    """Return the embeddings and first layers of a fetched model."""
    model = pretrained_classifiers.read(Path(folder), 2)
    found = anatomy.examine(model)
    check_layers(model, found, number)
    segments, outputs = pretrained_classifiers.reads_segments(model), []

    def stop(layer: nn.Module, given: tuple, output: Any) -> None:
        outputs.append(output[0] if isinstance(output, tuple) else output)
        raise _Stopped

    model.get_submodule(f"{found.layers}.{number - 1}").register_forward_hook(stop)

    def states(batch: batches.Batch) -> Tensor:
        with suppress(_Stopped):
            model(**batches.model_inputs(batch, segments))
        return outputs.pop()

    return Frozen(model, states, model.config.hidden_size, int(model.config.pad_token_id))


def whole(model: Classifier, settings: dict, pretrained: str | Path, n_classes: int) -> Any:
    """Return the classifier of transformers that a compressed model is, what is frozen included."""
    classifier = pretrained_classifiers.read(Path(pretrained).parent, n_classes)
    state = models.trainable_state(model)
    classifier.load_state_dict(
        {name.removeprefix("model."): parameter for name, parameter in state.items()}, False
    )
    return classifier


class _Stopped(Exception):
    """Ends a pass: the frozen layers have read the batch."""
