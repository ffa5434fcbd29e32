"""Compare a compressed cell that has a remedy with the same cell without it, seed by seed.

Derived in docs/explanation/statistics.md#remedies.
"""

from collections.abc import Sequence
from itertools import product
from typing import NamedTuple
from weakref import WeakKeyDictionary

import numpy as np
import pandas as pd

from pielab.analysis.fallback import negative_flips
from pielab.pies.cell import Cell
from pielab.pies.votes import majority
from pielab.stats.clusters import clusters_among
from pielab.stats.confidence import NO, PROBABLY, UNCLEAR, YES
from pielab.stats.distributions import student_quantile
from pielab.stats.harm import Harm, harm_interval, measure
from pielab.stats.intervals import Interval, left_out_means, score_parts
from pielab.stats.negative_flips import by_example
from pielab.stats.noise_floor import excess_by_example
from pielab.stats.significance import false_discovery
from pielab.vocabulary import FDR, FEWEST_FOR_INTERVAL

WORSE = "worse"
LEAST = 0.1  # of the negative flips: what mends no more than this part does not mend
EXACT = 12  # replicates up to which all ways to swap them are tried
DRAWN = 9999
CONFIDENCE = 0.95
LOT = "lot_change"  # of a fallback: beyond what as many texts drawn by lot change
CHANGES = ("other_nfr", "excess", "negative_flip_excess", "score")  # beside those of nfr
ENDS = ("", "_low", "_high")
GIVEN = ("kind", "plain", "remedy", "further_models", "stages", "stages_plain")  # beside remedy_row
COLUMNS = (  # of remedy_row, in this order
    "seeds",
    "replicates",
    "examples",
    "nfr",
    "nfr_plain",
    *(f"nfr_change{end}" for end in ENDS),
    "p",
    "negative_flips",
    "negative_flips_plain",
    *(f"{name}_change{end}" for name, end in product(CHANGES, ENDS)),
    "worst_class",
    *(f"worst_class_change{end}" for end in ENDS),
    "lost",
    "sent",
    *(f"{LOT}{end}" for end in ENDS),
    "more_bytes",
)


def remedy_row(cell: Cell, plain: Cell, names: Sequence[str]) -> dict:
    """Return what a remedy changes: remedy minus plain, with 95 % intervals.

    Parameters
    ----------
    cell, plain : Cell
        With and without the remedy, against the same baseline; row r of both is of the same seed.
    names : sequence of str
        Of the classes.

    Returns
    -------
    dict
        By COLUMNS. `nfr` is the negative flip rate of single models, `other_nfr` against baseline
        models of other seeds, which nobody imitates; `lost` names what gets worse (yes).
    """
    flips, flips_plain = (
        either.replicate_means(negative_flips(either) * 1.0) for either in (cell, plain)
    )
    clusters, index = cell.clusters, _worst_class(plain)
    excesses = [_excesses(either) for either in (cell, plain)]
    found = {
        "nfr": mean_change(flips, flips_plain, clusters=clusters),
        "other_nfr": mean_change(_other_flips(cell), _other_flips(plain), clusters=clusters),
        "excess": _difference(*(each.pies for each in excesses), clusters=clusters),
        "negative_flip_excess": _difference(*(each.flips for each in excesses), clusters=clusters),
        "score": mean_change(_scores(cell), _scores(plain), clusters=clusters),
        "worst_class": mean_change(
            _recalls(cell, index),
            _recalls(plain, index),
            clusters=clusters_among(clusters, cell.truth[:, index]),
        ),
    }
    row: dict = {
        "seeds": len(cell.compressed.decisions),
        "replicates": cell.n_replicates,
        "examples": len(cell.ids),
        "nfr": float(flips.mean()),
        "nfr_plain": float(flips_plain.mean()),
        "p": swap_p(flips.mean(axis=1) - flips_plain.mean(axis=1)),
        "negative_flips": _majority_flips(cell),
        "negative_flips_plain": _majority_flips(plain),
        "worst_class": names[index],
    }
    for name, change in found.items():
        row |= change_interval(change).columns(f"{name}_change")
    row["lost"] = ", ".join(_lost(row))
    return {name: row.get(name, np.nan) for name in COLUMNS}


def _lost(row: dict) -> list[str]:
    """Return which measures get worse (yes)."""
    words = {"score": "score", "worst_class": f"recall of {row['worst_class']}"}
    lost = [words[name] for name in words if row[f"{name}_change_high"] < 0]
    more = {"excess": "PIEs", "other_nfr": "negative flips against other seeds"}
    return lost + [more[name] for name in more if row[f"{name}_change_low"] > 0]


def swap_p(changes: np.ndarray) -> float:
    """Return the two-sided p-value of a mean change, if plain and remedy may swap by replicate.

    All ways are tried, of more than EXACT replicates so many at random; NaN of fewer than four.
    """
    replicates = len(changes)
    if replicates < FEWEST_FOR_INTERVAL:
        return np.nan
    if replicates <= EXACT:
        signs = np.array(list(product((1, -1), repeat=replicates)))
    else:
        drawn = np.random.default_rng(0).choice((1, -1), (DRAWN, replicates))
        signs = np.vstack([np.ones(replicates), drawn])
    means = np.abs(signs @ changes)
    return float((means >= abs(changes.sum()) - 1e-12).mean())


