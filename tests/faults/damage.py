"""Damage a file as disks, transfers, editors and hostile people do, the same for the same seed."""

import re

import numpy as np

WORDS = [b"nan", b"-inf", b"1e999", b"null", b"true", b"[]", b"{}", b'"', b"-1", b"99999999999"]
WORDS += [
    b"1_000",
    b"1+2j",
    b"\xff",
    b"\x00",
    b"\r\n",
    b",",
    b"\xef\xbb\xbf",
    "é".encode("latin-1"),
]
WORDS += [
    b"2026-01-01",
    b"a" * 5000,
    b"<script>",
    b"9" * 400,
    b"\\ud800",
    b"!!python/name:os.system",
]
TOKEN = re.compile(rb"[\w.+-]+")


def damage(content: bytes, generator: np.random.Generator) -> bytes:
    """Return a content after one to three changes that are drawn at random."""
    for _ in range(generator.integers(1, 4)):
        content = CHANGES[generator.integers(len(CHANGES))](content, generator)
    return content


def _place(content: bytes, generator: np.random.Generator) -> int:
    return int(generator.integers(len(content) + 1))


def _cut(content, generator):
    return content[: _place(content, generator)]


def _flip(content, generator):
    changed = bytearray(content)
    for _ in range(generator.integers(1, 9) if content else 0):
        changed[generator.integers(len(changed))] ^= 1 << generator.integers(8)
    return bytes(changed)


def _drop(content, generator):
    first, last = sorted((_place(content, generator), _place(content, generator)))
    return content[:first] + content[last:]


def _repeat(content, generator):
    first, last = sorted((_place(content, generator), _place(content, generator)))
    return content[:last] + content[first:]


def _insert(content, generator):
    place = _place(content, generator)
    return content[:place] + WORDS[generator.integers(len(WORDS))] + content[place:]


def _replace(content, generator):
    """Put another word, as hostile as may be, where a word or number is."""
    found = list(TOKEN.finditer(content))
    if not found:
        return content
    token = found[generator.integers(len(found))]
    word = WORDS[generator.integers(len(WORDS))]
    return content[: token.start()] + word + content[token.end() :]


def _swap_lines(content, generator):
    lines = content.splitlines(keepends=True)
    if len(lines) > 1:
        first, second = generator.integers(len(lines), size=2)
        lines[first], lines[second] = lines[second], lines[first]
    return b"".join(lines)


CHANGES = [_cut, _flip, _flip, _drop, _repeat, _insert, _replace, _replace, _replace, _swap_lines]
