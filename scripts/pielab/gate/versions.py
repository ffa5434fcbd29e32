"""Judge a compressed version by each rule of the gate."""

import math
from collections.abc import Mapping
from typing import NamedTuple

import pandas as pd

from pielab.gate.slices import judge_slices
from pielab.gate.verdicts import COLLAPSE, SAME_MODEL, Finding, judge_rule, nothing_known
from pielab.gate.wording import LOST
from pielab.stats.harm import Harm

NET = "chance makes as many newly right as newly wrong answers"


class SliceTables(NamedTuple):
    """What is known of the slices of a version."""

    found: pd.DataFrame  # its rows of results/tables/slices.csv
    bounds: pd.DataFrame  # and of results/gate/slices.csv


def judge(
    harms: pd.DataFrame,
    cell: Mapping,
    slices: SliceTables,
    rules: Mapping[str, Mapping[str, float] | None],
    confidence: float,
) -> list[Finding]:
    """Return the finding of each rule on a version, in their order.

    Parameters
    ----------
    harms : DataFrame
        From harm.harm_table.
    cell : mapping
        The comparison's row of pies.csv: whether it has collapsed.
    slices : SliceTables
        Its rows of the tables of slices.
    rules : mapping
        The thresholds of each rule; None, or no key: it is not judged.
    """
    findings = [] if not cell["collapsed"] else [_collapse(cell)]
    for rule in LOST:
        limits, rows = rules.get(rule), harms[harms["rule"] == rule]
        if limits is None:
            continue
        if rule == "worst_slice":
            findings.append(judge_slices(*slices, limits, confidence))
            continue
        if rows.empty:  # calibration, of models of which only labels are known
            continue
        losses = [
            (row["where"], Harm(**{name: row[name] for name in Harm._fields}))
            for row in rows.to_dict("records")
        ]
        found = judge_rule(rule, losses, limits, confidence)
        if rule == "negative_flips" and found.replicates == 1:
            found = found._replace(note=f"{_net(float(rows['p'].iloc[0]))}; {found.note}")
        findings.append(found)
    return findings


def _net(p: float) -> str:
    """Return why newly right answers count against newly wrong ones; p is NaN with clusters."""
    return NET if math.isnan(p) else f"{NET}; McNemar p = {p:.2g}"


def same_model(cell: Mapping, note: str) -> Finding:
    """Return that scores that equal those of another model are no evidence."""
    return _without_loss(SAME_MODEL, cell, note)


def _collapse(cell: Mapping) -> Finding:
    """Return that a version cannot pass of which a side is no better than a constant answer."""
    fallen = [
        side for side in ("baseline", "compressed") if not cell[f"above_constant_{side}_low"] > 0
    ]
    note = f"the {' and the '.join(fallen)} models are no better than one constant answer"
    return _without_loss(COLLAPSE, cell, note)


def _without_loss(rule: str, cell: Mapping, note: str) -> Finding:
    found = nothing_known(rule, {"block": 0.0, "warn": 0.0}, note)
    return found._replace(examples=int(cell["examples"]), replicates=int(cell["replicates"]))
