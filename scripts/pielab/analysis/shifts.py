"""Say how far compression shifts each example of a cell, and how probable it is a PIE."""

import numpy as np
import pandas as pd

from pielab.pies.cell import Cell
from pielab.stats.expected_pies import example_probability, expected_pies, why_unknown
from pielab.stats.shift import Shift, margins, shift, standardise
from pielab.stats.significance import tiers
from pielab.vocabulary import FDR, TIERS

EXAMPLE_COLUMNS = (
    *("shift", "shift_low", "shift_high", "shift_q", "standard_shift", "standard_shift_q"),
    "pie_probability",
)
CELL_COLUMNS = (
    *("expected_pies", "expected_pies_low", "expected_pies_high"),
    *("shifted", "shifted_standardised", "certain_by_shift", "likely_by_shift"),
    "expected_note",
)


def cell_margins(cell: Cell) -> tuple[np.ndarray, np.ndarray]:
    """Return the log odds by both sides, float32 (seeds, examples, classes), see shift.margins.

    Of several calibration draws, the mean over those of a seed.
    """
    baseline, compressed = (
        cell.unit_means(margins(side.logits, side.thresholds, side.multi_label))
        for side in cell.sides
    )
    return baseline, compressed


def example_shifts(cell: Cell, sides: tuple[np.ndarray, np.ndarray]) -> pd.DataFrame:
    """Return each example's shift and PIE probability.

    Parameters
    ----------
    sides : float32 (seeds, examples, classes)
        From cell_margins.

    Returns
    -------
    DataFrame
        `shift`: how far the log odds of the example's label move, mean over seeds (above 0: towards
        it; of several labels, the mean over classes of what moves towards the truth), with
        `shift_low` and `shift_high`, its 95 % interval (of several labels NaN); `shift_q` that any
        class moved; `standard_shift` and `standard_shift_q`, the same of margins standardised
        within each model; `pie_probability`, that the majorities of endlessly many models differ.
        NaN of one seed.
    """
    raw = shift(sides[0], sides[1])
    standard = shift(*standardise(*sides))
    towards, low, high = _towards_label(raw, cell)
    columns = {
        "shift": towards,
        "shift_low": low,
        "shift_high": high,
        "shift_q": raw.q,
        "standard_shift": _towards_label(standard, cell)[0],
        "standard_shift_q": standard.q,
        "pie_probability": example_probability(*sides, multi_label=cell.multi_label),
    }
    return pd.DataFrame({name: values.astype(np.float32) for name, values in columns.items()})


def _towards_label(moved: Shift, cell: Cell) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return how far log odds move towards the label, with the interval's ends, (examples,)."""
    if cell.multi_label:
        mean = np.where(cell.truth, moved.estimate, -moved.estimate).mean(axis=1)
        unknown = np.full(len(mean), np.nan)
        return mean, unknown, unknown
    if moved.estimate.shape[1] == 1:  # two classes: the log odds of the second
        second = cell.labels == 1
        ends = moved.low[:, 0], moved.high[:, 0]
        estimate = np.where(second, moved.estimate[:, 0], -moved.estimate[:, 0])
        return estimate, np.where(second, ends[0], -ends[1]), np.where(second, ends[1], -ends[0])
    rows = np.arange(len(cell.labels))
    estimate, low, high = (
        values[rows, cell.labels] for values in (moved.estimate, moved.low, moved.high)
    )
    return estimate, low, high


def shift_row(
    cell: Cell, sides: tuple[np.ndarray, np.ndarray], shifts: pd.DataFrame, pie: np.ndarray
) -> dict:
    """Return the expected number of PIEs, and how many examples have surely shifted.

    Parameters
    ----------
    sides : float32 (seeds, examples, classes)
        From cell_margins.
    shifts : DataFrame
        From example_shifts.
    pie : bool (examples,)
        By the vote: of these, how many have shifted by the levels of the tiers, and not tested by
        votes, is certain and likely by shift.

    Returns
    -------
    dict
        By CELL_COLUMNS; the last says why numbers are unknown, if they are.
    """
    probability = shifts["pie_probability"].to_numpy(dtype=np.float64)
    interval = expected_pies(*sides, probability, multi_label=cell.multi_label)
    q = [shifts[name].to_numpy() for name in ("shift_q", "standard_shift_q")]
    numbers = [*interval, *(_count(one <= FDR, one) for one in q)]
    tier = tiers(q[0])[pie]
    numbers += [_count(tier == name, q[0]) for name in TIERS[:2]]
    return dict(zip(CELL_COLUMNS, (*numbers, why_unknown(*sides)), strict=True))


def _count(found: np.ndarray, q: np.ndarray) -> float:
    """Return how many are found, NaN where nothing is known."""
    return int(found.sum()) if np.isfinite(q).all() else np.nan
