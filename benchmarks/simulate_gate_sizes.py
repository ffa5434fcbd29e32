"""Check the sizes that an inconclusive gate asks for, against simulated studies; print a table.

A pilot study of some classes is drawn. Where its verdict is INCONCLUSIVE and a number of texts or
of seeds would tell, new studies of that size are drawn in which each class loses what it seemed to
lose in the pilot. At least 7 of 10 of them must decide.

    PYTHONPATH=scripts python benchmarks/simulate_gate_sizes.py --pilots 40
"""

import argparse
from typing import NamedTuple

import numpy as np

from pielab.gate.verdicts import INCONCLUSIVE, judge_rule
from pielab.stats.harm import Harm, measure

LIMITS = {"block": 5.0, "warn": 3.0}
MOST_CELLS = 4_000_000  # examples x replicates of a class that a new study may have


class World(NamedTuple):
    """The classes of a study, and what compression does to them."""

    classes: int
    examples: int  # of each class
    replicates: int
    lost: float = 0.0  # share of the answers of the first class
    churn: float = 0.03  # answers that turn either way
    lean: float = 0.0  # standard deviation over models of what each class loses


WORLDS = {
    "score, nothing lost, 1 model": World(1, 150, 1),
    "score, 9 % lost, 1 model": World(1, 150, 1, lost=0.09),
    "score, nothing lost, 6 seeds": World(1, 60, 6, lean=0.02),
    "score, 8 % lost, 5 seeds": World(1, 100, 5, lost=0.08, lean=0.03),
    "5 classes, nothing lost, 1 model": World(5, 60, 1),
    "10 classes, nothing lost, 6 seeds": World(10, 30, 6, lean=0.02),
    "5 classes, one loses 10 %, 6 seeds": World(5, 80, 6, lost=0.1, lean=0.03),
}


def draw(
    rng: np.random.Generator, world: World, losses: list[float], examples: int, replicates: int
) -> list[tuple[str, Harm]]:
    """Return the measured losses of a study, of each class."""
    found = []
    for number, loss in enumerate(losses):
        mean = loss + world.lean * (replicates > 1) * rng.standard_normal(replicates)[:, None]
        gained = np.clip(world.churn / 2 - mean / 2, 0, 1)
        lost = np.clip(gained + mean, 0, 1)
        turned = rng.random((replicates, examples))
        harm = np.where(turned < lost, 1.0, 0.0) - (turned > 1 - gained)
        others = (harm.sum(axis=0) - harm) / max(1, replicates - 1)
        found.append((f"c{number}", measure(harm.mean(axis=0), others)))
    return found


def decided(world: World, pilots: int, again: int) -> dict[str, list[float]]:
    """Return, by what was asked for, the share of new studies that decide, one a pilot."""
    shares: dict[str, list[float]] = {"examples": [], "replicates": [], "times": []}
    for pilot in range(pilots):
        rng = np.random.default_rng([pilot, world.classes, world.replicates])
        truth = [world.lost] + [0.0] * (world.classes - 1)
        first = draw(rng, world, truth, world.examples, world.replicates)
        asked = judge_rule("worst_class", first, LIMITS, 0.95)
        if asked.verdict != INCONCLUSIVE:
            continue
        losses = [harm.loss for _, harm in first]
        for kind in shares:
            size = getattr(asked.needs, kind)
            if not size:
                continue
            sizes = {"examples": world.examples, "replicates": world.replicates} | {kind: size}
            if kind == "times":
                of_both = (world.examples, world.replicates)
                sizes = dict(
                    zip(
                        ("examples", "replicates"),
                        (round(size * one) for one in of_both),
                        strict=True,
                    )
                )
            if sizes["examples"] * sizes["replicates"] > MOST_CELLS:
                continue
            verdicts = [
                judge_rule("worst_class", draw(rng, world, losses, **sizes), LIMITS, 0.95).verdict
                for _ in range(again)
            ]
            shares[kind].append(1 - verdicts.count(INCONCLUSIVE) / again)
    return shares


def main() -> None:
    """Read the options, and print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--pilots", type=int, default=40)
    parser.add_argument("--again", type=int, default=10)
    options = parser.parse_args()
    print("| pilot | texts asked for: new studies that decide | seeds asked for | more of both |")
    print("| --- | --- | --- | --- |")
    for name, world in WORLDS.items():
        cells = [
            f"{np.mean(shares):.2f} of {len(shares)} pilots" if shares else "–"
            for shares in decided(world, options.pilots, options.again).values()
        ]
        print(f"| {name} | {' | '.join(cells)} |", flush=True)


if __name__ == "__main__":
    main()
