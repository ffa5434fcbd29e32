"""Judge the PIE probability and the shift by seeds that they have not seen.

A number of a study's seeds is drawn; what they say is held against the PIEs that the votes of the
other seeds make: average precision and Brier score of the probability and of the vote's own PIE
set, and calibration, what was said against what was seen in each fifth of probability. The judges
are few, so that beside the probability for endlessly many models stands the one for a majority of
so many. Shifts: how many are found (q <= 0.05), and the share of them that goes the same way in the
other seeds; and between dense models and dense models of other seeds, where nothing differs, the
share of draws in which any is found, which is the false discovery rate.

    PYTHONPATH=scripts python benchmarks/pie_probability.py --predictions results/predictions
"""

import argparse
import re
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from sklearn.metrics import average_precision_score

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT / "scripts"))

from pielab import files  # noqa: E402
from pielab.pies.decisions import decide_single  # noqa: E402
from pielab.pies.votes import majority  # noqa: E402
from pielab.stats.pie_probability import pie_probability  # noqa: E402
from pielab.stats.shift import margins, shift, standardise  # noqa: E402

FIFTHS = 5
LEVEL = 0.05
KINDS = {"raw": lambda *sides: sides, "standardised": standardise}


def read_cell(folder: Path, split: str) -> dict[int, np.ndarray]:
    """Return logits (examples, classes) by seed."""
    blocks = [files.read_arrays(path)[0] for path in sorted(folder.glob(f"*.{split}.safetensors"))]
    return {
        int(seed): logits
        for block in blocks
        for seed, logits in zip(block["seeds"], block["logits"], strict=True)
    }


def cells(predictions: Path, pattern: str, split: str) -> Iterator[tuple]:
    """Yield the name of each cell, and dense and compressed logits of the seeds that both have."""
    for folder in sorted(predictions.glob("*/*/*/*")):
        name = str(folder.relative_to(predictions))
        if folder.parent.name == "dense" or not re.search(pattern, name):
            continue
        dense, compressed = (
            read_cell(one, split) for one in (folder.parents[1] / "dense" / "none", folder)
        )
        shared = sorted(dense.keys() & compressed.keys())
        if shared:
            yield name, *(np.stack([side[seed] for seed in shared]) for side in (dense, compressed))


def vote(logits: np.ndarray) -> np.ndarray:
    """Return the modal class, int (examples,), of logits (replicates, examples, classes)."""
    votes = decide_single(logits).sum(axis=0)
    return majority(votes.T[:, None], "lowest")[0][0]


def draw(seeds: int, replicates: int, draws: int) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Yield replicates drawn from the seeds, and the others."""
    for index in range(draws):
        order = np.random.default_rng([index, replicates]).permutation(seeds)
        yield order[:replicates], order[replicates:]


def calibration(said: np.ndarray, seen: np.ndarray) -> str:
    """Return what was said, seen, and of how many percent, in each fifth of probability."""
    fifth = np.minimum((FIFTHS * said).astype(int), FIFTHS - 1)
    shown = []
    for index in range(FIFTHS):
        mine = fifth == index
        text = f"{said[mine].mean():.2f}/{seen[mine].mean():.2f}" if mine.any() else "-"
        shown.append(f"{text} ({100 * mine.mean():.1f} %)")
    return "  ".join(shown)


def judge(dense: np.ndarray, compressed: np.ndarray, replicates: int, draws: int) -> dict:
    """Return scores of the vote's PIEs and of probabilities, over draws of replicates."""
    seen: list[np.ndarray] = []
    said: dict[str, list[np.ndarray]] = {"vote": [], "probability": [], "of judges": []}
    both = margins(dense), margins(compressed)
    for mine, others in draw(len(dense), replicates, draws):
        seen.append(vote(dense[others]) != vote(compressed[others]))
        one, other = (side[mine] for side in both)
        said["vote"].append((vote(dense[mine]) != vote(compressed[mine])) * 1.0)
        said["probability"].append(pie_probability(one, other))
        said["of judges"].append(pie_probability(one, other, voters=len(others)))
    scores = {}
    for name, found in said.items():
        pairs = list(zip(seen, found, strict=True))
        precision = [average_precision_score(one, two) for one, two in pairs if one.any()]
        brier = np.mean([(one - two) ** 2 for one, two in pairs])
        total = np.sum(found) / draws, np.sum(seen) / draws
        text = calibration(np.concatenate(found), np.concatenate(seen))
        scores[name] = np.mean(precision) if precision else np.nan, brier, *total, text
    return scores


