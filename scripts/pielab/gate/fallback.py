"""Look for the smallest share of texts whose fallback lets a version pass that the gate stops."""

from collections.abc import Iterable, Mapping, Sequence

import numpy as np
import pandas as pd

from pielab.analysis.fallback import routed
from pielab.analysis.harm import harm_table
from pielab.gate.verdicts import COLLAPSE, SAME_MODEL, STOPS, Finding, worst
from pielab.gate.versions import SliceTables, judge
from pielab.pies.cell import Cell

TRIED = (0.5, 0.3, 0.2, 0.1, 0.05)  # shares of the texts, in the order in which they are judged
UNHELPED = (COLLAPSE, SAME_MODEL, "worst_slice")  # rules that are not judged again
NO_SLICES = SliceTables(pd.DataFrame(), pd.DataFrame())


def may_be_helped(findings: Iterable[Finding]) -> bool:
    """Return whether a version is stopped, and only by rules that are judged again."""
    stopping = {found.rule for found in findings if found.verdict in STOPS}
    return bool(stopping) and not stopping & set(UNHELPED)


def smallest_passing(
    cell: Cell, names: Sequence[str], rules: Mapping[str, Mapping | None], confidence: float
) -> tuple[float, str] | None:
    """Return the smallest of TRIED with which the version passes, and its verdict; None if none.

    The largest share is judged first, and the first that does not pass ends the search: so no more
    than the usual part of PASS and WARN is wrong, however many shares there are (fixed-sequence
    test, Maurer, Hothorn and Lehmacher 1995). No text's threshold comes from its own half of the
    texts. Slices are not judged: a version that they stop has no fallback here.

    Parameters
    ----------
    names : sequence of str
        Of the classes.
    rules : mapping
        The thresholds of each rule; None: it is not judged.
    """
    found = None
    for share in TRIED:
        (mixed,) = routed(cell, [share], np.random.default_rng(0))
        verdict = verdict_of(mixed, names, rules, confidence)
        if verdict in STOPS:
            break
        found = share, verdict
    return found


def verdict_of(
    cell: Cell, names: Sequence[str], rules: Mapping[str, Mapping | None], confidence: float
) -> str:
    """Return the verdict of all rules but that of slices. The parameters: smallest_passing."""
    harms = harm_table(cell, names, np.random.default_rng(0))
    all_but_slices = {**rules, "worst_slice": None}
    judged = judge(harms, {"collapsed": False}, NO_SLICES, all_but_slices, confidence)
    return worst(rule.verdict for rule in judged)
