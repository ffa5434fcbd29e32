"""Check the intervals of causes.csv in worlds whose causes are known, and print a table.

In each world texts have a length, a margin of their own, and further factors that do nothing.
Models of two groups see the margin with noise; compression moves it. Worlds:

- `margin`: long texts have smaller margins, and length does nothing else. With the margin held
  fixed, length must not matter: its odds ratio is 1.
- `length`: length does not go with the margin; compression moves long texts more.
- `both`: long texts have smaller margins, and compression moves long texts more.
- `wrong labels`: as `margin`, and 5 % of the labels are wrong.

For each it prints how often the 95 % interval of the length's odds ratio holds the truth, which
studies of many texts with the same number of models tell, and how often it excludes 1. For wrong
labels, how many of the texts that are doubted most, as many as there are wrong labels, have one.

    PYTHONPATH=scripts python benchmarks/simulate_causes.py --runs 200
"""

import argparse
from typing import NamedTuple

import numpy as np
import pandas as pd

from pielab.causes import table
from pielab.causes.outcomes import of_cell
from pielab.pies.cell import Cell, Predictions

TEXTS, SEEDS = (400, 1600), (5, 9, 30)
LARGE, STUDIES = 20_000, 4  # texts and studies that tell the truth
WRONG = 0.05  # share of labels that are wrong


class World(NamedTuple):
    """How texts break: what length does to the margin, and to what compression moves."""

    of_margin: float
    of_shift: float
    wrong_labels: bool = False


WORLDS = {
    "margin": World(-0.8, 0.0),
    "length": World(0.0, -0.8),
    "both": World(-0.8, -0.8),
    "wrong labels": World(-0.8, 0.0, wrong_labels=True),
}


def draw_study(
    rng: np.random.Generator, world: World, texts: int, seeds: int
) -> tuple[Cell, pd.DataFrame, np.ndarray]:
    """Return the cell of a study, its texts' factors, and which labels are wrong."""
    length = rng.normal(size=texts)
    margin = 2.5 + world.of_margin * length + rng.normal(0, 1, texts)
    moved = -0.8 + world.of_shift * length + rng.normal(0, 0.7, texts)
    truth = rng.integers(0, 3, texts)
    sides = []
    for centre in (margin, margin + moved):
        logits = rng.normal(0, 0.7, (seeds, texts, 3))
        logits += rng.normal(0, 0.15, (seeds, 1, 3))  # models lean to classes of their own
        logits[:, np.arange(texts), truth] += centre
        chosen = logits.argmax(axis=2)[:, :, None] == np.arange(3)
        sides.append(Predictions(logits.astype(np.float32), chosen, False))
    wrong = rng.random(texts) < WRONG * world.wrong_labels
    labels = np.where(wrong, (truth + rng.integers(1, 3, texts)) % 3, truth)
    nothing = rng.normal(size=(2, texts))
    known = {"tokens": 2.0 ** (7 + length), "negations": nothing[0] + 3, "numbers": nothing[1] + 3}
    cell = Cell(sides[0], sides[1], labels, np.arange(texts), "lowest")
    return cell, pd.DataFrame(known), wrong


def row_of(found: pd.DataFrame, factor: str, outcome: str = "pie") -> pd.Series:
    """Return the row of a factor."""
    return found[(found["factor"] == factor) & (found["outcome"] == outcome)].iloc[0]


def truth_of(rng: np.random.Generator, world: World, seeds: int) -> dict[str, float]:
    """Return the odds ratios of length, alone and adjusted, that many texts tell."""
    names = ("alone", "adjusted")
    rows = []
    for _ in range(STUDIES):
        cell, known, _ = draw_study(rng, world, LARGE, seeds)
        rows.append(row_of(table.causes(of_cell(cell), known, 1), "tokens"))
    return {name: float(np.exp(np.mean([np.log(row[name]) for row in rows]))) for name in names}


def tries(
    rng: np.random.Generator, world: World, texts: int, seeds: int, runs: int
) -> tuple[list[dict], list[float]]:
    """Return the rows of length and of a factor that does nothing, and precisions of doubt."""
    rows, precisions = [], []
    for _ in range(runs):
        cell, known, wrong = draw_study(rng, world, texts, seeds)
        outcome = of_cell(cell)
        found = table.causes(outcome, known, 1)
        length, nothing = row_of(found, "tokens"), row_of(found, "numbers")
        rows.append({"length": length, "nothing": nothing})
        if wrong.any():
            doubted = np.argsort(-outcome.label_doubt[0])[: wrong.sum()]
            precisions.append(float(wrong[doubted].mean()))
    return rows, precisions


def coverage(rows: list[dict], name: str, kind: str, true: float) -> tuple[float, float, float]:
    """Return how often intervals hold the truth and exclude 1, and how many studies tell."""
    ends = np.array([[row[name][f"{kind}_low"], row[name][f"{kind}_high"]] for row in rows])
    known = np.isfinite(ends).all(axis=1)
    low, high = ends[known].T
    if not known.any():
        return np.nan, np.nan, 0.0
    holds = float(((low <= true) & (true <= high)).mean())
    return holds, float(((low > 1) | (high < 1)).mean()), float(known.mean())


def main(runs: int, worlds: list[str]) -> None:
    """Print a row for each world, number of texts and of models."""
    rng = np.random.default_rng(0)
    print(
        "world, texts, seeds: PIEs | length alone: odds, held, not 1 | adjusted: odds, held, not 1"
    )
    print("  | a factor that does nothing: held alone, adjusted | precision of doubt   (held in %)")
    for name in worlds:
        world = WORLDS[name]
        for seeds in SEEDS:
            true = truth_of(rng, world, seeds)
            for texts in TEXTS:
                rows, precisions = tries(rng, world, texts, seeds, runs)
                pies = np.mean([row["length"]["with_outcome"] for row in rows])
                words = [f"{name}, {texts}, {seeds}: {pies:.0f}"]
                for kind in ("alone", "adjusted"):
                    held, apart, _ = coverage(rows, "length", kind, true[kind])
                    words.append(f"{true[kind]:.2f}, {100 * held:.1f}, {100 * apart:.1f}")
                nothing = [coverage(rows, "nothing", kind, 1)[0] for kind in ("alone", "adjusted")]
                words.append(", ".join(f"{100 * held:.1f}" for held in nothing))
                words.append(f"{np.mean(precisions):.2f}" if precisions else "–")
                print(" | ".join(words), flush=True)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--runs", type=int, default=200)
    parser.add_argument("--worlds", nargs="+", default=list(WORLDS), choices=list(WORLDS))
    asked = parser.parse_args()
    main(asked.runs, asked.worlds)