def verdict(row: dict, q: float) -> str:
    """Return whether a remedy mends: yes, probably, unclear, no or worse.

    By the interval of how many negative flips fewer there are: above 0 it mends (yes, if the test
    says so at q too), below 0 it is worse, and where it ends below LEAST of the negative flips it
    mends next to nothing. A fallback is judged by LOT instead.
    """
    change = "nfr_change" if pd.isna(row.get(LOT)) else LOT
    low, high = -row[f"{change}_high"], -row[f"{change}_low"]
    if np.isnan(low) or np.isnan(high):
        return UNCLEAR
    if low > 0:
        return YES if q <= FDR else PROBABLY
    if high < 0:
        return WORSE
    return NO if high <= LEAST * row["nfr_plain"] else UNCLEAR


def with_verdicts(table: pd.DataFrame) -> pd.DataFrame:
    """Return the rows of all remedies with `q`, adjusted for all of a kind, and `verdict`."""
    q = table.groupby("kind")["p"].transform(
        lambda p_values: false_discovery(p_values.astype(float))
    )
    table = table.copy()
    table.insert(list(table).index("p") + 1, "q", q)
    verdicts = [verdict(row, row["q"]) for row in table.to_dict("records")]
    table.insert(list(table).index("q") + 1, "verdict", verdicts)
    return table


class Change(NamedTuple):
    """A change of a mean over examples, and the same without each replicate, (replicates,)."""

    harm: Harm
    without: np.ndarray


def change_interval(change: Change) -> Interval:
    """Return a change with its 95 % interval; NaN with fewer than four replicates.

    The wider of two: over replicates and examples, as in harm_interval, and Student's over
    replicates alone (jackknife). The first has too much freedom where single replicates differ much
    and are few.
    """
    estimate, low, high = harm_interval(change.harm, CONFIDENCE)
    replicates = len(change.without)
    if replicates < FEWEST_FOR_INTERVAL:
        return Interval(estimate, np.nan, np.nan)
    spread = ((change.without - change.without.mean()) ** 2).sum() * (replicates - 1) / replicates
    error = float(student_quantile((1 + CONFIDENCE) / 2, replicates - 1) * spread**0.5)
    return Interval(
        estimate, max(-1.0, min(low, estimate - error)), min(1.0, max(high, estimate + error))
    )


def mean_change(
    remedy: np.ndarray, plain: np.ndarray, *, clusters: np.ndarray | None = None
) -> Change:
    """Return the change of a mean of values by replicate and example, (replicates, examples).

    `clusters`, int (examples,), from 0: examples that share something, as for harm.measure.
    """
    change = remedy - plain
    left_out = left_out_means(change)
    return Change(measure(change.mean(axis=0), left_out, clusters), left_out.mean(axis=1))


def _difference(
    remedy: tuple[np.ndarray, np.ndarray],
    plain: tuple[np.ndarray, np.ndarray],
    *,
    clusters: np.ndarray | None,
) -> Change:
    """Return the change of what is known by example and, second, without each replicate."""
    values, left_out = (first - second for first, second in zip(remedy, plain, strict=True))
    return Change(measure(values, left_out, clusters), left_out.mean(axis=1))


def _other_flips(cell: Cell) -> np.ndarray:
    """Return where a replicate is wrong and the others' baseline right, (replicates, examples)."""
    before, after = (cell.replicate_means(right * 1.0) for right in cell.are_right)
    return left_out_means(before) * (1 - after)


class Excesses(NamedTuple):
    """The excess of a cell by example, and without each replicate."""

    pies: tuple[np.ndarray, np.ndarray]
    flips: tuple[np.ndarray, np.ndarray]


COUNTED: WeakKeyDictionary[Cell, Excesses] = WeakKeyDictionary()  # of cells that are in memory


def _excesses(cell: Cell) -> Excesses:
    """Return the excesses of a cell, counted once: a cell without a remedy stands beside many."""
    if cell not in COUNTED:
        unknown = np.full(len(cell.ids), np.nan), np.full((1, len(cell.ids)), np.nan)
        COUNTED[cell] = Excesses(unknown, unknown)
        if cell.n_replicates > 1:
            found = by_example(cell, np.random.default_rng(0))
            flips = found.shares[0] - found.shares[1], found.left_out
            COUNTED[cell] = Excesses(excess_by_example(cell, np.random.default_rng(0)), flips)
    return COUNTED[cell]


def _scores(cell: Cell) -> np.ndarray:
    """Return each replicate's contributions to the score by example, (replicates, examples)."""
    models = cell.compressed.decisions
    parts = [score_parts(model, cell.truth, cell.multi_label) for model in models]
    return cell.replicate_means(np.stack(parts))


def _recalls(cell: Cell, index: int) -> np.ndarray:
    """Return whether a class is found in its examples, float (replicates, examples of it)."""
    rows = cell.truth[:, index]
    return cell.replicate_means(cell.compressed.decisions[:, rows, index] * 1.0)


def _worst_class(cell: Cell) -> int:
    """Return the class whose recall compression costs most, the first among equals."""
    drops = []
    for index, rows in enumerate(cell.truth.T):
        found = [side.decisions[:, rows, index] for side in cell.sides]
        drops.append(found[0].mean() - found[1].mean() if rows.any() else -np.inf)
    return int(np.argmax(drops))


def _majority_flips(cell: Cell) -> int:
    """Return the examples that the baseline's majority gets right and the compressed one wrong."""
    chosen = [majority(side.votes, cell.ties)[0] for side in cell.sides]  # (labels, examples)
    truth = cell.truth.T.astype(int) if cell.multi_label else cell.labels[None]
    right, still = ((choices == truth).all(axis=0) for choices in chosen)
    wrong = ~still & (chosen[1] >= 0).all(axis=0)
    return int((right & wrong).sum())
