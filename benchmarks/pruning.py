"""Time one pruning step of as many weights as BERT base has, by magnitude and at random."""

import argparse
import sys
import time
from pathlib import Path

import torch

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT / "scripts"))

from pielab.training import pruning  # noqa: E402

SHAPES = [*([(768, 768)] * 4), (3072, 768), (768, 3072)]  # of a layer of BERT base


def by_kthvalue(scores: torch.Tensor, mask: torch.Tensor, share: float) -> torch.Tensor:
    """Return what `prune_smallest` returns, by torch's k-th smallest value and counted ties."""
    alive = scores[mask]
    count = round(share * len(alive))
    threshold = alive.kthvalue(count).values
    below, tied = alive < threshold, alive == threshold
    pruned = mask.clone()
    pruned[mask] = ~(below | (tied & (tied.cumsum(0) <= count - below.sum())))
    return pruned


def main() -> None:
    """Read the options, time, and print a line a way."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--layers", type=int, default=12)
    parser.add_argument("--share", type=float, default=0.5)
    options = parser.parse_args()
    torch.set_num_threads(1)
    torch.manual_seed(0)
    shapes = SHAPES * options.layers
    weights = {str(n): torch.nn.Parameter(torch.randn(shape)) for n, shape in enumerate(shapes)}
    masks = {name: torch.ones_like(w, dtype=torch.bool) for name, w in weights.items()}
    scores = pruning.score(weights, "magnitude", {}, 0)
    ways = {
        "one step by kthvalue": lambda: [
            by_kthvalue(scores[n], masks[n], options.share) for n in masks
        ],
        "one step": lambda: [
            pruning.prune_smallest(scores[n], masks[n], options.share) for n in masks
        ],
        "one step of what half is left of": lambda: [
            pruning.prune_smallest(scores[n], scores[n] > 0.67, options.share) for n in masks
        ],
        "random scores": lambda: pruning.score(weights, "random", {}, 0),
    }
    print(f"{sum(w.numel() for w in weights.values()):,} weights")
    for name, work in ways.items():
        start = time.process_time()
        work()
        print(f"{name}: {time.process_time() - start:.2f} s of CPU")


if __name__ == "__main__":
    main()
