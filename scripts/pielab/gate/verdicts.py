"""Judge what compression takes away: PASS, WARN, BLOCK or INCONCLUSIVE.

A rule has two thresholds, the most points that may be lost, and the interval of the loss decides:

| interval | verdict | means |
| --- | --- | --- |
| lower end above `block` | BLOCK | surely more than allowed |
| upper end at most `warn` | PASS | surely little |
| upper end at most `block`, above `warn` | WARN | surely allowed, perhaps not little |
| `block` within it | INCONCLUSIVE | more examples or seeds could tell |
| none, as of 2 or 3 seeds | INCONCLUSIVE | nothing is known yet |

A version has the worst verdict of its rules, and the study that of its versions, in the order
PASS, WARN, INCONCLUSIVE, BLOCK: what cannot be told yet may be a block, a warning surely is none.
A PASS needs no correction for the number of rules, since all have to pass; a BLOCK is wrong, for a
loss right at its threshold, once in 2 / (1 - confidence) rules.
"""

import math
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

import pandas as pd
from scipy import stats

from pielab.stats.harm import Harm, Needed, harm_interval, needed
from pielab.stats.intervals import Interval
from pielab.vocabulary import FDR, FEWEST_FOR_INTERVAL

PASS, WARN, INCONCLUSIVE, BLOCK = VERDICTS = ("PASS", "WARN", "INCONCLUSIVE", "BLOCK")
RULES = ("bad_flips", "score", "worst_class", "worst_slice", "calibration")
COLLAPSE = "collapse"  # is judged always, without a threshold
ONE_MODEL = "one model a side: sure of these two, not of others trained or run again"
NET = "bad flips less good ones (of a single model luck makes as many of both; McNemar p = {p:.2g})"


class Finding(NamedTuple):
    """What a rule says of a version; losses and thresholds in points (percent)."""

    rule: str
    verdict: str
    where: str  # the class or slice, where the rule is of the worst
    lost: float
    low: float
    high: float
    block: float
    warn: float
    examples: int
    units: int
    needs: Needed  # what would decide, if INCONCLUSIVE
    note: str


def worst(verdicts: Iterable[str]) -> str:
    """Return the worst of one verdict or more."""
    return max(verdicts, key=VERDICTS.index)


def decide(low: float, high: float, limits: Mapping[str, float]) -> str:
    """Return the verdict of an interval by the table above; ends in the unit of the limits."""
    if math.isnan(low) or math.isnan(high):
        return INCONCLUSIVE
    if low > limits["block"]:
        return BLOCK
    if high > limits["block"]:
        return INCONCLUSIVE
    return WARN if high > limits["warn"] else PASS


def judge_rule(
    rule: str,
    harms: Sequence[tuple[str, Harm]],
    limits: Mapping[str, float],
    confidence: float,
    tests: int = 0,
) -> Finding:
    """Return what a rule says of the worst of some losses, whose intervals hold all at once.

    With simultaneous intervals the largest lower end and the largest upper end are those of the
    worst loss (Bonferroni); an interval of the one that looks worst would not be.

    Parameters
    ----------
    harms : sequence of (name, Harm)
        One or more.
    limits : mapping
        `block` and `warn`, in points.
    tests : int
        Losses that were looked at, if more than are given.
    """
    tests = max(tests, len(harms))
    found = [harm_interval(harm, confidence, tests) for _, harm in harms]
    points = [Interval(*(100 * end for end in one)) for one in found]
    verdict = decide(max(one.low for one in points), max(one.high for one in points), limits)
    needs, note = Needed(None, None, None), ""
    if verdict == INCONCLUSIVE:
        open_ones = [at for at, one in enumerate(points) if not one.high <= limits["block"]]
        wanted = {
            at: needed(harms[at][1], limits["block"] / 100, confidence, tests) for at in open_ones
        }
        shown = _most_telling(
            wanted, [at for at in wanted if points[at].estimate > limits["block"]]
        )
        needs = wanted[shown]
        if math.isnan(points[shown].low):
            note = f"fewer than {FEWEST_FOR_INTERVAL} members a side have no interval"
    elif verdict == BLOCK:
        shown = max(range(len(points)), key=lambda at: points[at].low)
    else:
        shown = max(range(len(points)), key=lambda at: points[at].high)
    where, harm = harms[shown]
    return Finding(
        *(rule, verdict, where, *points[shown], limits["block"], limits["warn"]),
        *(int(harm.examples), int(harm.units), needs, ONE_MODEL if harm.units == 1 else note),
    )


