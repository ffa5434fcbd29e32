"""Time linear layers on this processor by each of torch's kernels: a row for processors.FAMILIES.

One thread; the most of several turns, forward, and in training forward and backward. The peak is
that of the best of some large matrix products in float32, the fraction how much of it the kernel
that predicts reaches.
"""

import argparse
import os
import sys
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

os.environ["OMP_NUM_THREADS"] = "1"
sys.path.insert(0, str(Path(__file__).parents[1] / "scripts"))

import torch
from torch import Tensor
from torch.nn import functional

from pielab.training import devices, processors

SHAPES = ((1664, 384, 1536), (1664, 768, 3072), (256, 384, 384), (64, 384, 1536))
PEAK = (512, 1024, 2048)  # rows and columns of the products that the peak is the best of
Kernel = Callable[[Tensor, Tensor, Tensor], Tensor]


def _by_torch(read: Tensor, weight: Tensor, bias: Tensor) -> Tensor:
    return functional.linear(read, weight, bias)


def _by_onednn(read: Tensor, weight: Tensor, bias: Tensor) -> Tensor:
    with devices.onednn_linears():
        return functional.linear(read, weight, bias)


def _in_bfloat16(read: Tensor, weight: Tensor, bias: Tensor) -> Tensor:
    with torch.autocast("cpu", dtype=torch.bfloat16):
        return functional.linear(read, weight, bias)


def _with_gradients(kernel: Kernel, read: Tensor, weight: Tensor, bias: Tensor) -> Tensor:
    """Compute forward, and backward from a gradient that is what a layer says."""
    inputs = [own.detach().requires_grad_() for own in (read, weight, bias)]
    output = kernel(*inputs)
    output.backward(output.detach())
    return output


KERNELS: dict[str, Kernel] = {"MKL": _by_torch, "oneDNN": _by_onednn, "bfloat16": _in_bfloat16}


def rate(work: Callable[[], object], operations: float, seconds: float) -> float:
    """Return the most GFLOP/s of five turns of so many seconds in all."""
    work()
    best = 0.0
    for _ in range(5):
        start, count = time.process_time(), 0
        while time.process_time() - start < seconds / 5:
            work()
            count += 1
        best = max(best, count * operations / (time.process_time() - start) / 1e9)
    return best


def speeds(shape: tuple[int, int, int], seconds: float) -> dict[str, float]:
    """Return GFLOP/s by kernel, of each first forward, then forward and backward."""
    rows, inputs, outputs = shape
    given = torch.randn(rows, inputs), torch.randn(outputs, inputs), torch.randn(outputs)
    operations, found = 2.0 * rows * inputs * outputs, {}
    for name, kernel in KERNELS.items():
        with torch.no_grad():
            found[name] = rate(partial(kernel, *given), operations, seconds)
        trained = partial(_with_gradients, kernel, *given)
        found[f"{name}, training"] = rate(trained, 3 * operations, seconds)
    return found


def main() -> None:
    """Print the processor, its peak, and a row a shape."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=0.5, help="of each timing")
    options = parser.parse_args()
    devices.make_deterministic(1)
    devices.keep_memory()
    processor = processors.this_processor()
    squares = [torch.randn(size, size) for size in PEAK]
    peak = max(
        rate(partial(torch.mm, own, own), 2.0 * len(own) ** 3, options.seconds) for own in squares
    )
    print(f"{processor or 'unknown processor'}: {peak:.0f} GFLOP/s of one core by matrix product")
    known = "" if processors.measured(processor) else ", which the table of processors lacks"
    chosen = [processors.linear_kernel(processor, trains) for trains in (False, True)]
    print(f"linear layers predict by {chosen[0]} and train by {chosen[1]}{known}\n")
    names = [f"{name}{kind}" for name in KERNELS for kind in ("", ", training")]
    print("| rows, from and to columns |", " | ".join(names), "| fraction of the peak |")
    print("| --- |" + " --- |" * (len(names) + 1))
    for shape in SHAPES:
        found = speeds(shape, options.seconds)
        numbers = " | ".join(f"{own:.0f}" for own in found.values())
        print(f"| {', '.join(map(str, shape))} | {numbers} | {found[chosen[0]] / peak:.2f} |")


if __name__ == "__main__":
    main()
