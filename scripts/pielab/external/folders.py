"""Read a classifier from a Hugging Face folder, without running code of its makers."""

import importlib.util
import inspect
from pathlib import Path
from typing import Any

import numpy as np
import torch

from pielab import files
from pielab.external import tokens
from pielab.external.classifier import Classifier
from pielab.training import foreign_models

PICKLED = ("*.bin", "*.pt", "*.pth", "*.ckpt")


def read_folder(folder: Path, tokenizer: Path, device: torch.device) -> Classifier:
    """Return the model for sequence classification in a folder, in the precision it is saved in.

    Raises
    ------
    ValueError
        If transformers knows no such model, its head is missing, or its weights are pickled.
    """
    _check_folder(folder)
    words = tokens.read_tokenizer([tokenizer], folder)
    model = _read_model(folder)
    known = getattr(model.config, "vocab_size", None)
    if known and len(words) > known:
        raise ValueError(
            f"{folder}: the tokenizer in {tokenizer} has {len(words)} tokens; expected at most "
            f"{known}, as many as the model knows"
        )
    model.to(device).train(False)

    @torch.inference_mode()
    def run(batch: dict[str, np.ndarray]) -> np.ndarray:
        tensors = {name: torch.from_numpy(array).to(device) for name, array in batch.items()}
        return model(**tensors).logits.float().cpu().numpy()

    reads = inspect.signature(model.forward).parameters
    computed = {"device": device.type, "precision": str(model.dtype).removeprefix("torch.")}
    padding = getattr(model.config, "pad_token_id", None)  # by which decoders find a text's end
    one_by_one = words.pad_token is None or padding is None
    size = 8 if device.type == "cpu" else 64  # larger batches leave the caches of a CPU
    return Classifier(run, reads, words, model.config.to_dict(), computed, size, one_by_one)


def _read_model(folder: Path) -> Any:
    from transformers import AutoModelForSequenceClassification, logging

    logging.disable_progress_bar()
    logging.set_verbosity_error()
    try:
        model, found = AutoModelForSequenceClassification.from_pretrained(
            folder,
            use_safetensors=True,
            local_files_only=True,
            trust_remote_code=False,  # left open, the library asks the terminal whether to
            dtype="auto",
            output_loading_info=True,
        )
    except Exception as error:  # the errors of three libraries have no other base
        reason = f"{type(error).__name__}: {error}"
        raise ValueError(f"{folder}: no model for sequence classification: {reason}") from error
    if absent := sorted(found["missing_keys"]):  # transformers has drawn them at random
        raise ValueError(
            f"{folder}: no weights {', '.join(absent[:5])}; expected those of a model that was "
            "trained for sequence classification"
        )
    return model


def _check_folder(folder: Path) -> None:
    """Refuse a folder without a model that can be read, and say what to do."""
    if not (folder / "config.json").is_file():
        raise ValueError(f"{folder}: no config.json; expected a folder that save_pretrained wrote")
    if not any(folder.glob("*.safetensors")):
        pickled = sorted(path.name for pattern in PICKLED for path in folder.glob(pattern))
        found = f"pickled weights, {', '.join(pickled)}" if pickled else "no weights"
        advice = "; if you trust them, load them and call save_pretrained" if pickled else ""
        raise ValueError(f"{folder}: {found}; expected model.safetensors{advice}")
    described = files.read_object(folder / "config.json")
    foreign_models.check_sizes(folder, described)
    quantised = described.get("quantization_config") or {}
    if not isinstance(quantised, dict):
        raise ValueError(
            f"{folder / 'config.json'}: quantization_config {str(quantised)[:80]}; "
            "expected an object"
        )
    if quantised.get("quant_method") == "compressed-tensors" and not importlib.util.find_spec(
        "compressed_tensors"
    ):
        raise ValueError(
            f"{folder}: {quantised.get('format')} weights of compressed-tensors, which is not "
            "installed: pip install compressed-tensors"
        )
