"""Read the files of lm-evaluation-harness as JSON objects, from all its releases.

Newer releases write `samples_TASK_DATE.jsonl`, an object on each line. Releases 0.4.0 to 0.4.2
write one JSON array, and name the file for the model: `pretrained__MODEL_TASK.jsonl`. Each is read
gzipped, too, with `.gz` after its name.
"""

import json
import re
import reprlib
import zlib
from collections.abc import Iterator
from pathlib import Path

from pielab import unpacking

EXPECTED = "expected samples of lm_eval --log_samples"
_VALUE = re.compile(r"[^ \t\r\n]|\Z")  # where what is not white space begins


def read_rows(path: str) -> Iterator[tuple[int, dict]]:
    """Yield the objects of a log, each with the line, from 1, on which it begins.

    Raises
    ------
    ValueError
        Naming the file, the line and what was expected.
    """
    if not Path(path).is_file():
        raise ValueError(f"{path}: no such file; {EXPECTED}")
    content = _unpacked(path)
    read = _of_array if content.lstrip()[:1] == b"[" else _of_lines
    try:
        for number, row in read(content):
            if not isinstance(row, dict):
                raise ValueError(f"line {number}: {reprlib.repr(row)}; expected a JSON object")
            yield number, row
    except ValueError as error:
        raise ValueError(f"{path}, {error}") from None


def _unpacked(path: str) -> bytes:
    """Return what a file holds, or the gzipped file in it."""
    if not path.endswith(".gz"):
        return Path(path).read_bytes()
    try:
        return unpacking.read_gzip(path)
    except (OSError, EOFError, zlib.error) as error:
        raise ValueError(f"{path}: no whole gzip file: {error}; {EXPECTED}") from None
    except ValueError as error:
        raise ValueError(f"{path}: {error}") from None


def _of_lines(content: bytes) -> Iterator[tuple[int, object]]:
    """Yield what each line holds, and its number; lines end at line feeds alone."""
    for number, line in enumerate(content.split(b"\n"), start=1):
        if line.strip():
            text = _text(line, number)
            try:
                row = json.loads(text)
            except RecursionError:
                raise ValueError(f"line {number}: nested too deep") from None
            except ValueError:
                start = line[:40].decode("utf-8", "replace")
                raise ValueError(
                    f"line {number}: {start!r}; expected a JSON object on one whole line"
                ) from None
            yield number, row


def _of_array(content: bytes) -> Iterator[tuple[int, object]]:
    """Yield what a JSON array holds, and on which line each element begins."""
    text, decoder = _text(content, 1), json.JSONDecoder()
    place, number = text.index("[") + 1, 1 + text.count("\n", 0, text.index("["))
    while True:
        start = _start_of(text, place)
        number += text.count("\n", place, start)
        if text[start : start + 1] == "]":
            break
        try:
            row, end = decoder.raw_decode(text, start)
        except RecursionError:
            raise ValueError(f"line {number}: nested too deep") from None
        except ValueError:
            excerpt = text[start : start + 40]
            raise ValueError(f"line {number}: {excerpt!r}; expected a whole JSON object") from None
        yield number, row
        number += text.count("\n", start, end)
        place = _start_of(text, end)
        number += text.count("\n", end, place)
        if text[place : place + 1] not in (",", "]"):
            raise ValueError(f"line {number}: {text[place : place + 40]!r}; expected a comma or ]")
        place += text[place] == ","
    if text[start + 1 :].strip():
        excerpt = text[start + 1 :].strip()[:40]
        raise ValueError(f"line {number}: {excerpt!r} after the end of the array; expected nothing")


def _start_of(text: str, place: int) -> int:
    """Return where, from a place on, something other than white space begins."""
    found = _VALUE.search(text, place)
    return found.start() if found else len(text)


def _text(content: bytes, number: int) -> str:
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError as error:
        line = number + content.count(b"\n", 0, error.start)
        bad = content[error.start]
        raise ValueError(f"line {line}: byte 0x{bad:02x} is not UTF-8") from None
