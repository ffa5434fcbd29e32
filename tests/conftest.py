import gc
import os
import sys
from pathlib import Path

import pytest
from hypothesis import settings

# A thread a process, as jobs have: those of two busy processes would wait for each other, spinning
for _library in ("OMP", "OPENBLAS"):
    os.environ.setdefault(f"{_library}_NUM_THREADS", "1")

# No deadline: a slow machine is not a failure. Derandomised: a failure is the same every time.
settings.register_profile("pielab", deadline=None, max_examples=30, derandomize=True)
settings.load_profile("pielab")


@pytest.fixture(autouse=True)
def _subnormal_numbers():
    """Leave floating point as it was: training flushes the smallest numbers to zero."""
    yield
    if "torch" in sys.modules:
        sys.modules["torch"].set_flush_denormal(False)


@pytest.hookimpl(tryfirst=True)  # before pytest-xdist reads the groups
def pytest_collection_modifyitems(items):
    """Mark as slow what runs Snakemake or a browser, or draws figures of large studies.

    One process runs the tests of a file, or of all files that share what they drew.
    """
    for item in items:
        path = item.path.relative_to(Path(__file__).parent)
        if path.parts[0] != "unit" or "[the paper" in item.nodeid or "[shipped" in item.nodeid:
            item.add_marker(pytest.mark.slow)
        shared = path.parent if path.parts[:2] == ("unit", "figures") else path
        item.add_marker(pytest.mark.xdist_group(str(shared)))


def pytest_collection_finish():
    """Let collections of garbage pass over the libraries: they stay as they are."""
    gc.collect()
    gc.freeze()
