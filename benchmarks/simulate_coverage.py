"""Check how often intervals of few seeds hold the truth where seeds differ or labels are rare.

Coverage of the mean over runs, and the mean width, of four intervals: the score, what the gate
calls the drop of the score, the negative flips beyond luck, and what the gate makes of these.

    PYTHONPATH=scripts python benchmarks/simulate_coverage.py --seeds 5 10 --runs 600
"""

import argparse
import sys
from dataclasses import dataclass
from pathlib import Path

import numpy as np

ROOT = Path(__file__).parents[1]
sys.path[:0] = [str(ROOT / "scripts"), str(ROOT / "benchmarks")]

from simulate_statistics import coverage  # noqa: E402

from pielab.analysis.harm import negative_flip_harm, score_harm  # noqa: E402
from pielab.pies.cell import Cell, Predictions  # noqa: E402
from pielab.stats.harm import harm_interval  # noqa: E402
from pielab.stats.intervals import score_interval  # noqa: E402
from pielab.stats.negative_flips import negative_flips  # noqa: E402

CONFIDENCE = 0.95


@dataclass(frozen=True)
class World:
    """How texts and models are drawn; standard deviations, in logits."""

    share: float = 0.5  # of the texts that are of the second class, or have each label
    labels: int = 0  # none: two classes
    bias: float = 0.3  # of a model towards a class; half of its variance is the seed's
    change: float = 0.4  # how much more errors compressed models make


WORLDS = {
    "balanced": World(),
    "90 % of one class": World(share=0.1),
    "large seed effects": World(bias=1.0),
    "90 %, large seed effects": World(share=0.1, bias=1.0),
    "four labels": World(labels=4, share=0.2),
    "rare labels": World(labels=4, share=0.03),
    "rare labels, large": World(labels=4, share=0.03, bias=1.0),
}


def simulate(rng: np.random.Generator, world: World, seeds: int, examples: int) -> Cell:
    """Return a cell of as many models on each side."""
    columns = max(1, world.labels)
    truth = rng.random((examples, columns)) < world.share
    middle = np.log(world.share / (1 - world.share)) - 1.5
    texts = 3.0 * truth + middle + rng.normal(0, 1.5, truth.shape)
    lean = world.bias * 0.5**0.5
    common = rng.normal(0, lean, (seeds, 1, columns))
    sides = []
    for change in (0.0, world.change):
        own = rng.normal(0, lean, (seeds, 1, columns))
        errors = rng.logistic(0, 1 + change, (seeds, *texts.shape))
        decided = texts + common + own + errors > 0
        if not world.labels:
            decided = np.concatenate([~decided, decided], axis=2)
        sides.append(Predictions(decided.astype(np.float32), decided, bool(world.labels)))
    labels = truth.astype(int) if world.labels else truth[:, 0].astype(int)
    return Cell(sides[0], sides[1], labels, np.arange(examples), "lowest")


def check(world: World, seeds: int, runs: int, examples: int) -> dict[str, str]:
    """Return the coverage of each interval with its mean width."""
    found: dict[str, list] = {"score": [], "drop": [], "flips": [], "gate's flips": []}
    for run in range(runs):
        rng = np.random.default_rng([run, seeds])
        cell = simulate(rng, world, seeds, examples)
        side = cell.compressed.decisions
        found["score"].append(score_interval(side, cell.truth, cell.multi_label))
        found["drop"].append(harm_interval(score_harm(cell), CONFIDENCE))
        flips = negative_flips(cell, rng).excess
        found["flips"].append(type(flips)(*(end / examples for end in flips)))
        found["gate's flips"].append(harm_interval(negative_flip_harm(cell, rng), CONFIDENCE))
    return {
        name: f"{coverage(own):.3f} ({np.mean([one.high - one.low for one in own]):.3f})"
        for name, own in found.items()
    }


def main() -> None:
    """Read the options, and print the table."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--runs", type=int, default=600)
    parser.add_argument("--examples", type=int, default=1000)
    parser.add_argument("--seeds", type=int, nargs="+", default=[5])
    options = parser.parse_args()
    for seeds in options.seeds:
        for name, world in WORLDS.items():
            rows = check(world, seeds, options.runs, options.examples)
            told = "  ".join(f"{what} {own}" for what, own in rows.items())
            print(f"{seeds:3d} {name:26s}{told}", flush=True)


if __name__ == "__main__":
    main()
