"""Atomic writing and non-executable array files."""

import json
import math
import os
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from safetensors import SafetensorError, safe_open

from pielab import leftovers

if TYPE_CHECKING:  # reading it takes longer than many a job, and most write no table
    import pandas as pd

SAFETENSORS_TYPES = {
    np.dtype(name): short
    for name, short in [
        ("float64", "F64"),
        ("float32", "F32"),
        ("float16", "F16"),
        ("bool", "BOOL"),
        ("int64", "I64"),
        ("int32", "I32"),
        ("int16", "I16"),
        ("int8", "I8"),
        ("uint8", "U8"),
    ]
}


@contextmanager
def replacing(path: str | Path) -> Iterator[Path]:
    """Yield a temporary path beside `path`, which it replaces when the block ends without error.

    A killed job leaves only a hidden file, which the next run removes (see leftovers). Two jobs
    that write the same path never mix.
    """
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    leftovers.remove_beside(path)
    temporary = leftovers.path_beside(path)
    try:
        temporary.touch()
        with leftovers.holding(temporary):
            yield temporary
            os.replace(temporary, path)
    except (OSError, SafetensorError) as error:  # such as a full disk, which few libraries call so
        reason = getattr(error, "strerror", None) or error
        raise OSError(f"{path}: not written: {reason}") from error
    finally:
        temporary.unlink(missing_ok=True)


def write_text(path: str | Path, text: str) -> None:
    """Write `text` as UTF-8, atomically."""
    with replacing(path) as temporary:
        temporary.write_text(text, encoding="utf-8")


def read_json(path: str | Path) -> dict:
    """Return the object in a JSON file."""
    return json.loads(Path(path).read_text(encoding="utf-8"))


def read_object(path: str | Path) -> dict:
    """Return the object in a JSON file that others wrote.

    Raises
    ------
    ValueError
        Naming the file, if it holds none.
    """
    try:
        found = read_json(path)
    except (ValueError, RecursionError) as error:
        raise ValueError(f"{path}: no JSON: {error}") from None
    if not isinstance(found, dict):
        raise ValueError(f"{path}: a {type(found).__name__}; expected a JSON object")
    return found


def write_frame(path: str | Path, frame: "pd.DataFrame", lists: Sequence[str] = ()) -> None:
    """Write a table as parquet or csv, by the path's suffix, atomically and without its index.

    Parameters
    ----------
    lists : sequence of str
        Columns of arrays that are equally long in every row: parquet keeps each as one array.
    """
    with replacing(path) as temporary:
        if temporary.suffix == ".csv":
            frame.to_csv(temporary, index=False)
            return
        import pyarrow as pa
        from pyarrow import parquet

        table = pa.Table.from_pandas(frame.drop(columns=list(lists)), preserve_index=False)
        for name in lists:
            rows = np.stack(list(frame[name])) if len(frame) else np.empty((0, 1))
            flat = pa.array(rows.ravel())
            column = pa.FixedSizeListArray.from_arrays(flat, rows.shape[1])
            table = table.add_column(list(frame).index(name), name, column)
        parquet.write_table(table, temporary)


def read_lists(path: str | Path, column: str) -> np.ndarray:
    """Return a column of equally long lists of a parquet file as one array, (rows, length)."""
    from pyarrow import parquet

    lists = parquet.read_table(path, columns=[column])[column]
    flat = lists.combine_chunks().flatten().to_numpy() if len(lists) else np.empty(0)
    return flat.reshape(len(lists), lists.type.list_size)


def read_rows(path: str | Path, rows: np.ndarray) -> "pd.DataFrame":
    """Return some rows of a parquet file, by their places."""
    from pyarrow import parquet

    return parquet.read_table(path).take(rows).to_pandas()


