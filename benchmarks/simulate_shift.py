"""Check shifts and PIE probabilities against simulated models whose truth is known.

Without an effect, the share of runs in which any example is found to shift (q <= 0.05) is the false
discovery rate: it must stay at or below 0.05, whatever models and examples share. With planted
shifts of a tenth of the examples, the mean share of false ones among those found, and the share of
the planted ones found; and how many of shifts of a fixed size, by the number of replicates.
Then what PIE probabilities said against what was seen, in each fifth of probability, and how often
the interval of the expected number of PIEs holds the true number.

    PYTHONPATH=scripts python benchmarks/simulate_shift.py --runs 200
"""

import argparse
import sys
from pathlib import Path
from typing import NamedTuple

import numpy as np

ROOT = Path(__file__).parents[1]
sys.path[:0] = [str(ROOT / "scripts"), str(ROOT / "benchmarks")]

from pie_probability import calibration  # noqa: E402

from pielab.stats.expected_pies import example_probability, expected_pies  # noqa: E402
from pielab.stats.shift import margins, shift, standardise  # noqa: E402

LEVEL = 0.05
SIZE = 2.5  # standard deviations of a pair's difference, that some texts shift by
SHARES = (0.02, 0.1)


class World(NamedTuple):
    """How models and texts are drawn; standard deviations, in logits."""

    classes: int = 2
    lean: float = 0.3  # of a model towards each class
    tails: float = np.inf  # degrees of freedom of errors
    factors: int = 0  # directions in which models err alike on related texts
    varied: float = 0.3  # of the logarithm of the texts' error
    sure: float = 0.3  # of the logarithm of the models' sureness
    shared: float = 0.5  # share of the errors' variance that models of a seed have in common
    moved: float = 0.0  # of the texts' shifts
    share: float = 1.0  # of the texts that shift
    labels: bool = False  # each class is a label of its own
    harm: float = 0.0  # mean shift of the last class's logit; the others then do not move
    heavy: float = np.inf  # degrees of freedom of the texts' shifts


WORLDS = {
    "independent": World(lean=0, varied=0, sure=0),
    "models lean": World(),
    "models lean a lot": World(lean=1.0),
    "heavy tails": World(tails=3),
    "texts' errors vary": World(varied=0.8),
    "correlated texts": World(factors=3),
    "three classes": World(classes=3),
    "five classes, correlated": World(classes=5, factors=3),
}


def draw_errors(rng: np.random.Generator, shape: tuple, tails: float) -> np.ndarray:
    """Return errors of variance one, Student's or normal."""
    if np.isinf(tails):
        return rng.standard_normal(shape)
    return rng.standard_t(tails, shape) / (tails / (tails - 2)) ** 0.5


def simulate(
    rng: np.random.Generator, world: World, replicates: int, examples: int
) -> tuple[list[np.ndarray], np.ndarray, np.ndarray]:
    """Return logits of both sides, which examples moved, and which are PIEs of endless models."""
    shape = (examples, world.classes)
    text = rng.normal(0, 1.5, shape)
    moves = (rng.random(examples) < world.share)[:, None] & (world.moved > 0)
    shifts = world.moved * draw_errors(rng, shape, world.heavy)
    if world.harm:
        shifts = (shifts + world.harm) * (np.arange(world.classes) == world.classes - 1)
    texts = [text, text + moves * shifts]
    size = np.exp(world.varied * rng.standard_normal(shape))
    loads = 0.5 * rng.standard_normal((world.factors, *shape))
    common = world.shared**0.5 * draw_errors(rng, (replicates, *shape), world.tails)
    logits = []
    for own in texts:
        alone = (1 - world.shared) ** 0.5 * draw_errors(rng, (replicates, *shape), world.tails)
        lean = world.lean * rng.standard_normal((replicates, 1, world.classes))
        related = np.einsum("mf,fec->mec", rng.standard_normal((replicates, world.factors)), loads)
        sureness = np.exp(world.sure * rng.standard_normal((replicates, 1, 1)))
        model = (own + lean + related + size * (common + alone)) * sureness
        logits.append(model.astype(np.float32))
    decided = [own > 0 if world.labels else own.argmax(axis=1)[:, None] for own in texts]
    return logits, moves[:, 0], (decided[0] != decided[1]).any(axis=1)


def check_nulls(options: argparse.Namespace) -> None:
    """Print in what share of the runs any example is found, though nothing differs."""
    for name, world in WORLDS.items():
        for replicates in options.replicates:
            found = []
            for run in range(options.runs):
                rng = np.random.default_rng([run, replicates])
                logits, *_ = simulate(rng, world, replicates, options.examples)
                raw = [margins(side) for side in logits]
                standard = standardise(*raw)
                found.append(
                    [
                        (shift(dense, compressed, paired).q <= LEVEL).any()
                        for dense, compressed in (raw, standard)
                        for paired in (True, False)
                    ]
                )
            shares = "  ".join(f"{share:.3f}" for share in np.mean(found, axis=0))
            print(
                f"null  {name:26s}{replicates:3d}  raw paired, unpaired, standardised: {shares}",
                flush=True,
            )


