"""Check the gate's rule for the worst slice against simulated studies, and print tables.

First how often the rule passes although one slice loses more than `block` (10 points): no more than
2.5 % of the studies may. Then how many test texts a PASS takes, by the share of the texts that the
smallest slice has and by `warn`: the fewest with which four of five studies pass, where nothing is
lost and compression turns 2 % of the answers, as many either way.

    PYTHONPATH=scripts python benchmarks/simulate_gate_slices.py --runs 100
"""

import argparse

import numpy as np

from pielab.gate.slices import judge_slices
from pielab.gate.verdicts import PASS
from pielab.slices.conditions import Conditions
from pielab.slices.limits import slice_limits
from pielab.slices.search import Candidates, candidates, find_slices, search_half
from pielab.slices.table import adjusted
from pielab.vocabulary import KEYS

CHURN = 0.02  # share of the answers that compression turns, as many either way
SEED_SHARE = 0.01  # standard deviation over models of what each does to a slice
PLANTED = ((600, 0.1, 0.24), (4000, 0.01, 0.25), (2000, 0.05, 0.12), (4000, 0.1, 0.10))
SHARES, WARNS = (0.25, 0.1, 0.05, 0.02), (3.0, 5.0, 10.0)
ENOUGH = 0.8  # share of the studies that pass


def grouped(examples: int, share: float) -> Candidates:
    """Return slices of equal size, which a column with as many values makes."""
    number = round(1 / share)
    value = np.arange(examples) % number
    holds = value == np.arange(number)[:, None]
    names = Conditions([f"topic = {at}" for at in range(number)], np.zeros(number, int), holds)
    half = search_half(range(examples), np.ones((examples, 1), dtype=bool))
    return candidates(names, half, 4, 1)


def draw_harm(
    rng: np.random.Generator, groups: Candidates, replicates: int, planted: float
) -> np.ndarray:
    """Return each text's and model's harm, (examples, replicates); the first slice loses more."""
    own = groups.conditions.holds[0]
    shape = (len(own), replicates)
    turned = rng.random(shape) < CHURN
    harm = np.where(turned, rng.choice([-1.0, 1.0], shape), 0.0)
    lean = SEED_SHARE * (replicates > 1) * rng.standard_normal(replicates)
    share = planted + lean
    return np.where(own[:, None] & (rng.random(shape) < share), 1.0, harm)


def verdict(
    rng: np.random.Generator, groups: Candidates, replicates: int, planted: float, warn: float
) -> str:
    """Return what the rule says of a new study."""
    harm = draw_harm(rng, groups, replicates, planted)
    bounds = slice_limits(groups, harm)
    found = find_slices(groups, harm, np.zeros(len(harm), dtype=bool), rng)
    keys = dict.fromkeys(KEYS, "") | {"primary": True, "collapsed": False}
    found = adjusted(found.assign(**keys))
    limits = {"block": max(10.0, warn), "warn": warn}
    return judge_slices(found, bounds, limits, 0.95).verdict


def passing(
    examples: int, share: float, replicates: int, planted: float, warn: float, runs: int
) -> float:
    """Return the share of studies that pass."""
    groups = grouped(examples, share)
    found = [
        verdict(np.random.default_rng([examples, run]), groups, replicates, planted, warn)
        for run in range(runs)
    ]
    return found.count(PASS) / runs


def texts_needed(share: float, replicates: int, warn: float, runs: int) -> int:
    """Return the fewest test texts, to about a tenth, with which enough studies pass."""
    low, high = 2 / share * 4, 2 / share * 4
    while passing(int(high), share, replicates, 0.0, warn, runs) < ENOUGH:
        low, high = high, 2 * high
    while high > 1.08 * low:
        middle = (low * high) ** 0.5
        enough = passing(int(middle), share, replicates, 0.0, warn, runs) >= ENOUGH
        low, high = (low, middle) if enough else (middle, high)
    return int(high)


def main() -> None:
    """Read the options, and print the tables."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--runs", type=int, default=100)
    runs = parser.parse_args().runs
    print("| texts | of these in the slice | it loses more | passes, 1 model | 6 models |")
    print("| --- | --- | --- | --- | --- |")
    for examples, share, lost in PLANTED:
        seen = [passing(examples, share, replicates, lost, 5.0, runs) for replicates in (1, 6)]
        cells = [f"{examples:,}", f"{examples * share:.0f}", f"{100 * lost:.0f} points"]
        print(f"| {' | '.join([*cells, *(f'{one:.3f}' for one in seen)])} |", flush=True)
    print("| smallest slice | " + " | ".join(f"warn {warn:g}" for warn in WARNS) + " |")
    print("| --- " * (1 + len(WARNS)) + "|")
    for share in SHARES:
        cells = []
        for warn in WARNS:
            one, six = (texts_needed(share, replicates, warn, runs // 2) for replicates in (1, 6))
            cells.append(f"{one:,} ({six:,})")
        print(f"| {100 * share:g} % | {' | '.join(cells)} |", flush=True)


if __name__ == "__main__":
    main()