@contextmanager
def writing_arrays(
    path: str | Path,
    shapes: Mapping[str, tuple[np.dtype, tuple[int, ...]]],
    metadata: Mapping[str, str] | None = None,
) -> Iterator[Callable[..., None]]:
    """Yield `put(name, rows, first=0)`, which writes an array's rows to a safetensors file.

    The file appears atomically, under the umask's mode; its header is in a fixed order, so that
    equal content gives equal bytes.

    Parameters
    ----------
    shapes : mapping
        Type and shape of each array; what is not put is zero.
    """
    order = sorted(shapes, key=lambda name: (-shapes[name][0].itemsize, name))
    header: dict[str, dict] = {"__metadata__": dict(sorted((metadata or {}).items()))}
    starts, end = {}, 0
    for name in order:
        dtype, shape = shapes[name]
        starts[name], end = end, end + dtype.itemsize * math.prod(shape)
        header[name] = {"dtype": SAFETENSORS_TYPES[dtype], "shape": list(shape)}
        header[name]["data_offsets"] = [starts[name], end]
    text = json.dumps(header, ensure_ascii=False).encode()
    text += b" " * (-len(text) % 8)  # so that the data are aligned
    with replacing(path) as temporary, open(temporary, "wb") as file:
        file.write(len(text).to_bytes(8, "little") + text)
        file.truncate(8 + len(text) + end)

        def put(name: str, array: np.ndarray, first: int = 0) -> None:
            dtype, shape = shapes[name]
            row = dtype.itemsize * math.prod(shape[1:])
            file.seek(8 + len(text) + starts[name] + first * row)
            file.write(np.ascontiguousarray(array, dtype).data)

        yield put


def write_arrays(
    path: str | Path, arrays: Mapping[str, np.ndarray], metadata: Mapping[str, str] | None = None
) -> None:
    """Write named arrays and a header of strings as safetensors, see `writing_arrays`."""
    shapes = {name: (array.dtype, array.shape) for name, array in arrays.items()}
    with writing_arrays(path, shapes, metadata) as put:
        for name, array in arrays.items():
            put(name, array)


@contextmanager
def open_arrays(path: str | Path, framework: str = "numpy") -> Iterator[safe_open]:
    """Yield a safetensors file that is mapped into memory.

    Raises
    ------
    ValueError
        If it is no whole file.
    """
    if os.path.lexists(path) and not os.path.isfile(path):  # to open a pipe may never end
        raise ValueError(f"{path}: no file but a folder, a pipe or a link to nothing")
    try:
        with safe_open(path, framework=framework) as file:
            yield file
    except SafetensorError as error:
        raise ValueError(
            f"{path}: {error}; expected a whole safetensors file: "
            "fetch it again if it was shared, or delete it and run the same command again"
        ) from None


def read_header(path: str | Path) -> dict[str, str]:
    """Return the header of a safetensors file."""
    with open_arrays(path) as file:
        return file.metadata() or {}


def model_names(header: Mapping[str, str]) -> list[str]:
    """Return the names of external models by the header of their predictions, none without any."""
    names: list[str] = json.loads(header.get("names") or header.get("members", "[]"))  # before 0.5
    return names


def read_arrays(path: str | Path) -> tuple[dict[str, np.ndarray], dict[str, str]]:
    """Return the arrays and the header of a safetensors file.

    Raises
    ------
    ValueError
        If it is no whole file.
    """
    with open_arrays(path) as file:
        arrays = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
        return arrays, file.metadata() or {}


def read_logits(paths: Sequence[str], examples: str) -> np.ndarray:
    """Return the logits of all blocks of models, float32 (models, examples, classes).

    Models are in the order of their seeds, those of one seed in that of their draws.

    Parameters
    ----------
    examples : str
        Digest of the examples that the predictions must be for.

    Raises
    ------
    ValueError
        If a file is not whole, is for other examples, or holds other seeds than its name says.
    """
    blocks = [_read_block(path, examples) for path in paths]
    logits = np.concatenate([logits for _, logits in blocks])
    keys = [key for keys_of_block, _ in blocks for key in keys_of_block]
    order = sorted(range(len(keys)), key=keys.__getitem__)
    return logits if order == list(range(len(keys))) else logits[order]


def _read_block(path: str, examples: str) -> tuple[list[tuple[int, int]], np.ndarray]:
    """Return the seed and draw of each model of a block, and their logits."""
    arrays, header = read_arrays(path)
    if header.get("examples") != examples:
        raise ValueError(
            f"{path}: predictions for examples {str(header.get('examples'))[:8]}; expected "
            f"{examples[:8]}, the digest of this dataset's ids and labels"
        )
    numbers = [int(number) for number in re.findall(r"\d+", Path(path).name)]
    first, last, first_draw, last_draw = (*numbers, 0, 0)[:4]
    named = [
        (seed, draw) for seed in range(first, last + 1) for draw in range(first_draw, last_draw + 1)
    ]
    seeds = arrays["seeds"].tolist()
    keys = list(zip(seeds, arrays.get("draws", np.zeros(len(seeds), int)).tolist(), strict=True))
    if keys != named:
        raise ValueError(f"{path}: seeds {seeds}; expected {first} to {last}, as its name says")
    return keys, arrays["logits"].astype(np.float32, copy=False)  # shared ones are halves
