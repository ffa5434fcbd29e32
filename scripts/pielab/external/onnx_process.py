"""Ask a model in an ONNX file that runs in a process of its own, see onnx_child.py."""

import json
import re
import signal
import subprocess
import sys
import tempfile
import weakref
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from pielab.external import onnx_child

MEMORY, TIMES_SIZE = 400 * 2**20, 10  # bytes for a small file, and for each byte of a large one
THREAD = 32 * 2**20  # bytes for each thread
SECONDS, SLOW = 60, 10**8  # for a text, and once more for each so many bytes of the file


class Input(NamedTuple):
    """The type and shape of an input as onnxruntime describes them."""

    type: str
    shape: list


class Session:
    """A model that runs; it ends with this object.

    Parameters
    ----------
    size : int
        Bytes of the file and of those that it names: a large model may take more memory and time.

    Raises
    ------
    ValueError
        Naming the file, if it cannot be opened.
    """

    def __init__(self, path: Path, size: int, threads: int) -> None:
        self.path = path
        self.seconds = SECONDS * (1 + size // SLOW)
        self.memory = MEMORY + TIMES_SIZE * size + THREAD * threads
        job = {"threads": threads, "memory": self.memory, "seconds": self.seconds}
        self._errors = tempfile.TemporaryFile()  # noqa: SIM115 (until the process ends)
        self._child = subprocess.Popen(
            [sys.executable, "-P", onnx_child.__file__, str(path), json.dumps(job)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._errors,
        )
        assert self._child.stdin  # as asked for
        assert self._child.stdout
        self._asks, self._says = self._child.stdin, self._child.stdout
        weakref.finalize(self, _end, self._child)
        opened = self._answer("opened")
        self.inputs = {name: Input(*node) for name, node in opened["inputs"].items()}
        self.outputs: dict[str, list] = opened["outputs"]

    def run(self, output: str, batch: Mapping[str, np.ndarray]) -> np.ndarray:
        """Return an output for a batch, (rows, outputs).

        Raises
        ------
        ValueError
            Naming the file, if it gives anything else, or takes too much memory or time.
        """
        described = {name: [array.dtype.str, array.shape] for name, array in batch.items()}
        line = json.dumps({"output": output, "batch": described}).encode() + b"\n"
        content = [np.ascontiguousarray(array).tobytes() for array in batch.values()]
        try:
            self._asks.write(line + b"".join(content))
            self._asks.flush()
        except BrokenPipeError:  # it has ended, and _answer tells why
            pass
        answer = self._answer("run")
        if "wrong" in answer:
            dtype, shape = answer["wrong"]
            raise ValueError(
                f"{self.path}: {output} of {tuple(shape)}, {np.dtype(dtype)}; expected (examples, "
                "classes), numbers"
            )
        return onnx_child.read_arrays({output: answer["gives"]}, self._says)[output]

    def _answer(self, task: str) -> dict[str, Any]:
        line = self._says.readline()
        if line.endswith(b"\n"):
            answer = json.loads(line)
            if "error" not in answer:
                return answer
            if re.search("allocat|bad_alloc", answer["error"]):
                reason = self._too_large()
            elif task == "run":
                reason = f"onnxruntime cannot run it: {answer['error'][-300:]}"
            else:
                reason = f"no model that onnxruntime reads: {answer['error'][-300:]}"
        else:
            reason = self._why_ended(task)
        raise ValueError(f"{self.path}: {reason}")

    def _why_ended(self, task: str) -> str:
        ended = self._child.wait()
        if ended == -signal.SIGALRM and task == "run":
            return f"gave no answer to a text within {self.seconds} s; expected a classifier"
        if ended == -signal.SIGALRM:
            return f"onnxruntime did not open it within {self.seconds} s"
        self._errors.seek(0)
        printed = " ".join(self._errors.read().decode("utf-8", "replace").split())
        if re.search("allocat|bad_alloc", printed) or ended == -signal.SIGKILL:
            return self._too_large()
        return f"onnxruntime broke off (code {ended}): {printed[-300:]}"

    def _too_large(self) -> str:
        return (
            f"takes more than {self.memory:,} bytes of memory beside its inputs; expected at most "
            "so many for a file of its size"
        )


def _end(child: subprocess.Popen) -> None:
    with suppress(BrokenPipeError), child:  # whose end closes what it read and wrote
        child.kill()
