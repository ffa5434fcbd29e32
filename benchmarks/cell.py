"""Time what find_pies does with one cell: PIEs, scores, noise floor, tests, seeds, agreement.

Votes are drawn: models are right on each example with a probability of its own. Models
differ on most examples. With --rare they differ on few, and an example has 2.4 labels, as in AAPD.
With --shifts, time shifts, PIE probabilities and their expected number instead; CPU seconds.

    PYTHONPATH=scripts python benchmarks/cell.py --seeds 30 --examples 25000 --classes 2
"""

import argparse
import resource
import time

import numpy as np

from pielab.measures import describe
from pielab.pies.cell import Cell
from pielab.pies.decisions import decide
from pielab.stats.expected_pies import example_probability, expected_pies
from pielab.stats.shift import margins, shift, standardise


def time_shifts(logits: list[np.ndarray], multi_label: bool) -> None:
    """Print the time of what margins tell of a cell."""
    clock = [time.process_time()]
    cuts = np.full(len(logits[0]), 0.5) if multi_label else None
    dense, compressed = (margins(side, cuts) for side in logits)
    clock.append(time.process_time())
    shift(dense, compressed)
    shift(*standardise(dense, compressed))
    clock.append(time.process_time())
    found = example_probability(dense, compressed, multi_label=multi_label)
    clock.append(time.process_time())
    number = expected_pies(dense, compressed, found, multi_label=multi_label)
    clock.append(time.process_time())
    names = ("margins", "shifts", "probabilities", "their number")
    parts = ", ".join(f"{n} {t:.2f} s" for n, t in zip(names, np.diff(clock), strict=True))
    print(f"{parts}; {clock[-1] - clock[0]:.2f} s in all; {number.estimate:.0f} PIEs expected")


def main() -> None:
    """Draw the logits of a cell, describe it, and print time and peak memory."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, default=30, help="dense models, and as many pruned")
    parser.add_argument("--examples", type=int, default=25_000)
    parser.add_argument("--classes", type=int, default=2)
    parser.add_argument("--multi-label", action="store_true")
    parser.add_argument("--rare", action="store_true")
    parser.add_argument("--shifts", action="store_true")
    options = parser.parse_args()
    rng = np.random.default_rng(0)
    shape = (options.examples, options.classes)
    base = rng.normal(0, 1.5, shape).astype(np.float32)
    labels = (base > 1).astype(np.uint8) if options.multi_label else base.argmax(axis=1)
    if options.rare:
        labels = (rng.random(shape) < 2.4 / options.classes).astype(np.uint8)
        base += np.where(labels, np.float32(2.5), np.float32(-5.5))
    logits = [
        base + rng.standard_normal((options.seeds, *shape), dtype=np.float32) for _ in range(2)
    ]
    if options.shifts:
        return time_shifts(logits, options.multi_label)
    start = time.process_time()
    dense, pruned = (decide({"train": side}, labels)["train"] for side in logits)
    cell = Cell(dense, pruned, labels, np.arange(options.examples), "lowest")
    pies = describe(cell, split="train")["examples"]
    seconds = time.process_time() - start
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"{options}: {pies['pie'].sum()} PIEs, {seconds:.1f} s, {peak:,.0f} MiB at the most")


if __name__ == "__main__":
    main()
