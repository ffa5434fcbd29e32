"""Write a quantised classifier in the format of compressed-tensors: whole numbers and scales."""

import importlib.util
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from pielab.methods import compressor_of
from pielab.training.compressors import quantise

PACKAGE = "compressed_tensors"
FOLDER = "compressed-tensors"  # in that of the dequantised model
FORMAT = "pack-quantized"
HINT = "`pip install compressed-tensors` lets PIElab write its whole numbers, too"
TOKENIZER = "*token*"  # of a folder's files, those of its tokenizer


def is_installed() -> bool:
    """Return whether transformers can read the format here."""
    return importlib.util.find_spec(PACKAGE) is not None


def applies_to(method: Mapping) -> bool:
    """Return whether a method makes whole numbers of a few bits, as the format holds them."""
    return compressor_of(method) == quantise.__name__.rpartition(".")[2]


def write(folder: Path, dense: Any, bits: int, group: int | None, packed: Path) -> None:
    """Write a folder's quantised classifier into another folder, as it is stored.

    Parameters
    ----------
    folder : Path
        A classifier of transformers with the values to which its weights were rounded.
    dense : PreTrainedModel
        The same classifier before that.
    bits, group
        As compressors.quantise takes them.

    Raises
    ------
    ValueError
        If the format cannot hold it.
    """
    from transformers import AutoModelForSequenceClassification

    classifier = AutoModelForSequenceClassification.from_pretrained(folder, trust_remote_code=False)
    state, before = classifier.state_dict(), dense.state_dict()
    rounded = [name for name, parameter in state.items() if not parameter.equal(before[name])]
    for name in rounded:
        path = name.removesuffix(".weight")
        check(classifier.get_submodule(path), path, group)
        codes, scales = quantise.quantise(before[name], bits, group)
        if not quantise.dequantise(codes, scales, group).equal(state[name]):
            raise ValueError(f"{path}: not the values that its whole numbers make")
        state |= {f"{path}.weight_packed": pack(codes, bits), f"{path}.weight_scale": scales}
        state[f"{path}.weight_shape"] = torch.tensor(codes.shape)
        del state[name]
    linear = [name for name, module in classifier.named_modules() if isinstance(module, nn.Linear)]
    left = [name for name in linear if f"{name}.weight" not in rounded]
    classifier.config.quantization_config = described(bits, group, left)
    classifier.save_pretrained(packed, state_dict=state)
    for path in folder.glob(TOKENIZER):
        shutil.copy(path, packed)


def check(module: nn.Module, path: str, group: int | None) -> None:
    """Raise if the format has no form for a layer.

    Raises
    ------
    ValueError
        With the layer's name, and why.
    """
    if type(module) is not nn.Linear:
        layer_type = type(module).__name__
        raise ValueError(
            f"{path}: a layer of type {layer_type}; expected Linear, which the format knows"
        )
    if group and module.in_features % group:
        raise ValueError(
            f"{path}: {module.in_features} columns in groups of {group}; the format has no group "
            "that is smaller than the others"
        )


def pack(codes: Tensor, bits: int) -> Tensor:
    """Return whole numbers of a few bits one after another, int32 (rows, words).

    Each is counted from the smallest, -2^(bits - 1), so that none is below zero; the first has the
    lowest bits of a word, and a row begins a word of its own.

    Parameters
    ----------
    codes : int8 (rows, columns)
    """
    counted = (codes.numpy().astype(np.int16) + 2 ** (bits - 1)).astype(np.uint8)
    single = np.unpackbits(counted[:, :, None], axis=2, count=bits, bitorder="little")
    rows = single.reshape(len(counted), -1)
    rows = np.pad(rows, ((0, 0), (0, -rows.shape[1] % 32)))
    packed = np.packbits(rows, axis=1, bitorder="little").view("<i4")
    return torch.from_numpy(packed.astype(np.int32))


def described(bits: int, group: int | None, left: list[str]) -> Mapping:
    """Return how a config.json describes weights; `left`: linear layers that are not rounded."""
    strategy = "group" if group else "channel"
    numbers = {"num_bits": bits, "type": "int", "symmetric": True, "strategy": strategy}
    groups = {"targets": ["Linear"], "weights": numbers | {"group_size": group}}
    return {
        "quant_method": FOLDER,
        "format": FORMAT,
        "quantization_status": "compressed",
        "config_groups": {"group_0": groups},
        "ignore": left,
    }
