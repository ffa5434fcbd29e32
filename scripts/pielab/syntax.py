"""What source files say: a digest of their syntax trees, and the imports that they hold.

To parse the whole library takes 0.9 s, longer than to plan a small study. So what was found is kept
beside Python's own bytecode, by the content of the files.
"""

import ast
import hashlib
import json
import os
import sys
from contextlib import suppress
from pathlib import Path

MOST = 1000  # files, and former contents of files, of which anything is kept
_found: dict[str, tuple[str, list[str]]] = {}
_unkept: list[str] = []


def read(path: Path, folder: Path) -> tuple[str, list[str]]:
    """Return what a file holds.

    Parameters
    ----------
    folder : path
        Where `keep` keeps what is found.

    Returns
    -------
    digest : str
        Comments, docstrings and formatting leave it as it is.
    names : list of str
        What is imported from pielab, as it is written, such as `pielab.files` or `..files.NAME`.
    """
    source = path.read_bytes()
    content = hashlib.sha256(sys.version.encode() + source).hexdigest()
    if content not in _found and not _unkept:
        _found.update(_kept(folder))
    if content not in _found:
        tree = ast.parse(source, filename=str(path))
        names = sorted(_imported(tree))
        dump = ast.dump(_without_docstrings(tree))
        _found[content] = hashlib.sha256(dump.encode()).hexdigest(), names
        _unkept.append(content)
    return _found[content]


def keep(folder: Path) -> None:
    """Keep what was found since the last call, unless Python is told to keep no bytecode."""
    if _unkept and not sys.dont_write_bytecode:
        newest = dict(list(_found.items())[-MOST:])
        part = _file(folder).with_suffix(f".{os.getpid()}")
        with suppress(OSError):  # a library may be read-only; then it is parsed by each run
            folder.mkdir(exist_ok=True)
            part.write_text(json.dumps(newest), encoding="utf-8")
            part.replace(_file(folder))
        _unkept.clear()


def _file(folder: Path) -> Path:
    return folder / f"syntax.{sys.implementation.cache_tag}.json"


def _kept(folder: Path) -> dict[str, tuple[str, list[str]]]:
    """Return what was kept, nothing if that is no whole file."""
    with suppress(OSError, ValueError, TypeError, AttributeError):
        kept = json.loads(_file(folder).read_text(encoding="utf-8"))
        return {content: (str(digest), list(names)) for content, (digest, names) in kept.items()}
    return {}


def _imported(tree: ast.AST) -> set[str]:
    names = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            base = "." * node.level + (f"{node.module}." if node.module else "")
            names |= {base + alias.name for alias in node.names}
    return {name for name in names if name.startswith(".") or name.split(".")[0] == "pielab"}


def _without_docstrings(tree: ast.AST) -> ast.AST:
    for node in ast.walk(tree):
        body = getattr(node, "body", None)
        if (
            isinstance(node, (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef))
            and body
            and isinstance(body[0], ast.Expr)
            and isinstance(body[0].value, ast.Constant)
            and isinstance(body[0].value.value, str)
        ):
            node.body = body[1:]
    return tree
