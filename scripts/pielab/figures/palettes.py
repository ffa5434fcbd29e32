"""seaborn's palettes without the rest of seaborn, which imports scipy.stats for a second."""

import sys
from functools import cache
from importlib import import_module, util
from types import ModuleType
from typing import Any

PACKAGE = "seaborn"


@cache
def _module() -> Any:
    """Return seaborn.palettes, and leave the import of seaborn to who wants all of it."""
    name = f"{PACKAGE}.palettes"
    if PACKAGE in sys.modules:
        return import_module(name)
    spec = util.find_spec(PACKAGE)
    if spec is None or spec.submodule_search_locations is None:
        raise ModuleNotFoundError(f"{PACKAGE}: not installed; expected its palettes")
    # A package whose own code does not run, from which modules can be imported
    package = ModuleType(PACKAGE)
    package.__path__ = spec.submodule_search_locations
    sys.modules[PACKAGE] = package
    try:
        import_module(f"{PACKAGE}.cm")  # colours from light to dark, which it adds to Matplotlib's
        return import_module(name)
    finally:
        for found in [module for module in sys.modules if module.split(".")[0] == PACKAGE]:
            del sys.modules[found]


def color_palette(name: str, number: int) -> list[tuple]:
    """Return so many colours of a palette that seaborn knows, as `seaborn.color_palette`."""
    return list(_module().color_palette(name, number))


def color_map(name: str) -> Any:
    """Return a palette as one of Matplotlib's colour maps."""
    return _module().color_palette(name, as_cmap=True)
