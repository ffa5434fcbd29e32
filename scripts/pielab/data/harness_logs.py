"""Read the logs of lm-evaluation-harness, written by `--log_samples`.

A sample is a document under one filter. Of runs that are compared, documents are paired by id: the
first digits of the document's and the target's hash.
"""

import hashlib
import json
import math
import re
import reprlib
from collections import Counter
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import numpy as np

from pielab.data.harness_rows import EXPECTED, read_rows

HASH_DIGITS = 12
LENGTHS = {  # metric: what log probabilities are divided by, as the harness does
    "acc": lambda choice: 1,
    "acc_norm": len,  # in characters
    "acc_bytes": lambda choice: len(choice.encode()),
}
UNNAMED, ONLY_FILTER = "", "none"  # a filter in older releases, and the only one in newer ones
PARTS = {2: "half", 3: "third", 4: "quarter"}
NO_METRICS = {"doc_id", "doc", "target", "arguments", "resps", "filtered_resps", "filter"}
NO_METRICS |= {
    "epoch",
    "sample_id",
    "doc_hash",
    "prompt_hash",
    "target_hash",
    "schema_version",
    "timestamp",
}
KINDS = {int: "a whole number", str: "a text", list: "a list", dict: "an object"}


class Sample(NamedTuple):
    """A document under one filter."""

    line: int  # from 1
    doc_id: int
    document: str  # hashes of the document and its target
    prompt_hash: str
    filter: str
    target: str
    is_position: bool  # the target is a number, not text; only older releases tell
    text: str
    choices: tuple[str, ...]  # () where they are not continuations of one context
    log_probabilities: tuple[float, ...]  # in nats, of each choice; () where an answer is generated
    metrics: dict[str, object]  # by name, as found
    numbered: bool = False  # filters that have no names are numbered
    fields: tuple[str | None, ...] = ()  # of the document, those asked for
    answer: str | None = None  # as generated; None where choices are compared
    parsed: str | None = None  # the same as the filter leaves it
    run: str = ""  # the epoch of a log of Inspect, which repeats its documents
    name: str | None = None  # the id of a document, if a log has any

    def scores(self, metric: str) -> np.ndarray | None:
        """Return what the harness ranks the choices by; None where a choice has no length."""
        scores = np.array(self.log_probabilities)
        if metric == "acc":
            return scores
        lengths = [LENGTHS[metric](choice) for choice in self.choices]
        return scores / lengths if len(lengths) == len(scores) and all(lengths) else None

    @property
    def cluster(self) -> str | None:
        """The fields asked for as one text, None of a document that has none of them."""
        return json.dumps(self.fields) if any(self.fields) else None

    @property
    def chosen(self) -> int:
        """The position that the harness takes for the answer, which is the first NaN if any is."""
        return int(np.argmax(self.log_probabilities))


def read_samples(path: str, fields: Sequence[str] = ()) -> list[Sample]:
    """Return the documents of a log, each under each filter, with some of their own fields.

    Raises
    ------
    ValueError
        Naming the file, the line and what was expected.
    """
    samples = []
    for number, row in read_rows(path):
        try:
            samples.append(_read_row(row, number, fields))
        except RecursionError:
            raise ValueError(f"{path}, line {number}: nested too deep") from None
        except ValueError as error:
            raise ValueError(f"{path}, line {number}: {error}") from None
    if not samples:
        raise ValueError(f"{path}: no lines; {EXPECTED}")
    samples = _with_filters(samples)
    seen: dict[tuple, int] = {}
    for sample in samples:
        key = sample.run, sample.doc_id, sample.document, sample.filter
        first = seen.setdefault(key, sample.line)
        if first != sample.line:
            raise ValueError(
                f"{path}, lines {first} and {sample.line}: both are document {sample.doc_id} under "
                f"the filter {sample.filter!r}; expected one run a file"
            )
    return samples


def _with_filters(samples: list[Sample]) -> list[Sample]:
    """Return samples whose filters have names: those of older releases, which have none, numbers.

    Older releases write all documents under the first filter, then all under the second.
    """
    if any(sample.filter != UNNAMED for sample in samples):
        return [sample._replace(filter=sample.filter or ONLY_FILTER) for sample in samples]
    count: Counter[tuple] = Counter()
    numbers = []
    for sample in samples:
        count[sample.doc_id, sample.document] += 1
        numbers.append(count[sample.doc_id, sample.document])
    several = max(numbers) > 1 and len(set(count.values())) == 1 and numbers == sorted(numbers)
    names = map(str, numbers) if several else [ONLY_FILTER] * len(samples)
    return [
        sample._replace(filter=name, numbered=several)
        for sample, name in zip(samples, names, strict=True)
    ]


def under_one_filter(samples: list[Sample], path: str, name: str | None) -> list[Sample]:
    """Return the samples of the named filter, or of the only one there is."""
    filters = dict.fromkeys(sample.filter for sample in samples)
    if name is None and samples[0].numbered:
        raise ValueError(
            f"{path}: {len(filters)} lines for each document and no key 'filter', as older "
            f"releases of lm_eval write a task with {len(filters)} filters; keep the lines of one "
            f"filter (one {PARTS.get(len(filters), 'part')} of the file), or set "
            f"predictions.filter to one of {', '.join(map(repr, filters))}, by their order in it"
        )
    if name is None and len(filters) > 1:
        raise ValueError(
            f"{path}: filters {', '.join(filters)}; expected one of them as predictions.filter"
        )
    if name is not None and name not in filters:
        raise ValueError(f"{path}: no filter {name!r}; expected one of {', '.join(filters)}")
    return [sample for sample in samples if name in (None, sample.filter)]