def check_shifts(options: argparse.Namespace) -> None:
    """Print the false discovery rate and the power where a tenth of the texts shift."""
    for name, world in WORLDS.items():
        for replicates in options.replicates:
            rows = []
            for run in range(options.runs // 4):
                rng = np.random.default_rng([run, replicates])
                planted = world._replace(moved=3.0, share=0.1)
                logits, moved, _ = simulate(rng, planted, replicates, options.examples)
                raw = [margins(side) for side in logits]
                for dense, compressed in (raw, standardise(*raw)):
                    found = shift(dense, compressed).q <= LEVEL
                    rows += [(found & ~moved).sum() / max(1, found.sum()), found[moved].mean()]
            shares = np.reshape(rows, (-1, 4)).mean(axis=0)
            print(
                f"shift {name:26s}{replicates:3d}  raw false {shares[0]:.3f}, found "
                f"{shares[1]:.3f} standardised false {shares[2]:.3f}, found {shares[3]:.3f}",
                flush=True,
            )


def check_few(options: argparse.Namespace) -> None:
    """Print what share of shifts of SIZE standard deviations is found, by how many texts shift."""
    for name in ("independent", "models lean", "texts' errors vary", "correlated texts"):
        for replicates in options.replicates:
            for share in SHARES:
                rows = []
                for run in range(options.runs // 8):
                    rng = np.random.default_rng([run, replicates])
                    logits, *_ = simulate(rng, WORLDS[name], replicates, options.examples)
                    changes = np.diff(logits, axis=0)[0]
                    error = np.diff(changes, axis=2).std(axis=0, ddof=1).mean()
                    moved = rng.random(options.examples) < share
                    logits[1][:, moved, 1] += SIZE * error * rng.choice([-1, 1], moved.sum())
                    raw = [margins(side) for side in logits]
                    for dense, compressed in (raw, standardise(*raw)):
                        rows.append((shift(dense, compressed).q <= LEVEL)[moved].mean())
                found = np.reshape(rows, (-1, 2)).mean(axis=0)
                print(
                    f"few   {name:26s}{replicates:3d}  {share:.0%} shift by {SIZE} sd: found raw "
                    f"{found[0]:.2f}, standardised {found[1]:.2f}",
                    flush=True,
                )


def check_probabilities(options: argparse.Namespace) -> None:
    """Print what was said and seen, the sums, and how often the interval holds the true number."""
    worlds = {name: world._replace(moved=0.7) for name, world in WORLDS.items()} | {
        "half of the texts move": World(moved=1.0, share=0.5),
        "nothing moves": World(),
        "four labels": World(classes=4, labels=True, moved=0.7),
        "four labels, correlated": World(classes=4, labels=True, moved=0.7, factors=3),
    }
    harmed = World(moved=1.0, share=0.15, harm=-2.0)
    for classes in (2, 3, 5):
        one = harmed._replace(classes=classes)
        worlds |= {
            f"one way, {classes}, no leaning": one._replace(lean=0),
            f"one way, {classes}": one,
            f"one way, {classes}, lean a lot": one._replace(lean=1.0),
            f"one way, {classes}, most, no lean": one._replace(lean=0, share=0.6),
            f"both ways, {classes}, no leaning": one._replace(lean=0, harm=0, moved=2.0),
            f"heavy shifts, {classes}, no leaning": one._replace(
                lean=0, harm=0, share=1, heavy=2.5, moved=0.7
            ),
        }
    worlds = {name: own for name, own in worlds.items() if options.worlds in name}
    for name, world in worlds.items():
        for replicates in options.replicates:
            said, seen, held = [], [], []
            for run in range(options.runs // 4):
                rng = np.random.default_rng([run, replicates])
                logits, _, pies = simulate(rng, world, replicates, options.examples)
                multi_label = world.labels
                cuts = np.full(replicates, 0.5) if multi_label else None
                dense, compressed = (margins(side, cuts) for side in logits)
                said.append(example_probability(dense, compressed, multi_label=multi_label))
                number = expected_pies(dense, compressed, said[-1], multi_label=multi_label)
                held.append(number.low <= pies.sum() <= number.high)
                seen.append(pies)
            print(
                f"PIEs  {name:33s}{replicates:3d}  {np.sum(said) / len(said):.0f} of "
                f"{np.sum(seen) / len(seen):.0f}, held {np.mean(held):.2f}  "
                + calibration(np.concatenate(said), np.concatenate(seen)),
                flush=True,
            )


def main() -> None:
    """Read the options, and print the tables."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--runs", type=int, default=200)
    parser.add_argument("--examples", type=int, default=1000)
    parser.add_argument("--replicates", type=int, nargs="+", default=[4, 5, 8, 15, 30])
    parser.add_argument(
        "--worlds", default="", help="part of the names of PIE probability's worlds"
    )
    parser.add_argument("--only-pies", action="store_true", help="no tests of shifts")
    options = parser.parse_args()
    if not options.only_pies:
        check_nulls(options)
        check_shifts(options)
        check_few(options)
    check_probabilities(options)


if __name__ == "__main__":
    main()
