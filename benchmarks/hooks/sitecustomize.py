"""Write down where each Python process of a study spends the processor's time.

Python imports this module at its start if its folder is on PYTHONPATH, see core_seconds.py.
"""

import atexit
import builtins
import json
import os
import resource
import sys
import time

STARTED = time.process_time()  # what Python itself took until here
_import, _depth, _spent, _job = builtins.__import__, 0, 0.0, None


def _timed(*arguments, **named):
    """Import as ever; add what the outermost of nested imports takes."""
    global _depth, _spent, _job
    _job = getattr(sys.modules["__main__"], "snakemake", _job)  # gone at the end of a fork
    _depth += 1
    start = time.process_time()
    try:
        return _import(*arguments, **named)
    finally:
        _depth -= 1
        if not _depth:
            _spent += time.process_time() - start


def _forked():
    """Count anew in a fork, which has imported nothing itself."""
    global STARTED, _depth, _spent
    STARTED, _depth, _spent = 0.0, 0, 0.0


def _write():
    own = resource.getrusage(resource.RUSAGE_SELF)
    seconds = own.ru_utime + own.ru_stime
    if _job is not None:  # processes that a job forks are its own; those of Snakemake are jobs
        forked = resource.getrusage(resource.RUSAGE_CHILDREN)
        seconds += forked.ru_utime + forked.ru_stime
    other = "forking" if sys.argv[0].endswith("/forking.py") else "snakemake"
    row = {
        "rule": getattr(_job, "rule", None) or (other if "snakemake" in sys.modules else ""),
        "seconds": seconds,
        "start-up": STARTED,
        "imports": _spent,
    }
    with open(f"{os.environ['PIELAB_CORE_SECONDS']}/{os.getpid()}.json", "w") as file:
        json.dump(row, file)


if "PIELAB_CORE_SECONDS" in os.environ:
    builtins.__import__ = _timed
    os.register_at_fork(after_in_child=_forked)
    atexit.register(_write)
