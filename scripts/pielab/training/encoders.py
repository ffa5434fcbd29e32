"""Load pretrained encoders, whole or split at their frozen lower layers."""

from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from pielab import files
from pielab.training import bert


class GivenStates(nn.Module):
    """Stands in for an encoder's embeddings where the output of its frozen layers is given."""

    def forward(self, inputs_embeds: Tensor, **unused: object) -> Tensor:
        """Return the states as they are."""
        return inputs_embeds


def download_encoder(
    source: str | Path,
    layers: int | None = None,
    revision: str | None = None,
    dropout: float | None = None,
) -> Any:
    """Return a pretrained encoder cut to its first `layers` layers, with this rate of dropout.

    None keeps all layers, or the encoder's own rates.

    Raises
    ------
    ValueError
        If the architecture has no pooled output, or a pretrained weight is missing.
    """
    from transformers import AutoModel, logging

    logging.disable_progress_bar()
    logging.set_verbosity_error()
    changes = {
        "num_hidden_layers": layers,
        "hidden_dropout_prob": dropout,
        "attention_probs_dropout_prob": dropout,
    }
    changes = {key: value for key, value in changes.items() if value is not None}
    model, found = AutoModel.from_pretrained(
        source,
        revision=revision or "main",
        use_safetensors=True,
        trust_remote_code=False,  # left open, the library asks the terminal whether to
        dtype=torch.float32,
        output_loading_info=True,
        **changes,
    )
    if getattr(model, "pooler", None) is None:
        raise ValueError(
            f"{source}: a {model.config.model_type} model has no pooled output; "
            "expected a BERT-like encoder with a pooler"
        )
    if absent := sorted(found["missing_keys"]):  # transformers has drawn them at random
        raise ValueError(
            f"{source}: no weights {', '.join(absent[:5])}; expected a checkpoint that holds "
            "every weight of its encoder, the pooler included"
        )
    return model


def download_tokenizer(source: str | Path, revision: str | None = None) -> Any:
    """Return the tokenizer of a pretrained model."""
    from transformers import AutoTokenizer

    return AutoTokenizer.from_pretrained(
        source, revision=revision or "main", trust_remote_code=False
    )


def read_encoder(folder: str | Path, frozen: int = 0) -> Any:
    """Return a fetched encoder, without its embeddings and first layers if those are frozen.

    Raises
    ------
    ValueError
        If no layer would be left, or the architecture keeps its layers elsewhere than BERT.
    """
    encoder = _read_whole(Path(folder))
    if frozen:
        layers = _layers(encoder, frozen)
        encoder.not_loaded = {
            "embedding": _size(encoder.embeddings),
            "frozen": _size(layers[:frozen]),
        }
        encoder.encoder.layer = layers[frozen:]
        encoder.embeddings = GivenStates()
    return _unmapped(encoder)


def read_frozen(folder: str | Path, frozen: int) -> Any:
    """Return a fetched encoder's embeddings and first `frozen` layers.

    Raises
    ------
    ValueError
        If no layer would be left, or the architecture keeps its layers elsewhere than BERT.
    """
    encoder = _read_whole(Path(folder))
    encoder.encoder.layer = _layers(encoder, frozen)[:frozen]
    return _unmapped(encoder).train(False)


def _unmapped(encoder: Any) -> Any:
    """Return an encoder with weights of its own: those that are read are mapped from the file."""
    for parameter in encoder.parameters():
        parameter.data = parameter.data.clone()
    return encoder


def _size(module: nn.Module) -> int:
    return sum(parameter.numel() for parameter in module.parameters())


def _layers(encoder: Any, frozen: int) -> nn.ModuleList:
    layers = getattr(encoder.encoder, "layer", nn.ModuleList())
    if not frozen < len(layers):
        raise ValueError(
            f"freeze_layers: {frozen}; expected fewer than the {len(layers)} layers of this "
            f"{encoder.config.model_type} encoder"
        )
    return layers


def _read_whole(folder: Path) -> Any:
    config = bert.parse_config(files.read_json(folder / "config.json"))
    if config is None:
        return download_encoder(folder)
    with torch.device("meta"):  # neither computes initial weights nor draws random numbers
        encoder = bert.Bert(config)
    with files.open_arrays(folder / "model.safetensors", "pt") as file:
        weights = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
    weights.pop("embeddings.position_ids", None)  # 0, 1, 2, ..., which transformers once kept
    encoder.load_state_dict(weights, assign=True)
    return encoder
