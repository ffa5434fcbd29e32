"""A BERT-like encoder whose pooled output goes to a linear classifier, as in the paper."""

import logging
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from pielab import files
from pielab.training import anatomy, batches, encoders, models
from pielab.training.frozen import Frozen
from pielab.training.models import Classifier
from pielab.training.weights import Units

STARTS_FROM = ("pretrained",)
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


class Encoder(Classifier):
    """A BERT-like encoder whose pooled output goes to a linear classifier."""

    autocasts = AUTOCASTS
    unit_kinds = ("heads", "feed_forward")

    def __init__(
        self,
        folder: str | Path,
        n_classes: int,
        freeze_embeddings: bool = False,
        freeze_layers: int | None = None,
    ) -> None:
        super().__init__()
        self.encoder = encoders.read_encoder(folder, freeze_layers or 0)
        self.encoder.pooled_only = True  # Hugging Face's models do not know it, and compute all
        self.not_loaded = getattr(self.encoder, "not_loaded", {})
        config = self.encoder.config
        self.padding = config.pad_token_id or 0
        self.segments = getattr(config, "type_vocab_size", 0) > 1
        if freeze_embeddings:
            self.encoder.embeddings.requires_grad_(False)
        self.classifier = nn.Linear(config.hidden_size, n_classes)

    def forward(self, batch: batches.Batch) -> Tensor:
        """Return logits (rows, classes)."""
        inputs = batches.model_inputs(batch, self.segments)
        if batch.states is not None:
            inputs = {"inputs_embeds": batch.states, "attention_mask": inputs["attention_mask"]}
        output = self.encoder(**inputs)
        with torch.autocast(batch.ids.device.type, enabled=False):  # bfloat16 logits would tie
            return self.classifier(output.pooler_output.float())

    def units(self, what: str) -> list[Units]:
        """Return the attention heads or feed-forward units of each layer."""
        return list(anatomy.unit_layers(self, what, self.encoder.config))


def build(settings: dict, pretrained: str | Path, n_classes: int) -> Encoder:
    """Return a model that starts from the fetched encoder whose weights are `pretrained`.

    `settings`: `freeze_embeddings` and `freeze_layers`.
    """
    frozen = {key: settings[key] for key in ("freeze_embeddings", "freeze_layers")}
    return Encoder(Path(pretrained).parent, n_classes, **frozen)


def fetch(settings: dict, source: str, folder: str) -> None:
    """Write a pretrained encoder and its tokenizer into a folder, cut to the depth that is used.

    `settings`: `layers`, `revision` and `dropout`, each perhaps None.
    """
    chosen = [settings[key] for key in ("layers", "revision", "dropout")]
    encoder = encoders.download_encoder(source, *chosen)
    encoder.save_pretrained(folder)
    encoders.download_tokenizer(source, settings["revision"]).save_pretrained(folder)
    layers, size = encoder.config.num_hidden_layers, encoder.num_parameters()
    logger.info("%s: %d layers, %d parameters", source, layers, size)


def whole(model: Classifier, settings: dict, pretrained: str | Path, n_classes: int) -> Any:
    """Return the classifier of transformers that a compressed model is, what is frozen included.

    Raises
    ------
    ValueError
        If it is not BERT, whose classifier alone has this head.
    """
    from transformers import AutoConfig, BertForSequenceClassification

    folder, layer = Path(pretrained).parent, "encoder.encoder.layer."
    config = AutoConfig.from_pretrained(folder, trust_remote_code=False)
    if config.model_type != "bert":
        raise ValueError(
            f"architecture encoder: a {config.model_type} classifier of transformers has another "
            "head; expected BERT, or architecture transformer"
        )
    config.num_labels = n_classes
    classifier = BertForSequenceClassification(config).train(False)
    with files.open_arrays(pretrained, "pt") as file:
        state = {f"bert.{name}": file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
    for name, tensor in models.trainable_state(model).items():
        if name.startswith(layer):  # numbered from the first that is trained
            number, _, rest = name.removeprefix(layer).partition(".")
            name = f"{layer}{int(number) + (settings['freeze_layers'] or 0)}.{rest}"
        body = name.removeprefix("encoder.")
        state[f"bert.{body}" if body != name else name] = tensor
    classifier.load_state_dict(state)
    return classifier


def read_frozen(folder: str | Path, number: int) -> Frozen:
    """Return the embeddings and first layers of a fetched encoder."""
    encoder = encoders.read_frozen(folder, number)
    config = encoder.config
    segments = config.type_vocab_size > 1

    def states(batch: batches.Batch) -> Tensor:
        return encoder(**batches.model_inputs(batch, segments)).last_hidden_state

    return Frozen(encoder, states, config.hidden_size, config.pad_token_id or 0)
