"""Read the logs of lm-evaluation-harness: `samples_TASK_DATE.jsonl`, written by `--log_samples`.

A line is a document under one filter. Of runs that are compared, documents are paired by id: the
first digits of the document's and the target's hash.
"""

import hashlib
import json
import math
import re
import reprlib
from collections import Counter
from pathlib import Path
from typing import Any, NamedTuple

HASH_DIGITS = 12
KINDS = {int: "a whole number", str: "a text", list: "a list", dict: "an object"}


class Sample(NamedTuple):
    """A document under one filter."""

    line: int  # from 1
    doc_id: int
    document: str  # hashes of the document and its target
    prompt_hash: str
    filter: str
    target: str
    text: str
    choices: tuple[str, ...]  # () where they are not continuations of one context
    log_probabilities: tuple[float, ...]  # in nats, of each choice; () where an answer is generated
    metrics: dict[str, object]  # by name, as found

    @property
    def chosen(self) -> int:
        """The position of the first choice of the largest log probability."""
        return self.log_probabilities.index(max(self.log_probabilities))


def is_log(path: str) -> bool:
    """Return whether a file bears the name of a log."""
    return Path(path).name.startswith("samples_") and Path(path).suffix == ".jsonl"


def read_samples(path: str) -> list[Sample]:
    """Return the lines of a log.

    Raises
    ------
    ValueError
        Naming the file, the line and what was expected.
    """
    if not Path(path).is_file():
        raise ValueError(f"{path}: no such file; expected samples of lm_eval --log_samples")
    samples = []
    with open(path, "rb") as lines:  # bytes, whose lines end at line feeds alone
        try:
            for number, line in enumerate(lines, start=1):
                if line.strip():
                    samples.append(_read_line(line, number))
        except RecursionError:
            raise ValueError(f"{path}, line {number}: nested too deep") from None
        except ValueError as error:
            raise ValueError(f"{path}, line {number}: {error}") from None
    if not samples:
        raise ValueError(f"{path}: no lines; expected samples of lm_eval --log_samples")
    seen: dict[tuple, int] = {}
    for sample in samples:
        first = seen.setdefault((sample.doc_id, sample.document, sample.filter), sample.line)
        if first != sample.line:
            raise ValueError(
                f"{path}, lines {first} and {sample.line}: both are document {sample.doc_id} under "
                f"the filter {sample.filter!r}; expected one run a file"
            )
    return samples


def under_one_filter(samples: list[Sample], path: str, name: str | None) -> list[Sample]:
    """Return the samples of the named filter, or of the only one there is."""
    filters = dict.fromkeys(sample.filter for sample in samples)
    if name is None and len(filters) > 1:
        raise ValueError(
            f"{path}: filters {', '.join(filters)}; expected one of them as `filter` in the config"
        )
    if name is not None and name not in filters:
        raise ValueError(f"{path}: no filter {name!r}; expected one of {', '.join(filters)}")
    return [sample for sample in samples if name in (None, sample.filter)]


def ids(samples: list[Sample]) -> list[str]:
    """Return an id for each sample of one filter; equal documents are numbered by `doc_id`."""
    found = [""] * len(samples)
    count: Counter[str] = Counter()
    for row in sorted(range(len(samples)), key=lambda row: samples[row].doc_id):
        document = samples[row].document
        count[document] += 1
        found[row] = document if count[document] == 1 else f"{document}-{count[document]}"
    return found


def _read_line(line: bytes, number: int) -> Sample:
    try:
        row = json.loads(line.decode("utf-8"))
    except UnicodeDecodeError as error:
        raise ValueError(f"byte 0x{line[error.start]:02x} is not UTF-8") from None
    except ValueError:
        start = line[:40].decode("utf-8", "replace")
        raise ValueError(f"{start!r}; expected a JSON object on one whole line") from None
    if not isinstance(row, dict):
        raise ValueError(f"{reprlib.repr(row)}; expected a JSON object")
    requests = _requests(_value(row, "arguments", (dict, list)))
    contexts = [context for context, _ in requests]
    document, target = _value(row, "doc", dict), str(_value(row, "target", (str, int)))
    hashes = [
        _hash(row, "doc_hash", json.dumps(document, indent=2, ensure_ascii=False)),
        _hash(row, "target_hash", target),
    ]
    responses = _value(row, "filtered_resps", list)
    choices = [continuation for _, continuation in requests]
    asked_once = len(set(contexts)) == 1 and all(isinstance(choice, str) for choice in choices)
    return Sample(
        line=number,
        doc_id=_value(row, "doc_id", int),
        document="-".join(digits[:HASH_DIGITS] for digits in hashes),
        prompt_hash=_hash(row, "prompt_hash", contexts[0]),
        filter=_value({"filter": "none"} | row, "filter", str),  # older releases name none
        target=target,
        text=_whole(_text(document, contexts, choices)),
        # Without the space that the harness puts before a choice
        choices=tuple(_whole(choice.removeprefix(" ")) for choice in choices if asked_once),
        log_probabilities=_log_probabilities(responses, len(requests)),
        metrics={
            name: _value(row, name, object)
            for name in map(str, _value({"metrics": []} | row, "metrics", list))
        },
    )


