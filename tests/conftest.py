import sys

import pytest
from hypothesis import settings

# No deadline: a slow machine is not a failure. Derandomised: a failure is the same every time.
settings.register_profile("pielab", deadline=None, max_examples=30, derandomize=True)
settings.load_profile("pielab")


@pytest.fixture(autouse=True)
def _subnormal_numbers():
    """Leave floating point as it was: training flushes the smallest numbers to zero."""
    yield
    if "torch" in sys.modules:
        sys.modules["torch"].set_flush_denormal(False)
