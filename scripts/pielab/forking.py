"""Jobs that start in milliseconds: forked from a process that has imported what most of them need.

A job that makes a table works for a tenth of a second, and imports numpy and pandas for half a
second before that. So a run on this machine starts one process that imports them once, and forks it
for each job; the fork runs the job's script as Python would. Jobs share nothing that they change.
"""

import atexit
import gc
import importlib
import json
import os
import runpy
import signal
import socket
import subprocess
import sys
import threading
import traceback
import weakref
from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import Any

# What jobs that make tables import, and what Snakemake imports for each script
IMPORTED = """
    numpy pandas pyarrow.parquet safetensors.numpy scipy.special
    snakemake.iocontainers snakemake.logging
"""
# What else is slow to import; imported once if more than one job of a script needs it
SLOW = ("matplotlib.figure", "safetensors.torch", "torch")
LONGEST = 100_000  # bytes of a request
LIBRARIES = ("OMP", "GOTO", "OPENBLAS", "MKL", "NUMEXPR")
ONE_THREAD = {f"{name}_NUM_THREADS": "1" for name in LIBRARIES} | {"VECLIB_MAXIMUM_THREADS": "1"}


class Forks:
    """Runs scripts in forks of a process that starts with the first of them."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._asking: socket.socket | None = None
        self._slow: dict[str, list[str]] = {}  # what an earlier job of a script has imported

    def run(
        self, script: str, environment: dict[str, str], watched: Callable[[int], Any]
    ) -> int | None:
        """Run a script in a fork, with one thread.

        Parameters
        ----------
        script : str
            Its path.
        environment : dict
            Variables that the script finds besides those of this process.
        watched : function
            From the number of the fork's process to a context that lasts as long as it.

        Returns
        -------
        int or None
            The exit status, negative if the fork was killed. None if there is no process to fork:
            nothing ran.
        """
        kind = os.path.basename(script).partition(".")[2]  # Snakemake puts letters before the name
        ours, theirs = os.pipe()
        with open(ours, encoding="ascii") as answer:
            try:
                with self._lock:
                    self._asking = self._asking or _start()
                    request = json.dumps([script, environment, self._slow.get(kind, [])]).encode()
                    socket.send_fds(self._asking, [request], [theirs])
            except OSError:
                return None
            finally:
                os.close(theirs)
            process = answer.readline()
            if not process:
                return None
            with watched(int(process)):
                # Not to the pipe's end, which a process that the job left may hold
                status = answer.readline()
        if not status:
            return -signal.SIGKILL
        code, *self._slow[kind] = status.split()
        return int(code)


def _start() -> socket.socket:
    """Start the process that forks, and return where it is asked; it ends before this one."""
    asking, asked = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    command = [sys.executable, __file__]
    process = subprocess.Popen(command, stdin=asked.fileno(), env=os.environ | ONE_THREAD)
    asked.close()

    def end() -> None:
        asking.close()
        process.wait()

    atexit.register(end)
    return asking


def requests(asked: socket.socket) -> Iterator[tuple[str, dict[str, str], list[str], int]]:
    """Yield what a run asks for: script, environment, modules to import, where to answer."""
    while True:
        request, answers, *_ = socket.recv_fds(asked, LONGEST, 1)
        if not request:
            return
        yield (*json.loads(request), *answers)


def serve() -> Callable[[], int] | None:
    """Fork for each request on the standard input; return what to do in a fork."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for jobs and for the run
    import_once(IMPORTED.split())
    with socket.socket(fileno=os.dup(0)) as asked:
        for script, environment, modules, answer in requests(asked):
            import_once(modules)
            if not os.fork():
                asked.close()
                return lambda: follow(script, environment, answer)
            os.close(answer)
            with suppress(ChildProcessError):
                while os.waitpid(-1, os.WNOHANG)[0]:
                    pass
    with suppress(ChildProcessError):
        while os.wait():
            pass
    return None


def import_once(modules: list[str]) -> None:
    """Import modules that forks will find imported."""
    if missing := [name for name in modules if name not in sys.modules]:
        for name in missing:
            with suppress(ImportError):  # the job that needs it will fail
                importlib.import_module(name)
        # Torch's 134 finalizers would write to 7,000 pages at each fork's end, which takes 0.05 s
        getattr(weakref.finalize, "_registry", {}).clear()
        gc.collect()
        gc.freeze()  # a collection writes to what it looks at, and so would copy it in each fork


def follow(script: str, environment: dict[str, str], answer: int) -> int:
    """Run a script as Python does, in a fork; answer with its process, exit status and imports."""
    signal.signal(signal.SIGINT, signal.default_int_handler)
    os.write(answer, f"{os.getpid()}\n".encode())
    with open(os.devnull, "rb") as nothing:
        os.dup2(nothing.fileno(), 0)
    os.environ.update(environment)
    sys.argv = [script]
    sys.path.insert(0, os.path.dirname(os.path.abspath(script)))
    status = 0
    try:
        runpy.run_path(script, run_name="__main__")
    except SystemExit as end:
        status = _status(end.code)
    except BaseException:
        traceback.print_exc()
        status = 1
    threading._shutdown()  # type: ignore[attr-defined]
    atexit._run_exitfuncs()
    sys.stdout.flush()
    sys.stderr.flush()
    os.write(
        answer,
        " ".join([str(status), *(name for name in SLOW if name in sys.modules), "\n"]).encode(),
    )
    os._exit(status)


def _status(code: object) -> int:
    """Return the exit status that Python gives what a script ends with."""
    if code is None or isinstance(code, int):
        return (code or 0) & 255
    print(code, file=sys.stderr)
    return 1


if __name__ == "__main__":
    del sys.path[0]  # the library's modules are in pielab
    if work := serve():
        work()
