"""Try to forecast which answers compression broke from more than how sure the compressed model is.

By a logistic regression on what is known of an answer without the baseline's model: its margin, its
entropy, the answer, the text's length, and, where a seed has several draws of calibration texts,
the share of its other draws that answer otherwise. Each answer is forecast by a regression that
has seen neither its text nor any model of its replicate.

For each comparison of a finished study it prints what is left of the negative flips if the 10 % of
the texts that rank first go to the baseline's models: by the margin, and how much more or less by
the forecast.

    python benchmarks/forecast.py --data results/data --predictions resources/thirty_seeds
"""

import argparse
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pandas as pd
from scipy.special import entr, expit, softmax
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT / "scripts"))

from pielab.analysis.fallback import halves, negative_flips  # noqa: E402
from pielab.analysis.remedies import change_interval, mean_change  # noqa: E402
from pielab.pies.cell import Cell  # noqa: E402
from pielab.pies.reading import read_cells  # noqa: E402
from pielab.stats.fallback import SHARES, certainty_margins, is_sent, thresholds  # noqa: E402
from pielab.stats.intervals import Interval  # noqa: E402
from pielab.vocabulary import FEWEST_FOR_INTERVAL  # noqa: E402

SENT = 0.1  # share of the texts that go to the baseline's models
MOST_CLASSES = 20  # of more, which class was answered is left out
FEWEST_FLIPS = 10  # of models and texts by which a regression is fitted
MOST_FITTED = 50_000  # answers by which it is fitted: more would hardly change it


def features(cell: Cell, lengths: np.ndarray) -> np.ndarray:
    """Return what is known of each answer, float64 (models, texts, features).

    Parameters
    ----------
    lengths : (texts,)
        Words of each text.
    """
    side = cell.compressed
    logits = side.logits.astype(np.float64)
    chances = expit(logits) if side.multi_label else softmax(logits, axis=2)
    entropy = entr(chances).sum(axis=2)
    if side.multi_label:
        entropy = entropy + entr(1 - chances).sum(axis=2)
    margins = certainty_margins(side)
    long = np.broadcast_to(np.log1p(lengths), margins.shape)
    columns = [margins, np.log(margins + 1e-3), entropy, long]
    if cell.per_replicate > 1:
        columns.append(_disagreement(cell))
    if side.decisions.shape[2] <= MOST_CLASSES:
        columns += list(np.moveaxis(side.decisions * 1.0, 2, 0))
    return np.stack(columns, axis=2)


def _disagreement(cell: Cell) -> np.ndarray:
    """Return the share of a seed's other draws that answer otherwise, (models, texts)."""
    draws, decisions = cell.per_replicate, cell.compressed.decisions
    by_seed = decisions.reshape(-1, draws, *decisions.shape[1:])
    same = (by_seed[:, :, None] == by_seed[:, None]).all(axis=4).sum(axis=2) - 1
    return np.asarray((1 - same / (draws - 1)).reshape(decisions.shape[:2]))


def forecasts(cell: Cell, lengths: np.ndarray) -> np.ndarray | None:
    """Return how likely each answer is a negative flip, float64 (models, texts).

    None with fewer than four replicates, or too few flips to learn from.
    """
    if cell.n_replicates < FEWEST_FOR_INTERVAL:
        return None
    known, flips = features(cell, lengths), negative_flips(cell)
    found = np.empty(flips.shape)
    replicates = np.repeat(np.arange(cell.n_replicates), cell.per_replicate)
    for judged_on, learned_on in _both(*halves(flips.shape[1], np.random.default_rng(0))):
        for odd in (0, 1):
            judges, learns = (np.flatnonzero(replicates % 2 == one) for one in (odd, 1 - odd))
            own = known[np.ix_(learns, learned_on)].reshape(-1, known.shape[2])
            broken = flips[np.ix_(learns, learned_on)].ravel()
            kept = np.linspace(0, len(own) - 1, min(len(own), MOST_FITTED)).astype(int)
            if min(broken[kept].sum(), (~broken[kept]).sum()) < FEWEST_FLIPS:
                return None
            model = make_pipeline(StandardScaler(), LogisticRegression(max_iter=500))
            model.fit(own[kept], broken[kept])
            asked = known[np.ix_(judges, judged_on)]
            chance = model.predict_proba(asked.reshape(-1, known.shape[2]))[:, 1]
            found[np.ix_(judges, judged_on)] = chance.reshape(asked.shape[:2])
    return found


def compare(cell: Cell, lengths: np.ndarray, share: float) -> tuple[float, Interval]:
    """Return what margins leave of negative flips at a share, and how much more a forecast leaves.

    Both rank the texts of a half, for each model. With the 95 % interval over replicates and texts;
    NaN if nothing can be forecast.

    Parameters
    ----------
    share : float
        One of SHARES.
    """
    flips, likely = negative_flips(cell), forecasts(cell, lengths)
    both = halves(flips.shape[1], np.random.default_rng(0))
    at = SHARES.index(share)
    by_margin = left(flips, certainty_margins(cell.compressed), both)[at]
    if likely is None:
        return float(by_margin.mean()), Interval(np.nan, np.nan, np.nan)
    by_forecast = left(flips, 1 - likely, both)[at]
    change = mean_change(*(cell.replicate_means(1.0 * own) for own in (by_forecast, by_margin)))
    return float(by_margin.mean()), change_interval(change)


def left(flips: np.ndarray, margins: np.ndarray, both: tuple[np.ndarray, np.ndarray]) -> np.ndarray:
    """Return which flips are left, bool (shares, models, texts); lowest margins are sent first."""
    found = np.zeros((len(SHARES), *flips.shape), dtype=bool)
    for half in both:
        cuts = thresholds(margins[:, half])
        for at in range(len(SHARES)):
            found[at][:, half] = flips[:, half] & ~is_sent(margins[:, half], cuts[:, at])
    return found


def _both(one: np.ndarray, other: np.ndarray) -> tuple[tuple[np.ndarray, np.ndarray], ...]:
    return (one, other), (other, one)


def cells(data: Path, predictions: Path) -> Iterator[tuple[str, Cell, np.ndarray]]:
    """Yield each comparison with the dense models: its name, its cell and the texts' words."""
    for folder in sorted(predictions.glob("*/*/*/*")):
        dense = folder.parents[1] / "dense" / "none"
        paths = [sorted(map(str, one.glob("*.test.safetensors"))) for one in (dense, folder)]
        if folder == dense or not all(paths):
            continue
        own = data / folder.relative_to(predictions).parts[0]
        examples = str(own / "test.parquet")
        sides = [{"test": one} for one in paths]
        found = read_cells({"ties": "lowest"}, str(own / "card.json"), {"test": examples}, sides)
        words = pd.read_parquet(examples, columns=["text"])["text"].str.split().str.len()
        yield str(folder.relative_to(predictions)), found["test"], words.to_numpy()


def main(data: Path, predictions: Path) -> None:
    """Print a line for each comparison, in percent of the texts."""
    print("negative flips, left by margin, by forecast (95 % interval of the difference), in %")
    for name, cell, lengths in cells(data, predictions):
        by_margin, change = compare(cell, lengths, SENT)
        whole = 100 * negative_flips(cell).mean()
        ends = ", ".join(f"{100 * end:+.2f}" for end in change[1:])
        said = f"{100 * by_margin:.2f}, {100 * (by_margin + change.estimate):.2f} ({ends})"
        print(f"{name}: {whole:.2f}, {said}", flush=True)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--predictions", type=Path, required=True)
    asked = parser.parse_args()
    main(asked.data, asked.predictions)
