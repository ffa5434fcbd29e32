"""Where and how exactly models compute."""

import ctypes
import logging
import os
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from typing import Any

import torch
import torch.utils.deterministic
from torch.overrides import TorchFunctionMode

from pielab.training import processors

logger = logging.getLogger("pielab")

# The numbers of two of mallopt's parameters in malloc.h, and the bytes from which an array still
# goes back to the system
TRIM_THRESHOLD, MMAP_THRESHOLD, LARGEST_KEPT = -1, -3, 2**29

_precision = "auto"  # of this process, as its number of threads: see make_deterministic


def choose_device(name: str) -> torch.device:
    """Return the device named `auto` (a GPU if there is one), `cpu` or `cuda`.

    Raises
    ------
    ValueError
        If a GPU is asked for, or SLURM gave the job one, and torch finds none: a CPU would take
        its place for days, without a word.
    """
    found = torch.cuda.is_available()
    if not found and (name == "cuda" or (name == "auto" and os.environ.get("SLURM_JOB_GPUS"))):
        asked = "compute.device: cuda" if name == "cuda" else "SLURM gave this job a GPU"
        raise ValueError(f"{asked}; torch {torch.__version__} finds none (or set device: cpu)")
    if name == "auto":
        name = "cuda" if found else "cpu"
    return torch.device(name)


def autocast(device: torch.device, wanted: bool) -> torch.autocast:
    """Return a context of bfloat16 arithmetic where it is wanted and compute.precision takes it."""
    enabled = wanted and takes_bfloat16(device)
    return torch.autocast(device.type, dtype=torch.bfloat16, enabled=enabled)


def describe(device: torch.device, wanted: bool) -> dict[str, str]:
    """Return where models that want autocast or not compute, and how, and log it.

    Device and precision; of a GPU the card, of a CPU the processor and the kernel by which linear
    layers predict.
    """
    if device.type == "cpu":
        precision = "bfloat16" if wanted and takes_bfloat16(device) else "float32"
        facts = {"device": "cpu", "precision": precision}
        if processor := processors.this_processor():
            kernel = processors.linear_kernel(processor)
            facts |= {"processor": str(processor), "kernel": kernel}
    else:
        wide = "tensorfloat32" if torch.backends.cudnn.allow_tf32 else "float32"
        precision = "bfloat16" if wanted and takes_bfloat16(device) else wide
        card = torch.cuda.get_device_name(device)
        facts = {"device": device.type, "card": card, "precision": precision}
    logger.info("computed on %s", ", ".join(facts.values()))
    return facts


def takes_bfloat16(device: torch.device) -> bool:
    """Return whether models that autocast compute in bfloat16, with weights in float32.

    By itself a GPU does that has it, and no CPU.

    Raises
    ------
    ValueError
        If bfloat16 is asked for, and the device lacks it, or is known to be slower with it.
    """
    if _precision == "float32" or (_precision == "auto" and device.type == "cpu"):
        return False
    if device.type == "cpu":
        lacks = processors.why_no_bfloat16()
    else:
        has = torch.cuda.is_bf16_supported(including_emulation=False)
        lacks = "" if has else "the GPU has no bfloat16"
    if lacks and _precision == "bfloat16":
        raise ValueError(f"compute.precision: bfloat16; {lacks}: expected auto or float32")
    return not lacks


def make_deterministic(threads: int, precision: str = "auto") -> None:
    """Make this process's results independent of the number of cores and of what ran before.

    `precision` is compute.precision of the config.
    """
    global _precision
    _precision = precision
    torch.set_num_threads(threads)
    # Long texts push a BiLSTM's gradients into denormals, which a CPU computes 6 to 9 times slower
    torch.set_flush_denormal(True)
    # As use_deterministic_algorithms(True, warn_only=True), which imports compilers for a second
    torch.set_deterministic_debug_mode("warn")
    # Also fills fresh memory, for code that reads what it has not written: an eighth of the time
    torch.utils.deterministic.fill_uninitialized_memory = False  # type: ignore[attr-defined]
    torch.backends.cudnn.benchmark = False
    torch.backends.cudnn.allow_tf32 = True  # an LSTM's autocast would be to float16, see models


def keep_memory() -> None:
    """Make malloc keep what tensors free, for those of the next batch.

    It would give arrays of some megabytes back to the system, which clears every page when they
    are asked for again: a third of a BiLSTM's training on a CPU. The process may grow to twice the
    size. Only glibc knows how; elsewhere nothing changes.
    """
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    if mallopt:
        mallopt(MMAP_THRESHOLD, LARGEST_KEPT)
        mallopt(TRIM_THRESHOLD, -1)


def fast_linears(device: torch.device) -> AbstractContextManager:
    """Return a context in which linear layers compute as fast as the CPU can, without gradients.

    In float32 as ever, but on some processors by oneDNN, which torch uses for convolutions: MKL,
    which torch uses for linear layers, leaves half of the width of their vectors unused.
    """
    wide = torch.backends.cpu.get_cpu_capability() == "AVX512"
    wanted = processors.linear_kernel(processors.this_processor()) == "oneDNN"
    fits = device.type == "cpu" and wide and torch.backends.mkldnn.is_available()
    return OneDnnLinears() if fits and wanted else nullcontext()


class OneDnnLinears(TorchFunctionMode):
    """Within it, linear layers in float32 compute by oneDNN, without gradients."""

    def __torch_function__(
        self,
        func: Callable,
        types: Sequence[type],
        args: Sequence[Any] = (),
        kwargs: Mapping[str, Any] | None = None,
    ) -> Any:
        plain = func is torch.nn.functional.linear and not types
        if not plain or {tensor.dtype for tensor in args[:2]} != {torch.float32}:
            return func(*args, **(kwargs or {}))
        read, weight, *bias = args
        product = torch._C._nn.mkldnn_linear(read.to_mkldnn(), weight.to_mkldnn(), *bias)
        return product.to_dense()
