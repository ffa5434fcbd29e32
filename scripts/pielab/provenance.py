"""What a result was made from: canonical settings and a digest of the code that made it."""

import ast
import hashlib
import json
from functools import cache
from pathlib import Path

LIBRARY = Path(__file__).parent
# What only reports, reads or writes: it changes no result
UNCOUNTED = ("digests", "endings", "files", "jobs", "logs", "owners", "provenance")


def canonical(settings: dict) -> str:
    """Return `settings` as one JSON string, the same for the same values.

    Snakemake compares the set of a rule's param values and ignores their names, so that two
    params could swap unseen; inside one string they cannot.
    """
    return json.dumps(settings, sort_keys=True, ensure_ascii=False, allow_nan=False)


def code_digest(script: str | Path, *chosen: str | Path) -> str:
    """Return a SHA-256 of the syntax trees of a script and the pielab modules that it needs.

    Comments, docstrings and formatting leave it as it is, and so do the modules of UNCOUNTED.

    Parameters
    ----------
    chosen : paths of modules
        Those that the script takes by a name in its settings, which no import shows.
    """
    needed = {path for file in (script, *chosen) for path in needed_modules(file)}
    trees = {str(path): _parse(path)[0] for path in needed | {*map(Path, chosen)}}
    trees["script"] = _parse(Path(script))[0]
    lines = sorted(f"{name.removeprefix(str(LIBRARY))}:{tree}" for name, tree in trees.items())
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()


def needed_modules(script: str | Path) -> list[Path]:
    """Return the files of the pielab modules that a script needs, directly or not, sorted.

    Those of UNCOUNTED, and what only they import, are left out.
    """
    uncounted = {LIBRARY / f"{name}.py" for name in UNCOUNTED}
    needed: set[Path] = set()
    pending = _parse(Path(script))[1]
    while pending := [path for path in pending if path not in needed | uncounted]:
        needed |= set(pending)
        pending = [module for path in pending for module in _parse(path)[1]]
    return sorted(needed)


@cache
def _parse(path: Path) -> tuple[str, list[Path]]:
    """Return a file's syntax tree as text and the pielab modules that it imports."""
    tree = ast.parse(path.read_text(encoding="utf-8"), filename=str(path))
    return ast.dump(_without_docstrings(tree)), _imported_modules(tree, path)


def _imported_modules(tree: ast.AST, path: Path) -> list[Path]:
    """Return the files of the modules that a tree imports, and of the packages they are in."""
    package = (
        ("pielab", *path.relative_to(LIBRARY).parts[:-1]) if path.is_relative_to(LIBRARY) else ()
    )
    names: set[tuple[str, ...]] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names |= {tuple(alias.name.split(".")) for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            # One dot is the file's own package, each further one the package around it
            base = package[: len(package) + 1 - node.level] if node.level else ()
            base += tuple(node.module.split(".")) if node.module else ()
            names |= {(*base, alias.name) for alias in node.names}
    modules = set()
    for name in names:
        if name[0] == "pielab":
            for depth in range(1, len(name) + 1):
                place = LIBRARY.joinpath(*name[1:depth])
                modules |= {place / "__init__.py", place.with_suffix(".py")}
    return sorted(module for module in modules if module.is_file())


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