def read_documents(path: str, fields: Sequence[str] = ()) -> list[Sample]:
    """Return the documents of a log, each once: under the first filter, as each has all."""
    samples = read_samples(path, fields)
    return under_one_filter(samples, path, samples[0].filter)


def ids(samples: list[Sample]) -> list[str]:
    """Return an id for each sample of one filter; equal documents are numbered by `doc_id`."""
    found = [""] * len(samples)
    count: Counter[tuple[str, str]] = Counter()
    for row in sorted(range(len(samples)), key=lambda row: samples[row].doc_id):
        document, run = samples[row].name or samples[row].document, samples[row].run
        count[run, document] += 1
        number = count[run, document]
        found[row] = document if number == 1 else f"{document}-{number}"
    return found


def _read_row(row: dict, number: int, fields: Sequence[str] = ()) -> Sample:
    requests = _requests(_value(row, "arguments", (dict, list)))
    contexts = [context for context, _ in requests]
    document, target = _value(row, "doc", dict), _value(row, "target", object)
    position = isinstance(target, int) and not isinstance(target, bool)
    target = str(target)  # a list as newer releases write it
    hashes = [
        _hash(row, "doc_hash", lambda: json.dumps(document, indent=2, ensure_ascii=False)),
        _hash(row, "target_hash", lambda: target),
    ]
    responses = _value(row, "filtered_resps", list)
    choices = [continuation for _, continuation in requests]
    # Settings, and no text whose log probability is taken
    is_generated = len(requests) == 1 and isinstance(requests[0][1], dict)
    asked_once = len(set(contexts)) == 1 and all(isinstance(choice, str) for choice in choices)
    return Sample(
        line=number,
        doc_id=_value(row, "doc_id", int),
        document="-".join(digits[:HASH_DIGITS] for digits in hashes),
        prompt_hash=_hash(row, "prompt_hash", lambda: contexts[0]),
        filter=_value({"filter": UNNAMED} | row, "filter", str),
        target=target,
        is_position=position,
        text=_whole(_text(document, contexts, choices)),
        # Without the space that the harness puts before a choice
        choices=tuple(_whole(choice.removeprefix(" ")) for choice in choices if asked_once),
        log_probabilities=_log_probabilities(responses, len(requests)),
        metrics=_metrics(row),
        fields=tuple(_field(document.get(name)) for name in fields),
        answer=_generated(row.get("resps")) if is_generated else None,
        parsed=_generated(responses) if is_generated else None,
        run=str(row["epoch"]) if "epoch" in row else "",
        name=_value(row, "sample_id", str) if "sample_id" in row else None,
    )


def _generated(responses: object) -> str | None:
    """Return the first text of nested lists of responses, whole; None if there is none."""
    while isinstance(responses, list) and responses:
        responses = responses[0]
    return _whole(responses) if isinstance(responses, str) else None


def _field(value: object) -> str | None:
    """Return a document's field as text; None of an empty one."""
    if value is None or value == "":
        return None
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _value(row: dict, key: str, allowed: type | tuple) -> Any:
    if key not in row:
        raise ValueError(f"no key {key!r}; expected one, as lm_eval --log_samples writes it")
    value = row[key]
    kinds = allowed if isinstance(allowed, tuple) else (allowed,)
    if object not in kinds and (not isinstance(value, kinds) or isinstance(value, bool)):
        expected = " or ".join(KINDS[kind] for kind in kinds)
        raise ValueError(f"{key}: {reprlib.repr(value)}; expected {expected}")
    return value


def _metrics(row: dict) -> dict[str, object]:
    """Return the metrics by name: those listed or, where older releases list none, the rest."""
    if "metrics" not in row:
        return {name: value for name, value in row.items() if name not in NO_METRICS}
    return {name: _value(row, name, object) for name in map(str, _value(row, "metrics", list))}


def _whole(text: str) -> str:
    try:
        text.encode()
    except UnicodeEncodeError:
        raise ValueError(f"{text[:40]!r}: half a surrogate pair; expected text") from None
    return text


def _hash(row: dict, key: str, hashed: Callable[[], str]) -> str:
    """Return a SHA-256 of the line, or, of older releases that write none, that of `hashed`."""
    if row.get(key) is None:
        return hashlib.sha256(hashed().encode()).hexdigest()
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
    """Return a prompt; for a chat, which is JSON in a list, the last message."""
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
        # Python takes `1_0` for ten, and true for one
        is_number = type(value) in (float, int) or (isinstance(value, str) and "_" not in value)
        try:
            number = float(value) if is_number else math.inf  # type: ignore[arg-type]
        except (ValueError, OverflowError):
            number = math.inf
        if number == math.inf:
            raise ValueError(
                f"filtered_resps: {reprlib.repr(response)}; expected a log probability"
            )
        values.append(number)
    return tuple(values)


def _text(document: dict, contexts: list[str], choices: list) -> str:
    """Return what is asked about: without instructions and without examples of other documents.

    The document's own fields of several words that stand in the prompt, those inside others left
    out; where none does, the prompt's last paragraph.
    """
    texts = dict.fromkeys(
        value.strip()
        for value in document.values()
        if isinstance(value, str) and len(value.split()) > 1 and value.strip() in contexts[0]
    )
    fields = [text for text in texts if not any(text in other for other in texts if other != text)]
    if fields:
        return "\n".join(fields)
    last = contexts[0].strip().split("\n\n")[-1]
    # Where contexts differ, the choice stands in them, and what follows is the same for all
    return f"{last}{choices[0]}" if len(set(contexts)) > 1 else last
