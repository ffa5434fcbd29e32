"""Check the statistics against simulated models whose truth is known, and print a table.

Without an effect, p-values must be uniform and the excess cover zero in 95 +- 2 % of the runs; with
planted changes, the false discovery rate must stay below its level and the power be as promised.
Numbers of PIEs and votes are discrete, so that an exact p-value is a little larger than a uniform
one; the Kolmogorov-Smirnov test that counts is that of p-values with ties broken at random.
Intervals hold less where each model leans to a class of its own, and pruned ones to the same.

    PYTHONPATH=scripts python benchmarks/simulate_statistics.py --runs 1000
"""

import argparse
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from scipy import stats

sys.path.insert(0, str(Path(__file__).parent))

from simulated_models import EFFECTS, SCENARIOS, cell_of, plant, simulate

from pielab.measures.pies import find_pies
from pielab.pies.cell import Cell
from pielab.stats import noise_floor
from pielab.stats.effects import cliffs_delta
from pielab.stats.intervals import Interval, score_interval, share_interval
from pielab.stats.power import power
from pielab.stats.significance import adjust, sign_test, tiers
from pielab.vocabulary import TIER_FDR, TIERS

CHANGES = ((0.05, 0.9, 0.4), (0.05, 0.9, 0.5), (0.2, 0.8, 0.4), (0.2, 1.0, 0.7))


def pie_share(cell: Cell) -> Interval:
    """Return the share of PIEs among the examples, with its interval over seeds and examples."""
    pies = find_pies(cell)["pie"].to_numpy(dtype=float)
    return share_interval(pies, noise_floor.pies_without_each(cell))


