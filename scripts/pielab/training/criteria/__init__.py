"""What weights are ranked by: a module a criterion, taken by its name.

Each has `READS_GRADIENT` and `score(weights, gradients, seed)`, which returns a float tensor by
name of a weight: the smallest are pruned first. A job's digest of code counts its own only.
"""

from importlib import import_module
from types import ModuleType


def criterion_module(name: str) -> ModuleType:
    """Return the module of a criterion."""
    return import_module(f"{__name__}.{name}")
