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
_import, _depth, _spent = builtins.__import__, 0, 0.0


def _timed(*arguments, **named):
    """Import as ever; add what the outermost of nested imports takes."""
    global _depth, _spent
    _depth += 1
    start = time.process_time()
    try:
        return _import(*arguments, **named)
    finally:
        _depth -= 1
        if not _depth:
            _spent += time.process_time() - start


def _write():
    main = sys.modules["__main__"]
    job = getattr(main, "snakemake", None)
    own = resource.getrusage(resource.RUSAGE_SELF)
    seconds = own.ru_utime + own.ru_stime
    if job is not None:  # processes that a job forks are its own; those of Snakemake are jobs
        forked = resource.getrusage(resource.RUSAGE_CHILDREN)
        seconds += forked.ru_utime + forked.ru_stime
    row = {
        "rule": getattr(job, "rule", None) or ("snakemake" if "snakemake" in sys.modules else ""),
        "seconds": seconds,
        "start-up": STARTED,
        "imports": _spent,
    }
    with open(f"{os.environ['PIELAB_CORE_SECONDS']}/{os.getpid()}.json", "w") as file:
        json.dump(row, file)


if "PIELAB_CORE_SECONDS" in os.environ:
    builtins.__import__ = _timed
    atexit.register(_write)
