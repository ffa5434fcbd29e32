"""What is left of a cell's negative flips if the least sure texts go to the baseline's models.

Derived in docs/explanation/statistics.md#fallback.
"""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pandas as pd

from pielab.pies.cell import Cell, Predictions
from pielab.stats.clusters import clusters_among
from pielab.stats.fallback import (
    SHARES,
    best_left,
    certainty_margins,
    is_sent,
    random_left,
    rate_interval,
    thresholds,
)
from pielab.stats.intervals import Interval, score_parts
from pielab.vocabulary import MODELS

COLUMNS = (  # of fallback_table, in this order
    "share",
    "examples",
    "margin",
    "sent",
    "flips_left",
    "flips_left_low",
    "flips_left_high",
    "share_left",
    "random_left",
    "best_left",
    "score",
    "score_low",
    "score_high",
    "chosen",
    "all_sent",
    "all_flips_left",
    "all_share_left",
    "note",
)
TARGET = 0.25  # of the negative flips: the share of texts that leaves no more is recommended
LABELS_ONLY = "labels do not show how sure a model is"
TOO_FEW = "one text, or one cluster of texts, cannot be cut into two halves"


def fallback_table(cell: Cell, rng: np.random.Generator, scores_known: bool = True) -> pd.DataFrame:
    """Return one row a share of texts that go to the baseline's model of the same seed.

    Each model's threshold is that of the share on one half of the texts, drawn at random. What is
    left is counted on the other half, but in the columns of `all`, whose thresholds come from all
    texts. All are means over pairs of models.

    Parameters
    ----------
    scores_known : bool
        False if external models said labels only. The table has one row then, and `note`.

    Returns
    -------
    DataFrame
        Columns as in resources/columns.yaml.
    """
    chosen_on, judged_on = halves(len(cell.ids), rng, cell.clusters)
    note = "" if scores_known else LABELS_ONLY
    if not note and not len(chosen_on):
        note = TOO_FEW
    if note:
        unknown = dict.fromkeys(COLUMNS, np.nan) | {"chosen": False, "note": note}
        return pd.DataFrame([unknown | {"share": 0.0, "examples": len(cell.ids)}])
    margins, flips = certainty_margins(cell.compressed), negative_flips(cell)
    cuts, cuts_of_all = thresholds(margins[:, chosen_on]), thresholds(margins)
    judged = rows_of(cell, judged_on)
    rows = [
        _left(judged, flips[:, judged_on], is_sent(margins[:, judged_on], cuts[:, at]))
        | _left_of_all(flips, is_sent(margins, cuts_of_all[:, at]))
        | {"share": share, "margin": _mean_where_finite(cuts[:, at])}
        for at, share in enumerate(SHARES)
    ]
    seen = flips[:, chosen_on], margins[:, chosen_on]
    table = pd.DataFrame(rows).assign(chosen=np.array(SHARES) == recommended(*seen), note="")
    for left in ("flips_left", "all_flips_left"):
        table[left.replace("flips", "share")] = table[left] / (table[left].iloc[0] or np.nan)
    return table[[*COLUMNS]]


