"""Read what modules say of themselves in constants, without importing them: torch takes seconds."""

import ast
import difflib
from collections.abc import Iterable, Sequence
from pathlib import Path


def module_names(folder: Path) -> list[str]:
    """Return the names of a folder's modules, sorted."""
    return sorted(path.stem for path in folder.glob("*.py") if path.stem != "__init__")


def near(name: object, known: Sequence[str]) -> str:
    """Return what to add to a message on a name that is not known: the one that may be meant."""
    alike = difflib.get_close_matches(str(name), known, n=1)
    return f"; did you mean {alike[0]}?" if alike else ""


def constants(path: Path, names: Iterable[str]) -> dict[str, object]:
    """Return the constants of a module that are among `names`, by their names in lower case."""
    wanted, found = {name.upper() for name in names}, {}
    for node in ast.parse(path.read_text(encoding="utf-8")).body:
        if isinstance(node, ast.Assign | ast.AnnAssign) and node.value:
            target = node.target if isinstance(node, ast.AnnAssign) else node.targets[0]
            if getattr(target, "id", "") in wanted:
                found[ast.unparse(target).lower()] = ast.literal_eval(node.value)
    return found
