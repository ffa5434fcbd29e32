import gc
import os
import sys
from pathlib import Path

import pytest
from hypothesis import settings

from helpers import sharing

TESTS = Path(__file__).parent
LARGE = ("[the paper", "[shipped", "[two pairs")  # studies, in names of tests that draw them

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


def pytest_ignore_collect(collection_path, config):
    """Import none of the folders whose tests are all slow where nothing slow is asked for."""
    is_quick = TESTS / "unit" in (collection_path, *collection_path.parents)
    return True if config.option.markexpr == "not slow" and not is_quick else None


def pytest_collection_modifyitems(items):
    """Mark as slow what runs Snakemake or a browser, or draws figures of large studies."""
    for item in items:
        path = item.path.relative_to(TESTS)
        if path.parts[0] != "unit" or any(size in item.nodeid for size in LARGE):
            item.add_marker(pytest.mark.slow)
    items.sort(key=lambda item: sharing.place_of(item.nodeid))


@pytest.hookimpl(optionalhook=True)  # without pytest-xdist there is no such hook
def pytest_xdist_make_scheduler(config, log):
    """Let one process run the tests of a file, or of all files that share what they drew."""
    return sharing.Scheduling(config, log)


@pytest.hookimpl(wrapper=True)
def pytest_collection():
    """Collect no garbage while tests and libraries are imported, and pass over these afterwards.

    Nearly all of it stays, and to look through it again and again took a third of the time.
    """
    gc.disable()
    try:
        return (yield)
    finally:
        gc.freeze()
        gc.enable()
