"""Which room of the library may import which: from the ground up, and never back."""

import ast
import re
from functools import cache
from pathlib import Path

import pytest

LIBRARY = Path(__file__).parents[2] / "scripts/pielab"
FLOORS = [  # a room may import those on floors below its own
    {"leftovers"},
    {
        "vocabulary",
        "seeds",
        "files",
        "syntax",
        "logs",
        "machine",
        "memory",
        "forking",
        "unpacking",
    },
    {"provenance", "registry", "snakemake_internals"},
    {"digests", "external_content", "csv_tables", "endings", "objectives", "influence_measures"},
    {"text_scores"},
    {"jobs"},
    {"cells", "methods", "architectures", "harness_folders", "harness_python"},
    {"asked"},
    {"validation", "grid"},
    {"config", "config_files", "study_lock", "study"},
    {"remedies"},
    {"method_words"},
    {"job_settings", "harness_tasks"},
    {"data"},
    {"training", "pies"},
    {"external"},
    {"stats", "influence"},
    {"analysis"},
    {"slices"},
    {"measures"},
    {"causes"},
    {"claims"},
    {"figures"},
    {"pages"},
    {"gate"},
]
MODULES = sorted(path for path in LIBRARY.rglob("*.py") if path.name != "__init__.py")


def name_of(path):
    return ".".join(["pielab", *path.relative_to(LIBRARY).with_suffix("").parts])


PATHS = {name_of(path): path for path in MODULES}


@cache
def imported(module):
    """Return the names of the library's modules that a module imports."""
    path, found = PATHS[module], set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert not node.level, f"{path.name}: the library imports by full names"
            found |= {node.module, *(f"{node.module}.{alias.name}" for alias in node.names)}
    return found & set(PATHS)


def floor(module):
    room = module.split(".")[1]
    (found,) = (number for number, rooms in enumerate(FLOORS) if room in rooms)
    return found


@pytest.mark.parametrize("module", PATHS)
def test_a_module_imports_only_its_own_room_and_those_below(module):
    for other in imported(module):
        assert other.split(".")[1] == module.split(".")[1] or floor(other) < floor(module)


def test_no_module_imports_itself_however_far_around():
    for module in PATHS:
        reached, pending = set(), imported(module)
        while pending - reached:
            reached |= pending
            pending = set().union(*(imported(other) for other in pending))
        assert module not in reached


def test_the_library_imports_no_snakemake():
    for path in MODULES:
        assert not re.search(r"^\s*(import|from) snakemake", path.read_text(), re.MULTILINE)


@pytest.mark.parametrize("room", ["data", "training"])
def test_a_new_word_for_tables_and_pages_trains_no_study_again(room):
    modules = [module for module in PATHS if module.startswith(f"pielab.{room}.")]
    assert "pielab.vocabulary" not in set().union(*(imported(module) for module in modules))
