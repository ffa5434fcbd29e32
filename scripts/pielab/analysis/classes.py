"""Measure how classes fare: their share of PIEs and their score, baseline and compressed."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from pielab.data.labels import label_array
from pielab.vocabulary import SIDES

DRAWS = 1999


def truth_array(pie_set: pd.DataFrame, n_classes: int) -> np.ndarray:
    """Return which labels each row of a PIE set has, bool (examples, classes)."""
    labels = label_array(pie_set, n_classes)
    return labels.astype(bool) if labels.ndim == 2 else labels[:, None] == np.arange(n_classes)


def class_table(
    pie_set: pd.DataFrame,
    truth: np.ndarray,
    n_models: int,
    names: Sequence[str],
    rng: np.random.Generator,
) -> pd.DataFrame:
    """Return one row a class of a cell.

    Parameters
    ----------
    pie_set : DataFrame
        From find.find_pies.
    truth : bool (examples, classes)
    n_models : int
        Models on each side.

    Returns
    -------
    DataFrame
        `class`, `examples` (that have the label), `pies` (of these), `example_share` and
        `class_share_of_pies` (of the labels of all examples, and of those of PIEs), `pie_rate`;
        `score_baseline` and `score_compressed`: with one label an example the accuracy on the
        class's examples, mean over seeds; with several the class's F1 from the decisions of all
        seeds together, 0 without any; `pies_as_baseline` and `pies_as_compressed`, PIEs for which
        the majority of a side predicts the class; `p`, the same for all classes: see class_test.
    """
    pie = pie_set["pie"].to_numpy(dtype=bool)
    examples, pies = truth.sum(axis=0), truth[pie].sum(axis=0)
    table = pd.DataFrame(
        {
            "class": names,
            "examples": examples,
            "pies": pies,
            "example_share": examples / max(1, examples.sum()),
            "class_share_of_pies": pies / pies.sum() if pies.any() else np.nan,
            "pie_rate": np.divide(
                pies, examples, out=np.full(len(names), np.nan), where=examples > 0
            ),
        }
    )
    for side in SIDES:
        votes = np.stack(pie_set[f"{side}_votes"])
        table[f"score_{side}"] = _class_scores(votes, truth, n_models, "labels" in pie_set)
    for side in SIDES:
        table[f"pies_as_{side}"] = _predicted(pie_set[pie], side, len(names)).sum(axis=0)
    return table.assign(p=class_test(truth, pie, rng))


def frequency_ratios(classes: pd.DataFrame) -> pd.Series:
    """Return how many training examples each dataset's largest class has to one of its smallest.

    By dataset, of classes.csv; a class without any counts as having one.
    """
    counts = classes.groupby("dataset", sort=False)["train_examples"].agg(["max", "min"])
    return counts["max"] / counts["min"].clip(lower=1)


def _predicted(pie_set: pd.DataFrame, side: str, n_classes: int) -> np.ndarray:
    """Return what the majority of a side predicts, bool (examples, classes)."""
    multi_label = "labels" in pie_set
    if multi_label:
        lists = pie_set[f"{side}_labels"]
    else:
        lists = pie_set[f"{side}_label"].map(lambda label: [label])
    predicted = np.zeros((len(pie_set), n_classes), dtype=bool)
    for row, labels in enumerate(lists):
        predicted[row, [label for label in labels if label >= 0]] = True
    return predicted


def flipped_pairs(pie_set: pd.DataFrame, names: Sequence[str]) -> pd.DataFrame:
    """Return one row a pair of classes between which PIEs flip, the most frequent first.

    Returns
    -------
    DataFrame
        `from_class` and `to_class`, what the majorities of baseline and compressed models predict,
        and `pies`. With several labels a label that is gained has no from_class, and one that is
        lost no to_class.
    """
    pies = pie_set[pie_set["pie"]]
    baseline, compressed = (_predicted(pies, side, len(names)) for side in SIDES)
    if "labels" in pie_set:
        lost, gained = (baseline & ~compressed).sum(axis=0), (compressed & ~baseline).sum(axis=0)
        rows: list[tuple] = list(zip(names, [None] * len(names), lost, strict=True))
        rows += zip([None] * len(names), names, gained, strict=True)
    else:
        counts = baseline.astype(np.int64).T @ compressed.astype(np.int64)
        rows = [(names[i], names[j], number) for (i, j), number in np.ndenumerate(counts)]
    table = pd.DataFrame(rows, columns=["from_class", "to_class", "pies"])
    table = table[table["pies"] > 0]
    return table.sort_values("pies", ascending=False, kind="stable", ignore_index=True)


def _class_scores(
    votes: np.ndarray, truth: np.ndarray, n_models: int, multi_label: bool
) -> np.ndarray:
    hits, possible = (votes * truth).sum(axis=0), n_models * truth.sum(axis=0)
    if multi_label:
        hits, possible = 2 * hits, possible + votes.sum(axis=0)
    nothing = 0.0 if multi_label else np.nan
    return np.divide(hits, possible, out=np.full(len(hits), nothing), where=possible > 0)


def class_test(
    truth: np.ndarray, pie: np.ndarray, rng: np.random.Generator, draws: int = DRAWS
) -> float:
    """Return the p-value of the PIEs' classes being those of as many examples drawn at random.

    The statistic is Pearson's, the sum over classes of (observed - expected)^2 / expected; its
    distribution is drawn (Monte Carlo), so that rare classes and examples with several labels do
    not break it. p is (1 + draws as far off or farther) / (1 + draws); NaN if all or no
    examples are PIEs.

    Parameters
    ----------
    truth : bool (examples, classes)
    pie : bool (examples,)
    """
    number = int(pie.sum())
    if number in (0, len(pie)):
        return np.nan
    patterns, pattern_of, counts = np.unique(truth, axis=0, return_inverse=True, return_counts=True)
    observed = np.bincount(pattern_of.ravel()[pie], minlength=len(patterns))
    # Examples with the same labels are alike: how many of each are drawn is all that counts
    drawn = rng.multivariate_hypergeometric(counts, number, size=draws, method="marginals")
    expected = counts @ patterns * (number / len(pie))
    present = expected > 0

    def distance(numbers: np.ndarray) -> np.ndarray:
        off = (numbers @ patterns.astype(np.int64) - expected) ** 2
        return (off[..., present] / expected[present]).sum(axis=-1)

    # Rounding must not tell apart what is equally far off
    farther = (distance(drawn) >= distance(observed) * (1 - 1e-9)).sum()
    return float((1 + farther) / (1 + draws))
