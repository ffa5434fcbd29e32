"""Refuse small files that unpack to far more than such files hold, before memory is taken."""

import gzip
import zipfile
from pathlib import Path
from typing import Any

LARGE, MOST_PACKED = 200 * 2**20, 100  # bytes that may unpack from a small file, or times its size
LARGE_TEXT = 50 * 2**20  # the same for text, of which objects are made that are larger
ROWS, VALUE = 2**16, 8  # rows of a table that are looked at together, and bytes of a value


def most(path: str | Path, large: int | None = None) -> int:
    """Return how many bytes a file may unpack to."""
    return max(large or LARGE, MOST_PACKED * Path(path).stat().st_size)


def check(path: str | Path, unpacked: int, large: int | None = None) -> None:
    """Raise if a file unpacks to far too much.

    Raises
    ------
    ValueError
        With both sizes, without the file's name.
    """
    allowed = most(path, large)
    if unpacked > allowed:
        raise ValueError(
            f"it unpacks to {unpacked:,} bytes or more; expected at most {allowed:,} in a file of "
            f"{Path(path).stat().st_size:,}"
        )


def check_zip(path: str | Path) -> None:
    """Raise as `check` does for a zip file, by the sizes that its members may have."""
    with zipfile.ZipFile(path) as archive:
        check(path, sum(member.file_size for member in archive.infolist()))


def read_gzip(path: str | Path) -> bytes:
    """Return the text in a gzip file, or raise as `check` does."""
    parts, size = [], 0
    with gzip.open(path) as file:
        while part := file.read(2**20):
            size += len(part)
            check(path, size, LARGE_TEXT)
            parts.append(part)
    return b"".join(parts)


def check_parquet(path: str | Path) -> None:
    """Raise as `check` does for a parquet file: a value that repeats takes next to no space in it.

    Texts are looked at as numbers of different ones, so that none is spelled out.
    """
    import pyarrow.parquet as parquet

    with parquet.ParquetFile(path) as file:
        chunks = [
            file.metadata.row_group(group).column(column)
            for group in range(file.metadata.num_row_groups)
            for column in range(file.metadata.num_columns)
        ]
        numbers = sum(chunk.num_values for chunk in chunks) * VALUE
        check(path, numbers + sum(chunk.total_uncompressed_size for chunk in chunks))
        texts = sorted(
            {chunk.path_in_schema for chunk in chunks if chunk.physical_type == "BYTE_ARRAY"}
        )
    with parquet.ParquetFile(path, read_dictionary=texts) as file:
        for batch in file.iter_batches(ROWS, columns=texts) if texts else ():
            for column in batch.columns:
                numbers += _spelled_out(column)
            check(path, numbers)


def _spelled_out(column: Any) -> int:
    """Return how many bytes the texts of a column take."""
    import pyarrow
    import pyarrow.compute as compute

    if isinstance(column, pyarrow.DictionaryArray):
        lengths = compute.binary_length(column.dictionary).take(column.indices)
        return compute.sum(lengths).as_py() or 0
    return column.nbytes