def halves(
    n_texts: int, rng: np.random.Generator, clusters: np.ndarray | None = None
) -> tuple[np.ndarray, np.ndarray]:
    """Return the texts of two random halves, int; of an odd number the second has one more.

    `clusters`, int (texts,), from 0: no cluster is in both, so that halves are as equal as their
    order lets them be. With one cluster the first half is empty.
    """
    if clusters is not None:
        sizes = np.bincount(clusters)
        order = rng.permutation(len(sizes))
        filled = np.cumsum(sizes[order])[:-1]
        first = order[: 1 + int(np.abs(filled - n_texts / 2).argmin()) if len(filled) else 0]
        is_first = np.isin(clusters, first)
        return np.flatnonzero(is_first), np.flatnonzero(~is_first)
    order = rng.permutation(n_texts)
    return np.sort(order[: n_texts // 2]), np.sort(order[n_texts // 2 :])


def negative_flips(cell: Cell) -> np.ndarray:
    """Return what a compressed model gets wrong and its baseline right, bool (models, texts)."""
    before, after = cell.are_right
    return before & ~after


def recommended(flips: np.ndarray, margins: np.ndarray) -> float:
    """Return the smallest of SHARES that leaves at most TARGET of the negative flips.

    Parameters
    ----------
    flips, margins : (models, texts)
        Of the half of the texts that the share is chosen on; no other text is looked at.
    """
    cuts, allowed = thresholds(margins), TARGET * flips.sum()
    left = [(flips & ~is_sent(margins, cuts[:, at])).sum() for at in range(len(SHARES))]
    return next(share for share, number in zip(SHARES, left, strict=True) if number <= allowed)


def sent_texts(cell: Cell, shares: Sequence[float], rng: np.random.Generator) -> np.ndarray:
    """Return which texts go to the baseline's models, bool (shares, models, texts).

    Each half of the texts is cut by the thresholds of the other one, so that all can be judged and
    none has helped to choose its own threshold.
    """
    margins = certainty_margins(cell.compressed)
    both = halves(len(cell.ids), rng, cell.clusters)
    sent = np.zeros((len(shares), *margins.shape), dtype=bool)
    for judged_on, chosen_on in (both, both[::-1]):
        cuts = thresholds(margins[:, chosen_on], shares)
        for at in range(len(shares)):
            sent[at][:, judged_on] = is_sent(margins[:, judged_on], cuts[:, at])
    return sent


def routed(cell: Cell, shares: Sequence[float], rng: np.random.Generator) -> list[Cell]:
    """Return the cell for each share of texts that go to the baseline's models by sent_texts."""
    return [replace(cell, compressed=mixed(cell, texts)) for texts in sent_texts(cell, shares, rng)]


def mixed(cell: Cell, sent: np.ndarray) -> Predictions:
    """Return the compressed models' predictions, and the baseline's of the texts that are sent."""
    compressed, baseline = cell.compressed, cell.baseline
    return replace(
        compressed,
        logits=np.where(sent[:, :, None], baseline.logits, compressed.logits),
        decisions=np.where(sent[:, :, None], baseline.decisions, compressed.decisions),
    )


def rows_of(cell: Cell, texts: np.ndarray) -> Cell:
    """Return the cell of some of its texts."""
    baseline, compressed = (
        replace(side, logits=side.logits[:, texts], decisions=side.decisions[:, texts])
        for side in cell.sides
    )
    examples = {"labels": cell.labels[texts], "ids": cell.ids[texts]}
    examples |= {"clusters": clusters_among(cell.clusters, texts)}
    return replace(cell, baseline=baseline, compressed=compressed, **examples)


def _left(cell: Cell, flips: np.ndarray, sent: np.ndarray) -> dict[str, float]:
    """Return what is left of the flips and of the score on the texts of a cell, with intervals."""
    decisions = mixed(cell, sent).decisions
    parts = np.stack([score_parts(model, cell.truth, cell.multi_label) for model in decisions])
    left = rate_interval(cell.replicate_means(1.0 * (flips & ~sent)), cell.clusters)
    left = Interval(0.0, 0.0, 0.0) if sent.all() else left  # for none can be left
    lost = rate_interval(1 - cell.replicate_means(parts), cell.clusters)
    score = Interval(1 - lost.estimate, 1 - lost.high, 1 - lost.low)
    return {
        "examples": flips.shape[1],
        "sent": float(sent.mean()),
        **left.columns("flips_left"),
        "random_left": float(random_left(flips, sent).mean()),
        "best_left": float(best_left(flips, sent).mean()),
        **score.columns("score"),
    }


def _left_of_all(flips: np.ndarray, sent: np.ndarray) -> dict[str, float]:
    return {"all_sent": float(sent.mean()), "all_flips_left": float((flips & ~sent).mean())}


def _mean_where_finite(cuts: np.ndarray) -> float:
    """Return the mean of the models' thresholds, NaN where there is none."""
    return float(cuts.mean()) if np.isfinite(cuts).all() else np.nan


def with_sizes(table: pd.DataFrame, frontier: pd.DataFrame) -> pd.DataFrame:
    """Return fallback_table's rows of all cells with what they cost.

    `bytes` and `size_share` of what is stored: the compressed model alone if no text is sent, the
    dense one alone if each is, else both; NaN where sizes are not known. A control has the size of
    a dense model. `models_asked` for a text, which is the time in answers of one model.

    Parameters
    ----------
    frontier : DataFrame
        frontier.csv.
    """
    sizes = frontier[[*MODELS, "bytes", "dense_bytes"]]
    known = table.merge(sizes, on=list(MODELS), how="left", validate="many_to_one")
    compressed = known["bytes"].where(known["share"] < 1, 0)
    dense = known["dense_bytes"].where(known["share"] > 0, 0)
    total = (compressed + dense).where(known["bytes"].notna())
    asked = 1 + table["sent"].where(table["share"].between(0, 1, inclusive="neither"), 0)
    return table.assign(bytes=total, size_share=total / known["dense_bytes"], models_asked=asked)
