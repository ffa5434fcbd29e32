import ctypes
import subprocess
import sys

import pytest

from pielab import memory

# Arrays of 8 MB, one after another: of each, 2,048 pages are new unless the last one's are kept
FAULTS = """
import resource, numpy as np
from pielab import memory
kept = memory.keep_freed() if {keep} else False
before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
for _ in range(20):
    one = [np.ones(2**17) for _ in range(8)]
    del one
print(kept, resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before)
"""


def faults(keep):
    run = subprocess.run(
        [sys.executable, "-c", FAULTS.format(keep=keep)],
        capture_output=True,
        text=True,
        check=True,
        env={"PYTHONPATH": "scripts"},
    )
    kept, number = run.stdout.split()
    return kept == "True", int(number)


def has_glibc():
    return hasattr(ctypes.CDLL(None), "gnu_get_libc_version")


@pytest.mark.skipif(not has_glibc(), reason="no glibc here")
def test_memory_that_is_freed_is_used_again():
    kept, number = faults(keep=True)
    assert kept
    assert number < 3 * 2048
    assert faults(keep=False)[1] > number


def test_without_glibc_nothing_is_set(monkeypatch):
    monkeypatch.setattr(ctypes, "CDLL", lambda name: object())
    assert not memory.keep_freed()
