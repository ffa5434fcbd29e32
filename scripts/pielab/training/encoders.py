"""Load pretrained encoders, and compute once what their frozen lower layers say."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn
from tqdm import tqdm

from pielab import files
from pielab.training import batches, bert

BATCH = 64  # texts whose states are computed at a time


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


def read_encoder(folder: str | Path, frozen: int = 0) -> Any:
    """Return a fetched encoder, without its embeddings and first layers if those are frozen.

    Raises
    ------
    ValueError
        If no layer would be left, or the architecture keeps its layers elsewhere than BERT.
    """
    encoder = _read_whole(Path(folder))
    if frozen:
        encoder.encoder.layer = _layers(encoder, frozen)[frozen:]
        encoder.embeddings = GivenStates()
    return encoder


def read_frozen(folder: str | Path, frozen: int) -> Any:
    """Return a fetched encoder's embeddings and first `frozen` layers.

    Raises
    ------
    ValueError
        If no layer would be left, or the architecture keeps its layers elsewhere than BERT.
    """
    encoder = _read_whole(Path(folder))
    encoder.encoder.layer = _layers(encoder, frozen)[:frozen]
    return encoder.train(False)


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
        # Copies, since what is read is mapped from the file
        weights = {name: file.get_tensor(name).clone() for name in file.keys()}  # noqa: SIM118
    encoder.load_state_dict(weights, assign=True)
    return encoder


def encoder_inputs(batch: batches.Batch, segments: bool) -> dict[str, Tensor]:
    """Return what an encoder is called with.

    `segments`: it tells the second text of a pair from the first.
    """
    position = torch.arange(batch.ids.shape[1], device=batch.ids.device)
    mask = position < batch.lengths[:, None]
    inputs = {"attention_mask": mask.long()}
    if batch.states is not None:
        return inputs | {"inputs_embeds": batch.states}
    if segments:
        inputs["token_type_ids"] = (mask & (position >= batch.pair_start[:, None])).long()
    return inputs | {"input_ids": batch.ids}


@torch.inference_mode()
def compute_states(
    encoder: Any,
    encoded: batches.Encoded,
    put: Callable[[np.ndarray, int], None],
) -> None:
    """Compute what an encoder that is cut to its frozen layers says of each token.

    Parameters
    ----------
    encoded : batches.Encoded
        On the encoder's device, which computes.
    put : callable
        Given the states of an example, float16 (tokens, width), and the position of its first
        token in `encoded.ids`.
    """
    device, config = encoded.ids.device, encoder.config
    rows = list(batches.sorted_batches(encoded.lengths.cpu(), BATCH))
    for part in tqdm(rows, desc="frozen layers", disable=None, leave=False):
        batch = batches.collate(encoded, part.to(device), config.pad_token_id or 0)
        output = encoder(**encoder_inputs(batch, config.type_vocab_size > 1)).last_hidden_state
        starts, lengths = encoded.offsets[part.to(device)].tolist(), batch.lengths.tolist()
        for states, start, length in zip(output.half().cpu().numpy(), starts, lengths, strict=True):
            put(states[:length], start)