def randomised_p(lost: np.ndarray, gained: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Return p-values that are uniform without an effect, though outcomes are discrete.

    The probability of the observed outcome, all of which `p` includes, counts by a random part.
    """
    changed, fewer = lost + gained, np.minimum(lost, gained)
    observed = stats.binom.pmf(fewer, changed, 0.5) * (1 + (lost != gained))
    beyond = 2 * stats.binom.cdf(fewer - 1, changed, 0.5)
    return beyond + rng.random(changed.shape) * observed


def randomised_permutation_p(test: noise_floor.PermutationTest, rng: np.random.Generator) -> float:
    """Return the same for a permutation test: as many PIEs as observed count by a random part."""
    added = 0 if test.exact else 1  # a random permutation test counts the observed one as well
    beyond, ties = (test.null > test.pies).sum(), (test.null == test.pies).sum() + added
    return float((beyond + rng.random() * ties) / (len(test.null) + added))


def coverage(intervals: list[Interval], truth: float | None = None) -> float:
    """Return the share of intervals that hold the truth, by default the mean of the estimates."""
    estimates, low, high = np.array(intervals).T
    truth = estimates.mean() if truth is None else truth
    return float(((low <= truth) & (truth <= high)).mean())


def check_cells(runs: int, examples: int, seeds: int, ties: str) -> Iterator[tuple]:
    """Yield rows on cells without an effect: coverage of zero, and uniform permutation tests."""
    for name, scenario in SCENARIOS.items():
        excess, shares, p = [], [], []
        for run in range(runs):
            rng = np.random.default_rng([run, examples, seeds])
            dense, pruned = simulate(rng, seeds, examples, scenario)
            cell = cell_of(dense, pruned, ties)
            excess.append(noise_floor.noise_floor(cell, rng).excess)
            shares.append(pie_share(cell))
            test = noise_floor.permutation_test(cell, rng, permutations=999)
            p.append((test.p, randomised_permutation_p(test, rng)))
        yield "excess covers 0", name, coverage(excess, truth=0), "0.93 to 0.97"
        yield "PIE share covers its mean", name, coverage(shares), "about 0.95"
        p, uniform = np.array(p).T
        yield "permutation p <= 0.05", name, float((p <= 0.05).mean()), "<= 0.05"
        yield "permutation p: KS", name, stats.kstest(p, "uniform").pvalue, "discrete"
        yield "randomised p: KS", name, stats.kstest(uniform, "uniform").pvalue, "> 0.01"


def check_effects(runs: int, examples: int, seeds: int) -> Iterator[tuple]:
    """Yield rows on cells that pruning shifts: coverage of the mean excess, PIE share and score."""
    for name, scenario in EFFECTS.items():
        excess, shares, scores = [], [], []
        for run in range(runs):
            rng = np.random.default_rng([run, examples, seeds])
            dense, pruned = simulate(rng, seeds, examples, scenario)
            cell = cell_of(dense, pruned)
            excess.append(noise_floor.noise_floor(cell, rng).excess)
            shares.append(pie_share(cell))
            scores.append(score_interval(cell.compressed.decisions, cell.truth, False))
        yield "excess covers its mean", name, coverage(excess), "about 0.95"
        yield "PIE share covers its mean", name, coverage(shares), "about 0.95"
        yield "score covers its mean", name, coverage(scores), "about 0.95"


def check_examples(runs: int, examples: int, seeds: int) -> Iterator[tuple]:
    """Yield rows on tests per example: uniform without an effect, FDR and power with changes."""
    uniform, any_found = [], []
    for run in range(runs):
        rng = np.random.default_rng([run, examples, seeds])
        dense, pruned, _ = plant(rng, seeds, examples, (0.0, 0.0, 0.0))
        test = sign_test(dense, pruned)
        uniform.append(stats.kstest(randomised_p(test.lost, test.gained, rng), "uniform").pvalue)
        any_found.append(bool((adjust(test.p, test.tested) <= TIER_FDR[0]).any()))
    yield "randomised p: KS of KS", "no effect", stats.kstest(uniform, "uniform").pvalue, "> 0.01"
    yield "FDR at 0.05", "no effect", float(np.mean(any_found)), "<= 0.05"
    for change in CHANGES:
        for fewest in (0, 6):
            yield from _check_change(runs, examples, seeds, change, fewest)


def _check_change(
    runs: int, examples: int, seeds: int, change: tuple[float, float, float], fewest: int
) -> Iterator[tuple]:
    rates, powers, tested_changed = [], [], []
    for run in range(runs):
        rng = np.random.default_rng([run, examples, seeds])
        dense, pruned, changed = plant(rng, seeds, examples, change)
        test = sign_test(dense, pruned, fewest)
        tested, tier = test.tested, tiers(adjust(test.p, test.tested))
        tested_changed.append(changed[tested].mean() if tested.any() else 0.0)
        powers.append((tier == TIERS[0])[changed].mean())
        found = [tier == TIERS[0], tier != TIERS[2]]
        rates.append([(f & ~changed).sum() / max(1, f.sum()) for f in found])
    fraction, share, lost = change
    name = f"{fraction:.0%} lose {lost:.0%} of votes, fewest {fewest}"
    certain, likely = np.mean(rates, axis=0)
    promised = power(
        seeds, lost * seeds, share, changed=float(np.mean(tested_changed)), fewest=fewest
    )
    yield "FDR at 0.05", name, float(certain), "<= 0.05"
    yield "FDR at 0.20", name, float(likely), "<= 0.20"
    yield "power", name, float(np.mean(powers)), f"{promised:.4f} promised"


def check_deltas(runs: int, examples: int) -> Iterator[tuple]:
    """Yield rows on Cliff's delta where length goes with the margin, and PIEs with both."""
    plain, matched = [], []
    for run in range(runs):
        rng = np.random.default_rng([run, examples])
        margin = rng.integers(0, 16, examples)
        length = rng.gamma(3, 10, examples) - 0.5 * margin
        pies = rng.random(examples) < 0.3 * np.exp(-margin / 4)  # by margin alone
        plain.append(Interval(*cliffs_delta(length, pies)[:3]))
        matched.append(Interval(*cliffs_delta(length, pies, margin)[:3]))
    yield "delta covers its mean", "unmatched", coverage(plain), "0.93 to 0.97"
    yield "matched delta covers 0", "PIEs by margin alone", coverage(matched, 0), "0.93 to 0.97"


def main(runs: int, examples: int, seeds: int, ties: str) -> None:
    """Print the table, one row a check."""
    checks = (
        check_cells(runs, examples, seeds, ties),
        check_effects(runs, examples, seeds),
        check_examples(runs, examples, seeds),
        check_deltas(runs, examples),
    )
    for check in checks:
        for what, scenario, measured, wanted in check:
            print(f"{what:26s} {scenario:38s} {measured:8.4f}   {wanted}", flush=True)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--runs", type=int, default=1000)
    parser.add_argument("--examples", type=int, default=2000)
    parser.add_argument("--seeds", type=int, default=30)
    parser.add_argument("--ties", default="lowest")
    main(**vars(parser.parse_args()))
