"""Check slices against simulated models whose truth is known, and print tables.

A study is some comparisons of the same test examples. Where no group is hurt more than the rest,
the share of studies with any confirmed slice must stay at or below .05, whatever the harm: none,
rare, as much everywhere, or as many flips either way in one class. Where a group is, the mean share
of false ones among confirmed slices, and how often the group is found, by its size and harm. Then
how often the interval of a slice holds its true excess, and whether p_replicates sees through what
each seed does to a class of its own.

    PYTHONPATH=scripts python benchmarks/simulate_slices.py --runs 200
"""

import argparse
from typing import NamedTuple

import numpy as np
import pandas as pd

from pielab.slices.conditions import conditions
from pielab.slices.search import Candidates, candidates, find_slices, search_half
from pielab.slices.table import adjusted
from pielab.vocabulary import FDR, KEYS

COMPARISONS = 6
CLASSES = [f"c{number}" for number in range(5)]
RIGHT = 0.85  # share of the baseline's models that are right, mean over examples
ALIKE = 0.5  # overlap (Jaccard) from which a confirmed slice is the planted one


class World(NamedTuple):
    """What compression does, as rates at which models turn an answer."""

    lost: float = 0.02  # of right answers
    fair: bool = True  # as many are gained as lost
    restless: float = 0.0  # more answers of the first class turn, as many either way
    lean: float = 0.0  # standard deviation over compressed models of what each class loses
    planted: float = 0.0  # more right answers are lost in the planted group
    columns: int = 1  # that name the planted group: the class, and the longest quarter


NULLS = {
    "few flips either way": World(),
    "harm is rare": World(lost=0.003),
    "harm everywhere": World(lost=0.2, fair=False),
    "a restless class": World(lost=0.005, restless=0.2),
}


class Study(NamedTuple):
    """The examples of a study, and how they can be grouped."""

    groups: Candidates
    truth: np.ndarray  # bool (examples, classes)
    longest: np.ndarray  # bool (examples,)


def draw_study(rng: np.random.Generator, examples: int) -> Study:
    """Return test examples with classes, lengths, readability and a column of the user's."""
    truth = np.eye(len(CLASSES), dtype=bool)[np.arange(examples) % len(CLASSES)]
    tokens = np.round(np.exp(rng.normal(4, 1, examples)))
    complexity = pd.DataFrame(
        {"tokens": tokens, "flesch_reading_ease": rng.normal(60, 15, examples)}
    )
    named = pd.DataFrame({"channel": rng.choice(list("abcdefgh"), examples)})
    found = candidates(
        conditions(truth, CLASSES, complexity, named), search_half(range(examples), truth), 20, 2
    )
    return Study(found, truth, tokens > np.quantile(tokens, 0.75))


def planted_group(study: Study, world: World) -> np.ndarray:
    """Return which examples are hurt more, bool (examples,)."""
    return study.truth[:, 0] & (study.longest | (world.columns == 1))


def draw_harm(
    rng: np.random.Generator, study: Study, world: World, replicates: int
) -> tuple[np.ndarray, np.ndarray]:
    """Return each model's harm, (examples, replicates), and its expectation, (examples,)."""
    examples = len(study.truth)
    right = rng.beta(8 * RIGHT, 8 * (1 - RIGHT), examples).clip(0.02, 0.98)
    lost = world.lost + world.restless * study.truth[:, 0]
    gained = np.minimum(1, lost * right / (1 - right)) * world.fair
    lost = np.where(world.fair, gained * (1 - right) / right, lost)
    lost = np.minimum(1, lost + world.planted * planted_group(study, world))
    leaning = world.lean * rng.standard_normal((replicates, len(CLASSES))) @ study.truth.T
    before = rng.random((replicates, examples)) < right
    turned = rng.random((replicates, examples))
    loses, gains = turned < lost + leaning, turned < gained - leaning
    after = np.where(before, ~loses, gains)
    expected = right * lost - (1 - right) * gained
    return (before * 1.0 - after).T, expected


