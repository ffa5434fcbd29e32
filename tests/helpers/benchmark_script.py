"""Benchmarks as modules, for the tests of what they compute."""

import importlib.util
import sys
from pathlib import Path


def load(name):
    """Return the module benchmarks/{name}.py."""
    path = Path(__file__).parents[2] / "benchmarks" / f"{name}.py"
    spec = importlib.util.spec_from_file_location(name, path)
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module  # where its dataclasses look for their own types
    spec.loader.exec_module(module)
    return module
