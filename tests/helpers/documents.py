"""The documents' blocks of code, and the commands that they tell a reader to type."""

import re
import shlex
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).parents[2]
FOLDERS = ("docs", "config", "benchmarks")
DOCUMENTS = [ROOT / "README.md", *sorted(p for f in FOLDERS for p in (ROOT / f).rglob("*.md"))]
PROGRAMS = ("make", "pip", "python", "snakemake")
NOT_RUN = "<!-- not run: needs "


class Block(NamedTuple):
    """A block of code: its language, its text, and the comment in the line above it."""

    language: str
    text: str
    comment: str


class Command(NamedTuple):
    """A command, in words, the document that has it, and whether it is marked as not run."""

    words: tuple[str, ...]
    document: Path
    is_marked: bool


def blocks(document):
    """Return the blocks of code of a document."""
    text = document.read_text(encoding="utf-8")
    found = re.findall(r"^([^\n]*)\n *```(\w*)\n(.*?)^ *```", text, re.M | re.S)
    return [Block(language, code, above.strip()) for above, language, code in found]


def commands(document):
    """Return the commands of a document, those in blocks and those within a line."""
    found = []
    for block in blocks(document):
        if block.language in ("bash", "sh", ""):
            is_marked = block.comment.startswith(NOT_RUN)
            lines = block.text.replace("\\\n", " ").splitlines()
            found += [Command(words(line), document, is_marked) for line in lines if words(line)]
    text = re.sub(r"^ *```.*?^ *```", "", document.read_text(encoding="utf-8"), flags=re.M | re.S)
    inline = re.findall(rf"`((?:{'|'.join(PROGRAMS)})(?:\s[^`]*)?)`", text)
    return found + [Command(words(line), document, False) for line in inline]


def words(line):
    """Return the words of a command, without its comment."""
    return tuple(shlex.split(line, comments=True))


def configs(document):
    """Return the blocks of yaml of a document."""
    return [block.text for block in blocks(document) if block.language == "yaml"]
