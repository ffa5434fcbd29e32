"""Check the intervals and verdicts of remedies.csv against simulated studies, and print a table.

How often the interval of the change of negative flips misses the truth, and which verdicts come
out, for remedies that do nothing and for one that mends a third of what compression breaks.
Texts, seeds and the two methods of a seed share what they would share in a study.

    PYTHONPATH=scripts python benchmarks/simulate_remedies.py --runs 400
"""

import argparse
from collections import Counter

import numpy as np
import pandas as pd

from pielab.analysis.remedies import remedy_row, with_verdicts
from pielab.pies.cell import Cell, Predictions

MENDED = (0.0, 1 / 3)
LEAN = 0.2  # standard deviation over models, in log odds, of what each does to all texts
SAME = 0.3  # of what compression does to a seed's texts, with and without the remedy


def draw_study(
    rng: np.random.Generator, texts: int, seeds: int, mended: float
) -> tuple[Cell, Cell]:
    """Return the cell of a remedy and that of the plain method, of two classes."""
    easy = rng.normal(2.2, 1.8, texts)
    seed = rng.normal(0, 0.8, (seeds, texts)) + LEAN * rng.normal(size=(seeds, 1))
    shared = rng.normal(0, 1, (seeds, texts))
    dense, sides = easy + seed, []
    for strength in (1 - mended, 1.0):
        own = SAME**0.5 * shared + (1 - SAME) ** 0.5 * rng.normal(size=(seeds, texts))
        lean = LEAN * rng.normal(size=(seeds, 1))
        sides.append(dense + strength * (own - 0.3) + lean)
    labels = np.arange(texts) % 2
    return tuple(_cell(dense > 0, side > 0, labels) for side in sides)  # type: ignore[return-value]


def _cell(dense: np.ndarray, compressed: np.ndarray, labels: np.ndarray) -> Cell:
    """Return the cell of which models are right."""
    sides = []
    for right in (dense, compressed):
        chosen = np.where(right, labels, 1 - labels)
        decisions = chosen[:, :, None] == np.arange(2)
        sides.append(Predictions(decisions.astype(np.float32), decisions, multi_label=False))
    return Cell(sides[0], sides[1], labels, np.arange(len(labels)), "lowest")


def truth(rng: np.random.Generator, mended: float) -> float:
    """Return the true change of the negative flip rate."""
    if mended == 0:
        return 0.0
    rows = []
    for _ in range(20):
        cell, plain = draw_study(rng, 20_000, 10, mended)
        rates = []
        for one in (cell, plain):
            before, after = ((side.decisions == one.truth).all(axis=2) for side in one.sides)
            rates.append((before & ~after).mean())
        rows.append(rates[0] - rates[1])
    return float(np.mean(rows))


def check(
    rng: np.random.Generator, texts: int, seeds: int, mended: float, runs: int
) -> tuple[float, float, Counter]:
    """Return how often the interval holds the truth, its mean width, and the verdicts."""
    true = truth(rng, mended)
    rows = [remedy_row(*draw_study(rng, texts, seeds, mended), ["a", "b"]) for _ in range(runs)]
    held = [row["nfr_change_low"] <= true <= row["nfr_change_high"] for row in rows]
    width = np.mean([row["nfr_change_high"] - row["nfr_change_low"] for row in rows])
    verdicts = [
        with_verdicts(pd.DataFrame([row | {"kind": "trained"}]))["verdict"].iloc[0] for row in rows
    ]
    return float(np.mean(held)), float(width), Counter(verdicts)


def main(runs: int, texts_of: list[int], seeds_of: list[int]) -> None:
    """Print a row for each kind of study."""
    rng = np.random.default_rng(0)
    for mended in MENDED:
        for texts in texts_of:
            for seeds in seeds_of:
                held, width, verdicts = check(rng, texts, seeds, mended, runs)
                said = ", ".join(f"{word} {n / runs:.3f}" for word, n in verdicts.most_common())
                print(
                    f"mends {mended:.2f}  texts {texts:5}  seeds {seeds:3}  holds {held:.3f}  "
                    f"width {100 * width:.2f} points  {said}",
                    flush=True,
                )


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--runs", type=int, default=400)
    parser.add_argument("--texts", type=int, nargs="+", default=[400, 1700])
    parser.add_argument("--seeds", type=int, nargs="+", default=[5, 9])
    options = parser.parse_args()
    main(options.runs, options.texts, options.seeds)
