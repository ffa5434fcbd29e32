"""Atomic writing and non-executable array files."""

import glob
import json
import os
import secrets
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pandas as pd
from safetensors import safe_open
from safetensors.numpy import save_file

LEFTOVER_SECONDS = 24 * 3600  # no write takes so long, not even beside one of another node


@contextmanager
def replacing(path: str | Path) -> Iterator[Path]:
    """Yield a temporary path beside `path`, which it replaces when the block ends without error.

    A killed job leaves only a hidden file, which a writer of the same path removes a day later.
    Two jobs that write the same path never mix: the name is random, because process ids repeat
    across the nodes of a cluster.
    """
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    _remove_leftovers(path)
    temporary = path.with_name(f".{secrets.token_hex(4)}.{path.name}")
    try:
        yield temporary
        os.replace(temporary, path)
    finally:
        temporary.unlink(missing_ok=True)


def _remove_leftovers(path: Path) -> None:
    """Remove what killed writers of `path` left, and nothing that may still be written."""
    for leftover in path.parent.glob(f".{'[0-9a-f]' * 8}.{glob.escape(path.name)}"):
        try:
            if time.time() - leftover.stat().st_mtime > LEFTOVER_SECONDS:
                leftover.unlink()
        except FileNotFoundError:  # another writer was faster
            pass


def write_text(path: str | Path, text: str) -> None:
    """Write `text` as UTF-8, atomically."""
    with replacing(path) as temporary:
        temporary.write_text(text, encoding="utf-8")


def read_json(path: str | Path) -> dict:
    """Return the object in a JSON file."""
    return json.loads(Path(path).read_text(encoding="utf-8"))


def write_frame(path: str | Path, frame: pd.DataFrame) -> None:
    """Write a table as parquet or csv, by the path's suffix, atomically and without its index."""
    with replacing(path) as temporary:
        if temporary.suffix == ".csv":
            frame.to_csv(temporary, index=False)
        else:
            frame.to_parquet(temporary, index=False)


def write_arrays(
    path: str | Path, arrays: Mapping[str, np.ndarray], metadata: Mapping[str, str] | None = None
) -> None:
    """Write named arrays and a header of strings as safetensors, atomically."""
    with replacing(path) as temporary:
        contiguous = {name: np.asarray(array, order="C") for name, array in arrays.items()}
        save_file(contiguous, temporary, metadata=dict(metadata or {}))


def read_arrays(path: str | Path) -> tuple[dict[str, np.ndarray], dict[str, str]]:
    """Return the arrays and the header of a safetensors file."""
    with safe_open(path, framework="numpy") as file:
        arrays = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
        return arrays, file.metadata() or {}


def read_logits(paths: Sequence[str]) -> np.ndarray:
    """Return the logits of all blocks of seeds, float32 (seeds, examples, classes)."""
    return np.concatenate([read_arrays(path)[0]["logits"] for path in paths])