def show_probabilities(name: str, dense: np.ndarray, compressed: np.ndarray, options) -> None:
    """Print how votes and probabilities of some replicates foresee the votes of the others."""
    for replicates in options.replicates:
        if replicates + 2 > len(dense):
            continue
        for what, row in judge(dense, compressed, replicates, options.draws).items():
            precision, brier, said, seen, text = row
            print(
                f"{name:36s} {replicates:3d} {what:12s} AP {precision:.2f}  Brier {brier:.4f}  "
                f"PIEs {said:.0f} of {seen:.0f}" + ("" if what == "vote" else f"  {text}"),
                flush=True,
            )


def show_shifts(name: str, dense: np.ndarray, compressed: np.ndarray, options) -> None:
    """Print how many examples some replicates find to shift, and how many as others do."""
    both = margins(dense), margins(compressed)
    for replicates in options.replicates:
        if replicates >= len(dense):
            continue
        for kind, prepared in KINDS.items():
            found, moved = [], []
            for mine, others in draw(len(dense), replicates, options.draws):
                result = shift(*prepared(*(side[mine] for side in both)))
                before, after = prepared(*(side[others] for side in both))
                rest = after.mean(axis=0) - before.mean(axis=0)
                clear = (result.q <= LEVEL)[:, None] & (result.p <= LEVEL)
                found.append((result.q <= LEVEL).sum())
                moved.append((result.estimate * rest > 0)[clear])
            alike = np.concatenate(moved)
            print(
                f"{name:36s} {replicates:3d} {kind:12s} shifted {np.mean(found):.0f}, the same way "
                + (f"{alike.mean():.3f}" if len(alike) else "-"),
                flush=True,
            )


def show_nulls(name: str, dense: np.ndarray, options) -> None:
    """Print how often dense models are found to differ from dense models of other seeds."""
    margin = margins(dense)
    for replicates in options.null_replicates:
        if 2 * replicates > len(dense):
            continue
        for kind, prepared in KINDS.items():
            found = np.array(
                [
                    (shift(*prepared(margin[mine], margin[others[:replicates]])).q <= LEVEL).sum()
                    for mine, others in draw(len(dense), replicates, options.null_draws)
                ]
            )
            print(
                f"{name:36s} {replicates:3d} {kind:12s} any found in {(found > 0).mean():.3f} of "
                f"the draws, {found.mean():.2f} on average, {found.max()} at the most",
                flush=True,
            )


def main() -> None:
    """Read the options, and print the tables of each cell and each model."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--predictions", type=Path, default=Path("results/predictions"))
    parser.add_argument("--cells", default="", help="pattern of dataset/model/method/sSPARSITY")
    parser.add_argument("--split", default="test")
    parser.add_argument("--replicates", type=int, nargs="+", default=[3, 5, 8, 10])
    parser.add_argument("--null-replicates", type=int, nargs="+", default=[4, 5, 6, 8, 10])
    parser.add_argument("--draws", type=int, default=20, help="of replicates, for each cell")
    parser.add_argument("--null-draws", type=int, default=200)
    options = parser.parse_args()
    models: dict[str, np.ndarray] = {}
    for name, dense, compressed in cells(options.predictions, options.cells, options.split):
        model = "/".join(Path(name).parts[:2])
        if len(dense) > len(models.get(model, [])):
            models[model] = dense
        show_probabilities(name, dense, compressed, options)
        show_shifts(name, dense, compressed, options)
    if not models:
        sys.exit(f"pie_probability: {options.predictions}: no cell with dense models beside it")
    for name, dense in models.items():
        show_nulls(f"{name} dense", dense, options)


if __name__ == "__main__":
    main()
