"""Which of torch's kernels are fast on which processor: a short table, never a timing of a job.

So that jobs on one processor compute the same bits. `make bench` prints a row for the machine at
hand; of a processor that the table does not have, all is as torch chooses.
"""

from collections.abc import Collection
from functools import cache
from pathlib import Path
from typing import NamedTuple

CLEARLY = 1.15  # times as fast, from which another kernel is worth other bits
BFLOAT16_FLAGS = {"avx512_bf16", "amx_bf16"}  # of processors that have arithmetic in bfloat16


class Family(NamedTuple):
    """GFLOP/s of one core in a linear layer of 1,664 rows from 384 to 1,536 columns.

    Forward, and in training forward and backward, which is None where nobody measured it.
    """

    vendor: str  # as /proc/cpuinfo says
    family: int
    models: Collection[int]  # none for all of the family
    mkl: float  # torch's own choice, float32
    onednn: float  # float32
    bfloat16: float  # by torch's autocast, which casts weights each time
    mkl_training: float | None = None
    onednn_training: float | None = None


class Processor(NamedTuple):
    """A processor as Linux names it."""

    vendor: str
    family: int
    model: int

    def __str__(self) -> str:
        return f"{self.vendor} family {self.family} model {self.model}"


# Those of the first and the last for oneDNN include copies into a layout of its own
FAMILIES = (
    Family("AuthenticAMD", 25, [17], 90, 64, 192, 92, 74),  # Zen 4: AVX-512 in two halves
    Family("AuthenticAMD", 26, [], 110, 243, 402, 106, 217),  # Zen 5: AVX-512 at its whole width
    Family("GenuineIntel", 6, [167], 173, 138, 841),  # with AMX, in a virtual machine
)


@cache
def _facts(cpuinfo: Path) -> dict[str, str]:
    """Return what Linux knows about the machine's last core, nothing on another system."""
    try:
        lines = cpuinfo.read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return {}
    pairs = (line.partition(":") for line in lines)
    return {name.strip(): value.strip() for name, _, value in pairs}


def this_processor(cpuinfo: Path = Path("/proc/cpuinfo")) -> Processor | None:
    """Return the machine's processor, or None where Linux does not name it."""
    facts = _facts(cpuinfo)
    try:
        return Processor(facts["vendor_id"], int(facts["cpu family"]), int(facts["model"]))
    except (KeyError, ValueError):
        return None


def measured(processor: Processor | None) -> Family | None:
    """Return the row of a processor, or None."""
    if processor is None:
        return None
    of_family = [row for row in FAMILIES if (row.vendor, row.family) == processor[:2]]
    return next((row for row in of_family if not row.models or processor.model in row.models), None)


def why_no_bfloat16(cpuinfo: Path = Path("/proc/cpuinfo")) -> str:
    """Return why the machine's processor does not compute in bfloat16, empty where it may.

    It lacks the instructions, or the table says that it is slower with them.
    """
    processor = this_processor(cpuinfo)
    named = str(processor) if processor else "this processor"
    if not BFLOAT16_FLAGS & set(_facts(cpuinfo).get("flags", "").split()):
        return f"{named} has neither avx512_bf16 nor AMX"
    row = measured(processor)
    if row and row.bfloat16 <= max(row.mkl, row.onednn):
        return f"{named} is slower with it ({row.bfloat16} GFLOP/s instead of {row.mkl})"
    return ""


def linear_kernel(processor: Processor | None, trains: bool = False) -> str:
    """Return by what linear layers predict, or train, `MKL` (torch's own choice) or `oneDNN`."""
    row = measured(processor)
    if row is None:
        return "MKL"
    mkl, onednn = (row.mkl_training, row.onednn_training) if trains else (row.mkl, row.onednn)
    return "oneDNN" if mkl and onednn and onednn >= CLEARLY * mkl else "MKL"