def _most_telling(wanted: Mapping[int, Needed], beyond: Sequence[int]) -> int:
    """Return which loss decides: the first to be surely beyond, else the last surely within."""

    def rank(at: int) -> float:
        return min(number or math.inf for number in wanted[at])

    return min(beyond, key=rank) if beyond else max(wanted, key=rank)


def judge_slices(slices: pd.DataFrame, limits: Mapping[str, float], confidence: float) -> Finding:
    """Return what the slices that were confirmed say: groups that lose more than the average.

    Without those of which other members might not say so: their intervals are over examples.

    Parameters
    ----------
    slices : DataFrame
        Rows of slices.csv of a comparison, whose intervals are of 95 % over the examples that
        were not searched; the confirmed ones are the best of all.
    """
    is_sure = slices["confirmed"].astype(bool) & ~(slices["p_members"] > FDR)
    rows = slices[is_sure].to_dict("records")
    harms = [(str(row["slice"]), _of_slice(row)) for row in rows]
    if not harms:
        note = f"none of {len(slices):,} slices was confirmed to lose more than the average"
        return Finding(
            *("worst_slice", PASS, "", math.nan, math.nan, math.nan),
            *(limits["block"], limits["warn"], 0, 0, Needed(None, None, None), note),
        )
    return judge_rule("worst_slice", harms, limits, confidence, len(slices))._replace(note="")


def _of_slice(row: Mapping) -> Harm:
    error = float((row["high"] - row["low"]) / 2 / stats.norm.ppf(0.975))
    return Harm(float(row["excess"]), error**2, 0.0, int(row["tested"]), 1)


def judge(
    harms: pd.DataFrame,
    cell: Mapping,
    slices: pd.DataFrame,
    rules: Mapping[str, Mapping[str, float] | None],
    confidence: float,
) -> list[Finding]:
    """Return what each rule says of a version, in their order.

    Parameters
    ----------
    harms : DataFrame
        From harm.harm_table.
    cell : mapping
        The comparison's row of pies.csv: whether it has collapsed.
    slices : DataFrame
        Its rows of slices.csv.
    rules : mapping
        The thresholds of each rule; None: it is not judged.
    """
    findings = [] if not cell["collapsed"] else [_collapse(cell)]
    for rule in RULES:
        limits, rows = rules[rule], harms[harms["rule"] == rule]
        if limits is None:
            continue
        if rule == "worst_slice":
            findings.append(judge_slices(slices, limits, confidence))
            continue
        if rows.empty:  # calibration, of models of which only labels are known
            continue
        losses = [
            (row["where"], Harm(*(row[name] for name in Harm._fields)))
            for row in rows.to_dict("records")
        ]
        found = judge_rule(rule, losses, limits, confidence)
        if rule == "bad_flips" and found.units == 1:
            found = found._replace(note=f"{NET.format(p=rows['p'].iloc[0])}; {found.note}")
        findings.append(found)
    return findings


def _collapse(cell: Mapping) -> Finding:
    """Return that a version cannot pass of which a side is no better than a constant answer."""
    fallen = [
        side for side in ("baseline", "compressed") if not cell[f"above_constant_{side}_low"] > 0
    ]
    note = f"the {' and the '.join(fallen)} models are no better than one constant answer"
    return Finding(
        *(COLLAPSE, INCONCLUSIVE, "", math.nan, math.nan, math.nan, 0.0, 0.0),
        *(int(cell["examples"]), int(cell["units"]), Needed(None, None, None), note),
    )
