"""What a result was made from: canonical settings and a digest of the code that made it."""

import hashlib
import json
import os
from functools import cache
from pathlib import Path

from pielab import syntax

LIBRARY = Path(__file__).parent
# What only reports, reads or writes: it changes no result
UNCOUNTED = ("digests", "endings", "files", "jobs", "leftovers", "logs", "provenance")


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
    trees = {str(path): _says(path)[0] for path in needed | {*map(Path, chosen)}}
    trees["script"] = _says(Path(script))[0]
    syntax.keep(LIBRARY / "__pycache__")
    lines = sorted(f"{name.removeprefix(str(LIBRARY))}:{tree}" for name, tree in trees.items())
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()


def needed_modules(script: str | Path) -> list[Path]:
    """Return the files of the pielab modules that a script needs, directly or not, sorted.

    Those of UNCOUNTED, and what only they import, are left out.
    """
    uncounted = {LIBRARY / f"{name}.py" for name in UNCOUNTED}
    needed: set[Path] = set()
    pending = _says(Path(script))[1]
    while pending := [path for path in pending if path not in needed and path not in uncounted]:
        needed |= set(pending)
        pending = [module for path in pending for module in _says(path)[1]]
    return sorted(needed)


@cache
def _says(path: Path) -> tuple[str, list[Path]]:
    """Return the digest of a file's syntax and the files of the pielab modules that it imports.

    Those are the modules that it names, and the packages that they are in.
    """
    digest, names = syntax.read(path, LIBRARY / "__pycache__")
    package = (
        ("pielab", *path.relative_to(LIBRARY).parts[:-1]) if path.is_relative_to(LIBRARY) else ()
    )
    files = set()
    for name in names:
        below = name.lstrip(".")
        level = len(name) - len(below)
        # One dot is the file's own package, each further one the package around it
        base = package[: len(package) + 1 - level] if level else ()
        first, *others = (*base, *below.split("."))
        for depth in range(len(others) + 1) if first == "pielab" else ():
            files |= {"/".join([*others[:depth], "__init__"]), "/".join(others[:depth])}
    modules = (f"{LIBRARY}/{file}.py" for file in sorted(files) if file)
    return digest, [Path(module) for module in modules if os.path.isfile(module)]


def sha256_of(path: str | Path) -> str:
    """Return the SHA-256 of a file's bytes."""
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