def run_study(
    rng: np.random.Generator, world: World, examples: int, replicates: int
) -> tuple[pd.DataFrame, Study]:
    """Return the slices of a study with `true_excess` and `overlap` with the planted group.

    If a group is planted, it is in the first two comparisons.
    """
    study, tables = draw_study(rng, examples), []
    for number in range(COMPARISONS):
        own = world if number < 2 else world._replace(planted=0)
        harm, expected = draw_harm(rng, study, own, replicates)
        found = find_slices(study.groups, harm, np.zeros(examples, dtype=bool), rng)
        inside = [study.groups.examples_of(one) for one in found["candidate"]]
        planted = planted_group(study, own)
        found["true_excess"] = [expected[m].mean() - expected[~m].mean() for m in inside]
        found["overlap"] = [(m & planted).sum() / (m | planted).sum() for m in inside]
        keys = dict.fromkeys(KEYS, "") | {"method": number, "primary": True, "collapsed": False}
        tables.append(pd.DataFrame([keys]).merge(found, how="cross"))
    return adjusted(pd.concat(tables, ignore_index=True)), study


class Seen(NamedTuple):
    """What studies of one kind found."""

    any_confirmed: float  # share of studies
    any_beyond: float  # of these with a confirmed slice whose p_replicates is small
    false_share: float  # of the confirmed slices, mean over studies
    power: float  # share of comparisons with a planted group in which it is confirmed
    coverage: float  # share of the tested slices whose interval holds the true excess


def judge(world: World, examples: int, replicates: int, runs: int, seed: int = 0) -> Seen:
    """Return what `runs` studies found."""
    rows = []
    for run in range(runs):
        table, _ = run_study(np.random.default_rng([seed, run]), world, examples, replicates)
        confirmed = table[table["confirmed"]]
        hits = confirmed[(confirmed["method"] < 2) & (confirmed["overlap"] >= ALIKE)]
        holds = (table["low"] <= table["true_excess"]) & (table["true_excess"] <= table["high"])
        false = (confirmed["true_excess"] < 1e-9).mean() if len(confirmed) else 0.0
        beyond = (confirmed["p_replicates"] <= FDR).any()
        rows.append((len(confirmed) > 0, beyond, false, hits["method"].nunique() / 2, holds.mean()))
    return Seen(*np.nanmean(rows, axis=0).tolist())  # no slice, no interval


def main() -> None:
    """Read the options, and print the tables."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--runs", type=int, default=200)
    runs = parser.parse_args().runs
    sizes = [(400, 1), (2000, 1), (1000, 9)]
    print("| no group is hurt more | " + " | ".join(f"{n} examples, {m}" for n, m in sizes) + " |")
    for name, world in NULLS.items():
        seen = [judge(world, *size, runs) for size in sizes]
        cells = [f"{one.any_confirmed:.3f} ({one.coverage:.3f})" for one in seen]
        print(f"| {name} | {' | '.join(cells)} |", flush=True)
    print("| planted | " + " | ".join(f"{n} examples, {m}" for n, m in sizes) + " |")
    for columns, planted in ((1, 0.1), (1, 0.2), (1, 0.4), (2, 0.2), (2, 0.4)):
        seen = [judge(World(planted=planted, columns=columns), *size, runs // 2) for size in sizes]
        cells = [f"{one.power:.2f} ({one.false_share:.3f}, {one.coverage:.2f})" for one in seen]
        print(f"| {columns} columns, {planted} | {' | '.join(cells)} |", flush=True)
    print("| each model leans | 400 examples, 9 | 1000 examples, 9 |")
    for lean in (0.02, 0.05):
        seen = [judge(World(lean=lean), examples, 9, runs // 2) for examples in (400, 1000)]
        cells = [f"{one.any_confirmed:.2f}, beyond {one.any_beyond:.2f}" for one in seen]
        print(f"| {lean} | {' | '.join(cells)} |", flush=True)


if __name__ == "__main__":
    main()
