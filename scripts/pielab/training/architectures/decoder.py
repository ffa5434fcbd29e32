"""A causal language model of transformers, which is compressed here and which a harness asks.

What reads its last states, the language head, is never compressed, nor are the embeddings, to
which it may be tied.
"""

import logging
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from pielab.training import anatomy, batches, pretrained_classifiers
from pielab.training.models import Classifier
from pielab.training.weights import Units

STARTS_FROM = ("pretrained",)
KEYS: dict[str, object] = {"revision": None, "reruns": []}
ASKED = True

logger = logging.getLogger("pielab")


class Decoder(Classifier):
    """A causal language model; `model` is that of transformers, in float32.

    `saved_as`: the precision in which its files hold it, and in which it answers.
    """

    unit_kinds = ("heads", "feed_forward")

    def __init__(self, model: Any) -> None:
        super().__init__()
        head = model.get_output_embeddings()
        names = {id(module): name for name, module in model.named_modules()}
        if head is None:
            raise ValueError(f"{model.config.model_type}: no language head; expected a decoder")
        self.saved_as = model.dtype
        self.model = model.float()
        self.last = f"model.{names[id(head)]}"
        self.padding = 0  # never read, as texts are passed in batches of equal length

    def forward(self, batch: batches.Batch) -> Tensor:
        """Return the logits of the token after each text, (rows, tokens of the vocabulary)."""
        inputs = batches.model_inputs(batch, segments=False)
        states = self.model.base_model(**inputs, use_cache=False).last_hidden_state
        rows = torch.arange(len(states), device=states.device)
        return self.get_submodule(self.last)(states[rows, batch.lengths - 1])

    def units(self, what: str) -> list[Units]:
        """Return the attention heads or feed-forward units of each layer."""
        return list(anatomy.unit_layers(self, what, self.model.config))

    def answering(self, dtype: str | None = None) -> Any:
        """Return the model of transformers in a precision: that of its files, if none is named."""
        return self.model.to(getattr(torch, dtype) if dtype else self.saved_as).train(False)


def build(settings: dict, pretrained: str | Path, n_classes: int = 0) -> Decoder:
    """Return the model of the fetched weights `pretrained`; it has no classes."""
    return Decoder(_load(Path(pretrained).parent))


def fetch(settings: dict, source: str, folder: str) -> None:
    """Write a causal language model and its tokenizer into a folder, as safetensors.

    `settings`: `revision`, perhaps None.

    Raises
    ------
    ValueError
        If it is none, is quantised already, or lacks weights.
    """
    revision = settings["revision"] or "main"
    model = _load(source, revision)
    tokenizer = pretrained_classifiers.read_tokenizer(source, settings["revision"])
    model.save_pretrained(folder, max_shard_size="1000GB")
    tokenizer.save_pretrained(folder)
    size = sum(parameter.numel() for parameter in model.parameters())
    model_type, layers = model.config.model_type, getattr(model.config, "num_hidden_layers", "?")
    logger.info("%s: %s, %s layers, %d weights, %s", source, model_type, layers, size, model.dtype)


def _load(source: str | Path, revision: str = "main") -> Any:
    """Return a causal language model in the precision in which it is saved."""
    from transformers import AutoConfig, AutoModelForCausalLM, logging

    logging.disable_progress_bar()
    logging.set_verbosity_error()
    try:
        config = AutoConfig.from_pretrained(source, revision=revision, trust_remote_code=False)
        if getattr(config, "quantization_config", None):
            raise ValueError("its weights are quantised; expected the model before that")
        loaded: Any = AutoModelForCausalLM.from_pretrained(
            source,
            revision=revision,
            dtype="auto",
            use_safetensors=True,
            trust_remote_code=False,
            output_loading_info=True,
        )
    except (ValueError, OSError, KeyError) as error:
        lines = str(error).strip().splitlines() or [type(error).__name__]
        raise ValueError(f"{source}: no causal language model: {lines[0][:200]}") from error
    model, found = loaded
    if absent := sorted(found["missing_keys"]):  # transformers has drawn them at random
        raise ValueError(f"{source}: no weights {', '.join(absent[:5])}; expected all of a decoder")
    return model
