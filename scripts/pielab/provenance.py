"""What a result was made from: canonical settings and a digest of the code that made it."""

import ast
import hashlib
import json
from functools import cache
from pathlib import Path

LIBRARY = Path(__file__).parent


def canonical(settings: dict) -> str:
    """Return `settings` as one JSON string, the same for the same values.

    Snakemake compares the set of a rule's param values and ignores their names, so that two
    params could swap unseen; inside one string they cannot.
    """
    return json.dumps(settings, sort_keys=True, ensure_ascii=False, allow_nan=False)


def code_digest(script: str | Path) -> str:
    """Return a SHA-256 of the syntax trees of a script and the pielab modules that it needs.

    Comments, docstrings and formatting leave it as it is.
    """
    pending, trees = [Path(script), LIBRARY / "__init__.py"], {}
    while pending:
        path = pending.pop()
        if path not in trees:
            trees[path], imported = _parse(path)
            pending += imported
    lines = sorted(f"{path.name}:{tree}" for path, tree in trees.items())
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()


@cache
def _parse(path: Path) -> tuple[str, list[Path]]:
    """Return a file's syntax tree as text and the pielab modules that it imports."""
    tree = ast.parse(path.read_text(encoding="utf-8"), filename=str(path))
    return ast.dump(_without_docstrings(tree)), _imported_modules(tree)


def _imported_modules(tree: ast.AST) -> list[Path]:
    names = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            package = ["pielab"] * bool(node.level) + [node.module] * bool(node.module)
            names |= {".".join([*package, alias.name]) for alias in node.names}
    modules = {LIBRARY / f"{name.split('.')[1]}.py" for name in names if name.startswith("pielab.")}
    return sorted(module for module in modules if module.exists())


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


def sha256_of(path: str | Path) -> str:
    """Return the SHA-256 of a file's bytes."""
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
