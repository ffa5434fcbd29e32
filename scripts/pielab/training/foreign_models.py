"""Read external models: sizes are checked before anything is built, failures are named."""

import os
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, NamedTuple

import torch

from pielab import files, logs
from pielab.data import hub_cache

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
WEIGHTS, INDEX = "model.safetensors", "model.safetensors.index.json"
FEWEST_TENSORS = 64  # ALBERT's layers share their tensors
NUMBERS_IN_A_BYTE, FRESH = 2, 10**7  # 4 bits a weight; weights of a head that need not be there
MOST_GROWTH = 1000  # of a text by its tokenizer
BYTES_OF_A_NUMBER = 16  # 4 bytes, of a body as large as its head, and twice that


class Held(NamedTuple):
    """The bytes of a model's weights, and how many tensors these are."""

    size: int
    tensors: int


@contextmanager
def reading(source: str | Path, revision: str | None = None) -> Iterator[None]:
    """Check the sizes of a model in a folder or on the hub, and name it in whatever is raised.

    Raises
    ------
    ValueError
        Instead of any error of the libraries that read it.
    """
    try:
        if (Path(source) / "config.json").is_file():
            check_sizes(Path(source), files.read_object(Path(source) / "config.json"))
        elif not Path(source).exists():
            hub_cache.check("models", str(source))
            check_on_hub(str(source), revision)
        with without_panics():
            yield
    except (KeyboardInterrupt, SystemExit):
        raise
    except BaseException as error:  # Rust's panics are no Exception
        reason = " ".join(str(error).split()) or type(error).__name__
        if isinstance(error, ValueError) and str(source) in reason:
            raise
        raise ValueError(f"{source}: no model that can be read: {reason[:200]}") from error


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


@contextmanager
def naming(problem: str) -> Iterator[None]:
    """Let whatever is raised begin with these words, and in one line.

    Raises
    ------
    ValueError
        Instead of any error.
    """
    try:
        with without_panics():
            yield
    except (KeyboardInterrupt, SystemExit):
        raise
    except BaseException as error:  # Rust's panics are no Exception
        raise ValueError(f"{problem}: {logs.brief(error)}") from error


def try_tokenizer(folder: str | Path) -> None:
    """Encode a text and a pair, since some damage shows only then, as an error of any kind."""
    from transformers import AutoTokenizer

    check_growth(Path(folder))
    tokenizer = AutoTokenizer.from_pretrained(folder, trust_remote_code=False)
    tokenizer("A text.")
    tokenizer("A text.", "Another.")


def check_growth(folder: Path) -> None:
    """Refuse a tokenizer.json that replaces parts of a text by far longer ones, again and again.

    Raises
    ------
    ValueError
        With how much longer a text may get.
    """
    path = folder / "tokenizer.json"
    pending: list[Any] = [files.read_object(path)] if path.is_file() else []
    growth = 1
    while pending:
        node = pending.pop()
        if isinstance(node, dict) and node.get("type") == "Replace":
            growth = min(growth * max(len(str(node.get("content"))), 1), 10**12)
        if isinstance(node, (dict, list)):
            inner = node.values() if isinstance(node, dict) else node
            pending += [part for part in inner if isinstance(part, (dict, list))]
    if growth > MOST_GROWTH:
        raise ValueError(
            f"{path}: its replacements may make a text {growth:,} times as long or more; "
            f"expected at most {MOST_GROWTH:,} times"
        )


def check_sizes(folder: Path, described: Mapping[str, Any]) -> None:
    """Refuse a config.json that describes more than the weights beside it can hold.

    Raises
    ------
    ValueError
        With the key and its value.
    """
    _check_index(folder)
    weights = list(folder.glob("*.safetensors"))
    if not weights:
        return
    tensors = 0
    for path in weights:
        with files.open_arrays(path) as file:
            tensors += len(file.keys())
    held = Held(sum(path.stat().st_size for path in weights), tensors)
    check_described(folder / "config.json", described, held, lambda: _numbers(folder))


