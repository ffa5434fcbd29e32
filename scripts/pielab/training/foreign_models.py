"""Read models that others made: sizes are checked before anything is built, failures are named."""

import os
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import torch

from pielab import files

# Counts in config.json by which a model is built, and those that layers share nothing of
LAYERS = ("num_hidden_layers", "n_layer", "n_layers", "num_layers")
SIZES = (
    *LAYERS,
    "hidden_size",
    "n_embd",
    "dim",
    "d_model",
    "intermediate_size",
    "vocab_size",
    "num_labels",
)
FEWEST_TENSORS = 64  # ALBERT's layers share their tensors
NUMBERS_IN_A_BYTE, FRESH = 2, 10**7  # 4 bits a weight; weights of a head that need not be there


@contextmanager
def reading(source: str | Path) -> Iterator[None]:
    """Check the sizes of a model in a folder, and name it in whatever is raised.

    Raises
    ------
    ValueError
        Instead of any error of the libraries that read it.
    """
    try:
        if (Path(source) / "config.json").is_file():
            check_sizes(Path(source), files.read_object(Path(source) / "config.json"))
        with without_panics():
            yield
    except (KeyboardInterrupt, SystemExit):
        raise
    except BaseException as error:  # Rust's panics are no Exception
        said = " ".join(str(error).split()) or type(error).__name__
        if isinstance(error, ValueError) and str(source) in said:
            raise
        raise ValueError(f"{source}: no model that can be read: {said[:200]}") from error


@contextmanager
def without_panics() -> Iterator[None]:
    """Hold back what is written to standard error, and drop it if the block raises.

    Rust's libraries write there where and why they panic, line after line, before they raise.
    """
    sys.stderr.flush()
    kept = os.dup(2)
    with tempfile.TemporaryFile() as held:
        os.dup2(held.fileno(), 2)
        try:
            yield
            sys.stderr.flush()
            held.seek(0)
            os.write(kept, held.read())
        finally:
            sys.stderr.flush()
            os.dup2(kept, 2)
            os.close(kept)


def try_tokenizer(folder: str | Path) -> None:
    """Encode a text and a pair, since some damage shows only then, as an error of any kind."""
    from transformers import AutoTokenizer

    tokenizer = AutoTokenizer.from_pretrained(folder, trust_remote_code=False)
    tokenizer("A text.")
    tokenizer("A text.", "Another.")


def check_sizes(folder: Path, described: Mapping[str, Any]) -> None:
    """Refuse a config.json that describes more than the weights can hold, before it is built.

    A layer has a tensor at least, and what is counted has a byte at least.

    Raises
    ------
    ValueError
        With the key and its value.
    """
    weights = list(folder.glob("*.safetensors"))
    if not weights:
        return
    held = sum(path.stat().st_size for path in weights)
    tensors = 0
    for path in weights:
        with files.open_arrays(path) as file:
            tensors += len(file.keys())
    labels = described.get("id2label")
    counted = {name: described[name] for name in SIZES if described.get(name) is not None}
    counted["id2label"] = len(labels) if isinstance(labels, dict) else 0
    for name, value in counted.items():
        if not isinstance(value, int) or isinstance(value, bool) or value > held:
            raise ValueError(
                f"{folder / 'config.json'}: {name} {str(value)[:80]!r}; expected a whole number "
                f"that fits the {held:,} bytes of weights"
            )
    for name in LAYERS:
        if counted.get(name, 0) > max(tensors, FEWEST_TENSORS):
            raise ValueError(
                f"{folder / 'config.json'}: {name} {counted[name]}; expected at most {tensors}, as "
                "many as there are tensors"
            )
    numbers, most = _numbers(folder), NUMBERS_IN_A_BYTE * held + FRESH
    if numbers > most:
        raise ValueError(
            f"{folder / 'config.json'}: describes {numbers:,} weights; expected at most {most:,} "
            f"for {held:,} bytes of weights"
        )


def _numbers(folder: Path) -> int:
    """Return how many weights a config.json describes, 0 if transformers cannot build it."""
    from transformers import AutoConfig, AutoModel

    with suppress(Exception), torch.device("meta"):  # which holds no numbers
        config = AutoConfig.from_pretrained(folder, local_files_only=True, trust_remote_code=False)
        model = AutoModel.from_config(config, trust_remote_code=False)
        return sum(parameter.numel() for parameter in model.parameters())
    return 0
