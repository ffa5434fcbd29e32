"""Where and how exactly models compute."""

import ctypes
import logging
import os
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from typing import Any

import torch
import torch.utils.deterministic
from torch import Tensor, nn
from torch.nn import functional

from pielab.training import processors

logger = logging.getLogger("pielab")

# The numbers of two of mallopt's parameters in malloc.h, and the bytes from which an array still
# goes back to the system
TRIM_THRESHOLD, MMAP_THRESHOLD, LARGEST_KEPT = -1, -3, 2**29

FEWEST_ROWS = 16  # from which a layer trains clearly faster by oneDNN where the table has it


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


def describe(device: torch.device, wanted: bool, trains: bool = False) -> dict[str, str]:
    """Return where models that want autocast or not compute, and how, and log it.

    Device and precision; of a GPU the card, of a CPU the processor and the kernel by which linear
    layers predict, and train if they do.
    """
    if device.type == "cpu":
        precision = "bfloat16" if wanted and takes_bfloat16(device) else "float32"
        facts = {"device": "cpu", "precision": precision}
        if processor := processors.this_processor():
            kernel = processors.linear_kernel(processor)
            facts |= {"processor": str(processor), "kernel": kernel}
            if trains:
                facts["training_kernel"] = processors.linear_kernel(processor, trains)
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


def fast_linears(device: torch.device, trains: bool = False) -> AbstractContextManager:
    """Return a context in which linear layers compute as fast as the CPU can.

    In float32 as ever, but on some processors by oneDNN, which torch uses for convolutions: MKL,
    which torch uses for linear layers, leaves half of the width of their vectors unused.

    Parameters
    ----------
    trains : bool
        Whether gradients follow; the table of processors has a column of its own for that.
    """
    wide = torch.backends.cpu.get_cpu_capability() == "AVX512"
    wanted = processors.linear_kernel(processors.this_processor(), trains) == "oneDNN"
    fits = device.type == "cpu" and wide and torch.backends.mkldnn.is_available()
    return onednn_linears() if fits and wanted else nullcontext()


@contextmanager
def onednn_linears() -> Iterator[None]:
    """Let linear layers in float32 compute by oneDNN, and their gradients whenever they follow.

    A torch.overrides.TorchFunctionMode would do so too, and slow each of torch's functions down.
    """
    own = functional.linear

    def linear(read: Tensor, weight: Tensor, bias: Tensor | None = None) -> Tensor:
        plain = type(read) is Tensor and type(weight) in (Tensor, nn.Parameter)
        single = read.dtype == weight.dtype == torch.float32
        if not plain or not single or torch.is_autocast_enabled("cpu"):
            return own(read, weight, bias)
        if not torch.is_grad_enabled():
            return _multiply(read, weight, bias)
        is_few = read.numel() < FEWEST_ROWS * read.shape[-1]
        return own(read, weight, bias) if is_few else _Linear.apply(read, weight, bias)

    functional.linear = linear  # type: ignore[assignment]  # which nn.Linear looks up at each call
    try:
        yield
    finally:
        functional.linear = own


class _Linear(torch.autograd.Function):
    """A linear layer whose three products are oneDNN's."""

    @staticmethod
    def forward(ctx: Any, read: Tensor, weight: Tensor, bias: Tensor | None) -> Tensor:
        ctx.save_for_backward(read, weight)
        return _multiply(read, weight, bias)

    @staticmethod
    def backward(ctx: Any, gradient: Tensor) -> tuple[Tensor | None, ...]:
        read, weight = ctx.saved_tensors
        needed, rows = ctx.needs_input_grad, gradient.flatten(0, -2)
        return (
            _multiply(gradient, weight.T) if needed[0] else None,
            _multiply(rows.T, read.flatten(0, -2).T) if needed[1] else None,
            rows.sum(dim=0) if needed[2] else None,
        )


def _multiply(read: Tensor, weight: Tensor, bias: Tensor | None = None) -> Tensor:
    """Return what a linear layer does, by oneDNN, which is slow with a matrix that has gaps."""
    if not weight.is_contiguous() and not weight.T.is_contiguous():
        weight = weight.contiguous()
    return torch.ops.mkldnn._linear_pointwise(read, weight, bias, "none", [], "")
