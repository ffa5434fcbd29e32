"""Read a table that users bring: csv, jsonl, parquet or aligned lines, as found."""

import json
from pathlib import Path

import pandas as pd

from pielab import unpacking
from pielab.data.csv_files import read_csv

SAVE = "save it as UTF-8, such as by `CSV UTF-8` of a spreadsheet program"
KINDS = {  # what a file is that begins so, and what to do
    b"PK\x03\x04": "it is a spreadsheet or a zip archive: export a sheet as csv",
    b"\x1f\x8b": "gzip packed it: unpack it",
    b"\xff\xfe": f"it is UTF-16: {SAVE}",
    b"\xfe\xff": f"it is UTF-16: {SAVE}",
    b"": SAVE,
}
MOST_SPARSE, MOST_EMPTY = 20, 10**6  # cells for each value of a jsonl file, or cells of a small one


def read_table(spec: str | dict) -> pd.DataFrame:
    """Return a table file, or two files of aligned lines given as `{text: ..., label: ...}`."""
    if isinstance(spec, dict):
        return _read_aligned(spec)
    readers = {".csv": read_csv, ".jsonl": _read_jsonl, ".parquet": _read_parquet}
    suffix = Path(spec).suffix.lower()
    if suffix not in readers:
        raise ValueError(f"{spec}: unknown file type {suffix!r}; expected .csv, .jsonl or .parquet")
    if not Path(spec).stat().st_size:
        raise ValueError(f"{spec}: 0 bytes; expected examples")
    try:
        return readers[suffix](spec)
    except UnicodeDecodeError as error:
        raise not_utf8(spec) from error
    except Exception as error:  # a damaged parquet file ends in errors of many kinds
        reason = str(error).splitlines()[0][:200] if str(error) else type(error).__name__
        raise ValueError(f"{spec}: not a readable {suffix} file: {reason}") from error


def _read_parquet(path: str) -> pd.DataFrame:
    unpacking.check_parquet(path)
    rows = pd.read_parquet(path)
    for _, column in rows.items():
        if isinstance(column.dtype, pd.StringDtype):
            column.to_numpy(object)  # only now bytes that are not UTF-8 are noticed
    return rows


def _read_jsonl(path: str) -> pd.DataFrame:
    rows = []
    for number, line in enumerate(_read_lines(path), start=1):
        if not line.strip():
            continue
        try:
            row = json.loads(line, object_pairs_hook=_object)
            json.dumps(row, ensure_ascii=False).encode()  # half a surrogate pair is no text
        except (ValueError, RecursionError):  # the latter: nested too deep
            row = None
        if not isinstance(row, dict):
            raise ValueError(
                f"line {number}: {line[:40]!r}; expected a JSON object with each key once"
            )
        rows.append(row)
    names, held = {name for row in rows for name in row}, sum(map(len, rows))
    if len(names) * len(rows) > max(MOST_SPARSE * held, MOST_EMPTY):
        raise ValueError(
            f"{len(names):,} keys in all, of which a line has {held / len(rows):.0f}; expected the "
            "same keys on each line"
        )
    # As objects: a missing key must not turn a column's 1 into 1.0
    return pd.DataFrame(rows, dtype=object)


def _object(pairs: list[tuple[str, object]]) -> dict:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise ValueError("a key twice")
    return found


def _read_aligned(paths: dict[str, str]) -> pd.DataFrame:
    columns = {}
    for name, path in paths.items():
        try:
            columns[name] = _read_lines(path)
        except UnicodeDecodeError as error:
            raise not_utf8(path) from error
    counts = {paths[name]: len(lines) for name, lines in columns.items()}
    if len(set(counts.values())) > 1:
        raise ValueError(f"files of unequal length: {counts} lines; expected as many in each")
    return pd.DataFrame(columns)


def _read_lines(path: str) -> list[str]:
    # Not splitlines(): it also cuts at form feeds and other marks inside a text
    with open(path, encoding="utf-8-sig", newline="\n") as lines:
        return [line.rstrip("\r\n") for line in lines]


def not_utf8(path: str, content: bytes | None = None) -> ValueError:
    """Return the error for a file that is not UTF-8, with the line of the first bad byte."""
    content = Path(path).read_bytes() if content is None else content
    for number, line in enumerate(content.split(b"\n"), start=1):
        try:
            line.decode("utf-8")
        except UnicodeDecodeError as error:
            bad = line[error.start]
            advice = next(KINDS[start] for start in KINDS if content.startswith(start))
            return ValueError(f"{path}, line {number}: byte 0x{bad:02x} is not UTF-8; {advice}")
    return ValueError(f"{path}: not UTF-8")