def _value(row: dict, key: str, kind: type | tuple) -> Any:
    if key not in row:
        raise ValueError(f"no key {key!r}; expected one, as lm_eval --log_samples writes it")
    value = row[key]
    kinds = kind if isinstance(kind, tuple) else (kind,)
    if object not in kinds and (not isinstance(value, kinds) or isinstance(value, bool)):
        expected = " or ".join(KINDS[each] for each in kinds)
        raise ValueError(f"{key}: {reprlib.repr(value)}; expected {expected}")
    return value


def _whole(text: str) -> str:
    try:
        text.encode()
    except UnicodeEncodeError:
        raise ValueError(f"{text[:40]!r}: half a surrogate pair; expected text") from None
    return text


def _hash(row: dict, key: str, hashed: str) -> str:
    """Return a SHA-256 of the line, or, of older releases that write none, that of `hashed`."""
    if row.get(key) is None:
        return hashlib.sha256(hashed.encode()).hexdigest()
    if not re.fullmatch(r"[0-9a-f]{64}", _value(row, key, str)):
        raise ValueError(f"{key}: {row[key][:40]!r}; expected a SHA-256 in hexadecimal")
    return row[key]


def _requests(arguments: dict | list) -> list[tuple[str, Any]]:
    """Return the context and continuation (or settings) of each request; older logs have lists."""
    requests = []
    for request in arguments.values() if isinstance(arguments, dict) else arguments:
        parts = list(request.values()) if isinstance(request, dict) else request
        if not isinstance(parts, list) or not parts:
            raise ValueError(f"arguments: {reprlib.repr(request)}; expected a context and more")
        requests.append((_context(parts[0]), parts[1] if len(parts) > 1 else None))
    if not requests:
        raise ValueError("arguments: none; expected those of one request or more")
    half = len(requests) // 2  # `acc_mutual_info` asks for each choice again, without context
    contexts = [context for context, _ in requests]
    unconditional = not any(contexts[half:]) and all(contexts[:half])
    return requests[:half] if half and unconditional else requests


def _context(argument: object) -> str:
    """Return a prompt; of a chat, which stands as JSON in a list, what was said last."""
    if isinstance(argument, list) and len(argument) == 1 and isinstance(argument[0], str):
        try:
            return str(json.loads(argument[0])[-1]["content"])
        except (ValueError, LookupError, TypeError):
            return argument[0]
    if not isinstance(argument, str):
        raise ValueError(f"arguments: {reprlib.repr(argument)}; expected a context as text")
    return argument


def _log_probabilities(responses: list, requests: int) -> tuple[float, ...]:
    if requests == 1:
        return ()
    if len(responses) < requests:
        found = f"{len(responses)} for {requests} choices"
        raise ValueError(f"filtered_resps: {found}; expected a log probability each")
    values = []
    for response in responses[:requests]:
        value = response[0] if isinstance(response, list) and response else None
        try:
            number = float(value) if isinstance(value, (str, float, int)) else math.nan
        except (ValueError, OverflowError):
            number = math.nan
        if not math.isfinite(number):
            shown = reprlib.repr(response)
            raise ValueError(f"filtered_resps: {shown}; expected a finite log probability")
        values.append(number)
    return tuple(values)


def _text(document: dict, contexts: list[str], choices: list) -> str:
    """Return what is asked about: without instructions and without examples of other documents.

    The document's own fields of several words that stand in the prompt, those inside others left
    out; where none does, the prompt's last paragraph.
    """
    own = dict.fromkeys(
        value.strip()
        for value in document.values()
        if isinstance(value, str) and len(value.split()) > 1 and value.strip() in contexts[0]
    )
    fields = [text for text in own if not any(text in other for other in own if other != text)]
    if fields:
        return "\n".join(fields)
    last = contexts[0].strip().split("\n\n")[-1]
    # Where contexts differ, the choice stands in them, and what follows is the same for all
    return f"{last}{choices[0]}" if len(set(contexts)) > 1 else last
