"""Measure how far compression shifts each example of a cell, and how probable a PIE it is."""

import numpy as np
import pandas as pd

from pielab.measures import Known, Measure
from pielab.pies.cell import Cell
from pielab.stats.expected_pies import example_probability, expected_pies, why_unknown
from pielab.stats.shift import Shift, shift, standardise
from pielab.stats.significance import tiers
from pielab.vocabulary import FDR, TIERS


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
        it; with several labels, the mean over classes of what moves towards the truth), with
        `shift_low` and `shift_high`, its 95 % interval (with several labels NaN); `shift_q` that any
        class moved; `standard_shift` and `standard_shift_q`, the same of margins standardised
        within each model; `pie_probability`, that the majorities of endlessly many models differ.
        NaN with one seed.
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


def shift_row(known: Known) -> dict[str, float]:
    """Return the expected number of PIEs, and how many examples have shifted (yes).

    Of the PIEs by the vote, how many have shifted by the levels of the tiers, and not tested by
    votes, is certain and likely by shift.
    """
    names = ("shift_q", "standard_shift_q", "pie_probability")
    raw, standard, probability = (np.asarray(known.tables["examples"][name]) for name in names)
    several = known.cell.multi_label
    interval = expected_pies(
        *known.margins,
        probability.astype(np.float64),
        multi_label=several,
        clusters=known.cell.clusters,
    )
    tier = tiers(raw)[known.pie]
    return {
        **interval.columns("expected_pies"),
        "shifted": _count(raw <= FDR, raw),
        "shifted_standardised": _count(standard <= FDR, standard),
        **{f"{name}_by_shift": _count(tier == name, raw) for name in TIERS[:2]},
    }


def _count(found: np.ndarray, q: np.ndarray) -> float:
    """Return how many are found, NaN where nothing is known."""
    return int(found.sum()) if np.isfinite(q).all() else np.nan


def expected_note(known: Known) -> str:
    """Return why the columns of shift_row are unknown, if they are."""
    if not known.scores_known:
        return "labels say nothing of how sure a model is"
    return why_unknown(*known.margins)


MEASURES = [
    Measure(
        "examples",
        lambda known: example_shifts(known.cell, known.margins),
        """
        shift | log odds | how far compression moves the log odds of the true class, mean over seeds; above 0: towards it; with several labels the mean over classes of what moves towards the truth | needs scores
        shift_low | log odds | lower end of its 95 % interval over seeds; empty with several labels or one seed | needs scores
        shift_high | log odds | upper end of that interval | needs scores
        shift_q | q | test over seeds (moderated t) that the log odds of any class move, adjusted for all examples of the cell; give 5 seeds or more, for fewer miss most | needs scores
        standard_shift | number | shift of log odds that are centred and scaled within each model (median 0, scale 1): one that is surer of all texts has moved none | needs scores
        standard_shift_q | q | of the test of standard_shift | needs scores
        pie_probability | fraction | probability that the majorities of endlessly many models of both sides differ | needs scores
        """,
    ),
    Measure(
        "pies",
        shift_row,
        """
        expected_pies | count | PIEs that the majorities of endlessly many models of both sides would make: the sum of pie_probability | needs scores
        expected_pies_low | count | lower end of its 95 % interval, over seeds and examples; empty with fewer than 3 seeds | needs scores
        expected_pies_high | count | upper end of that interval | needs scores
        shifted | count | examples whose log odds have shifted (yes: shift_q up to 0.05); give 5 seeds or more, for fewer miss most; empty with fewer than 2 | needs scores
        shifted_standardised | count | the same of standardised log odds (standard_shift_q up to 0.05) | needs scores
        certain_by_shift | count | PIEs whose log odds have shifted (yes: shift_q up to 0.05): the first tier by shift and not by votes; empty with fewer than 2 seeds | needs scores
        likely_by_shift | count | PIEs with a shift_q above 0.05, up to 0.20: the second tier by shift | needs scores
        """,
    ),
    Measure(
        "pies",
        lambda known: {"expected_note": expected_note(known)},
        """
        expected_note | text | why expected_pies, its interval or what shifts are unknown; empty where all is known
        """,
    ),
]
