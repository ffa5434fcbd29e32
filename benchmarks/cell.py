"""Time what find_pies does with one cell: PIEs, scores, noise floor, tests, seeds, agreement.

Votes are drawn: models are right on each example with a probability of its own.

    PYTHONPATH=scripts python benchmarks/cell.py --seeds 30 --examples 25000 --classes 2
"""

import argparse
import resource
import time

import numpy as np

from find_pies import describe
from pielab.pies.cell import Cell
from pielab.pies.decisions import decide


def main() -> None:
    """Draw the logits of a cell, describe it, and print time and peak memory."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, default=30, help="dense models, and as many pruned")
    parser.add_argument("--examples", type=int, default=25_000)
    parser.add_argument("--classes", type=int, default=2)
    parser.add_argument("--multi-label", action="store_true")
    options = parser.parse_args()
    rng = np.random.default_rng(0)
    shape = (options.examples, options.classes)
    base = rng.normal(0, 1.5, shape).astype(np.float32)
    logits = [
        base + rng.standard_normal((options.seeds, *shape), dtype=np.float32) for _ in range(2)
    ]
    labels = (base > 1).astype(np.uint8) if options.multi_label else base.argmax(axis=1)
    start = time.perf_counter()
    dense, pruned = (decide({"train": side}, labels)["train"] for side in logits)
    cell = Cell(dense, pruned, labels, np.arange(options.examples), "lowest")
    pies = describe(cell)["pies"]
    seconds = time.perf_counter() - start
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"{options}: {pies['pie'].sum()} PIEs, {seconds:.1f} s, {peak:,.0f} MiB at the most")


if __name__ == "__main__":
    main()