def _check_index(folder: Path) -> None:
    """Refuse an index of weights that names other files than those of its folder.

    Beside weights in one file nobody reads it.
    """
    path = folder / INDEX
    is_read = path.is_file() and not (folder / WEIGHTS).is_file()
    named = files.read_object(path).get("weight_map") if is_read else {}
    if not isinstance(named, dict):
        raise ValueError(f"{path}: no weight_map; expected the file of each weight")
    for name in {str(file) for file in named.values()}:
        if Path(name).name != name or not os.path.isfile(folder / name):
            raise ValueError(f"{path}: names {name[:200]!r}; expected a file of its folder")


def check_on_hub(source: str, revision: str | None) -> None:
    """Refuse a model on the hub as `check_sizes` does, by the heads of its files.

    What is missing, or cannot be reached, is left to those who read the model. One that was
    downloaded earlier is checked where it lies.

    Raises
    ------
    ValueError
        With the key and its value, or with how large the files are.
    """
    from huggingface_hub import get_safetensors_metadata, hf_hub_download, try_to_load_from_cache

    found = None
    with suppress(Exception):  # of three libraries
        config = hf_hub_download(source, "config.json", revision=revision)
        found = get_safetensors_metadata(source, revision=revision).files_metadata.values()
    if found is None:
        kept = try_to_load_from_cache(source, "config.json", revision=revision)
        if isinstance(kept, str):
            check_sizes(Path(kept).parent, files.read_object(kept))
        return
    tensors = [tensor for file in found for tensor in file.tensors.values()]
    held = Held(
        sum(tensor.data_offsets[1] - tensor.data_offsets[0] for tensor in tensors), len(tensors)
    )
    where = f"{source}: config.json"
    numbers = check_described(
        where, files.read_object(config), held, lambda: _numbers(source, revision)
    )
    most = BYTES_OF_A_NUMBER * numbers + NUMBERS_IN_A_BYTE * FRESH
    if numbers and held.size > most:
        raise ValueError(
            f"{source}: {held.size:,} bytes of weights; expected at most {most:,} for the "
            f"{numbers:,} weights that its config.json describes"
        )


def check_described(
    where: str | Path, described: Mapping[str, Any], held: Held, count: Callable[[], int]
) -> int:
    """Return how many weights a config.json describes, 0 if that is not known.

    A layer has a tensor at least, and what is counted has a byte at least.

    Parameters
    ----------
    where : str or path
        The config.json, for messages.
    count : callable
        Returns the number of weights, once a config.json has passed what can be told without it.

    Raises
    ------
    ValueError
        If that is more than the weights can hold.
    """
    labels = described.get("id2label")
    counted = {name: described[name] for name in SIZES if described.get(name) is not None}
    counted["id2label"] = len(labels) if isinstance(labels, dict) else 0
    for name, value in counted.items():
        if not isinstance(value, int) or isinstance(value, bool) or value > held.size:
            raise ValueError(
                f"{where}: {name} {str(value)[:80]!r}; expected a whole number that fits the "
                f"{held.size:,} bytes of weights"
            )
    for name in LAYERS:
        if counted.get(name, 0) > max(held.tensors, FEWEST_TENSORS):
            raise ValueError(
                f"{where}: {name} {counted[name]}; expected at most {held.tensors}, as many as "
                "there are tensors"
            )
    numbers, most = count(), NUMBERS_IN_A_BYTE * held.size + FRESH
    if numbers > most:
        raise ValueError(
            f"{where}: describes {numbers:,} weights; expected at most {most:,} for {held.size:,} "
            "bytes of weights"
        )
    return numbers


def _numbers(source: str | Path, revision: str | None = None) -> int:
    """Return how many weights a config.json describes, 0 if transformers cannot build it."""
    from transformers import AutoConfig, AutoModel

    with suppress(Exception), torch.device("meta"):  # which holds no numbers
        config = AutoConfig.from_pretrained(
            source,
            revision=revision or "main",
            local_files_only=isinstance(source, Path),
            trust_remote_code=False,
        )
        model = AutoModel.from_config(config, trust_remote_code=False)
        return sum(parameter.numel() for parameter in model.parameters())
    return 0
