"""Run an ONNX file in a process of its own, which limits of memory and time may end.

    python -P onnx_child.py MODEL JOB

A graph of a few bytes may ask for any memory and never end, which is known only when it runs. JOB
is JSON: `threads`; `memory` and `seconds`, bytes and time to open the file or to answer a text.
`session` in onnx_process.py talks with it: lines of JSON, and arrays as bytes after them.
"""

import json
import os
import resource
import signal
import sys
from pathlib import Path
from typing import IO, Any

import numpy as np

# Bytes that a model may take beside `memory` for each token of a batch, and for each two of a text;
# six layers of width 384 and 12 heads take 140 thousand a token of texts of 512
TOKEN, PAIR = 2**18, 2**9
MOST_OUTPUTS = 10**6


def main(path: str, job: dict[str, Any], requests: IO[bytes], replies: IO[bytes]) -> None:
    """Print what the model reads and gives, then answer a batch for each line of standard input."""
    taken = writable()
    limit(taken + job["memory"], job["seconds"])
    try:
        session = _open(path, job["threads"])
        inputs = {node.name: [node.type, node.shape] for node in session.get_inputs()}
        outputs = {node.name: node.shape for node in session.get_outputs()}
        limit(None, 0)
        _say(replies, {"inputs": inputs, "outputs": outputs})
        while line := requests.readline():
            batch = read_arrays(json.loads(line)["batch"], requests)
            rows, tokens = batch["input_ids"].shape
            more = rows * tokens * (TOKEN + tokens * PAIR)
            limit(taken + job["memory"] + more, job["seconds"] * rows)
            (raw,) = session.run([json.loads(line)["output"]], batch)
            limit(None, 0)
            raw = np.ascontiguousarray(raw)
            is_whole = raw.ndim == 2 and len(raw) == rows and raw.size <= rows * MOST_OUTPUTS
            is_whole &= raw.dtype.kind in "fiu"
            shape = [raw.dtype.str, list(raw.shape)]
            _say(replies, {"gives" if is_whole else "wrong": shape}, raw.data if is_whole else b"")
    except Exception as error:  # onnxruntime's own have no other base
        limit(None, 0)
        _say(replies, {"error": " ".join(str(error).split())[:500] or type(error).__name__})


def read_arrays(described: dict[str, Any], file: IO[bytes]) -> dict[str, np.ndarray]:
    """Return arrays that follow one another as bytes, by name: type and shape."""
    found = {}
    for name, (dtype, shape) in described.items():
        empty = np.empty(shape, dtype)
        found[name] = np.frombuffer(file.read(empty.nbytes), dtype).reshape(shape)
    return found


def writable() -> int:
    """Return the bytes of memory that the process may write to, where the system reports it."""
    status = Path("/proc/self/status")
    lines = status.read_text().splitlines() if status.exists() else []
    kilobytes = [line.split()[1] for line in lines if line.startswith("VmData:")]
    return 1024 * int(kilobytes[0]) if kilobytes else 0


def limit(memory: int | None, seconds: float) -> None:
    """Let memory beyond this fail, and a time beyond this end the process; None and 0: neither."""
    most = resource.getrlimit(resource.RLIMIT_DATA)[1]
    bound = resource.RLIM_INFINITY if memory is None else memory
    if most != resource.RLIM_INFINITY:
        bound = most if memory is None else min(memory, most)
    resource.setrlimit(resource.RLIMIT_DATA, (bound, most))
    signal.setitimer(signal.ITIMER_REAL, seconds)  # whose signal no library holds back


def _open(path: str, threads: int) -> Any:
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads, options.inter_op_num_threads = threads, 1
    options.log_severity_level = 3
    return onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])


def _say(replies: IO[bytes], line: dict[str, Any], content: Any = b"") -> None:
    replies.write(json.dumps(line).encode() + b"\n")
    replies.write(content)
    replies.flush()


if __name__ == "__main__":
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # what libraries print is no answer
    main(sys.argv[1], json.loads(sys.argv[2]), sys.stdin.buffer, answers)
