"""Judge what compression takes away: PASS, WARN, BLOCK or INCONCLUSIVE.

A rule has two thresholds, the most points that may be lost, and the interval of the loss decides:

| interval | verdict | means |
| --- | --- | --- |
| lower end above `block` | BLOCK | more is lost than allowed: yes |
| upper end at most `warn` | PASS | no, and little is lost |
| upper end at most `block`, above `warn` | WARN | no; unclear whether little is lost |
| `block` within it | INCONCLUSIVE | unclear; more examples or seeds could tell |
| none, as of 2 or 3 seeds | INCONCLUSIVE | nothing is known yet |

A version has the worst verdict of its rules, and the study that of its versions, in the order
PASS, WARN, INCONCLUSIVE, BLOCK: what cannot be told yet may be a block, a warning is none.
A PASS needs no correction for the number of rules, since all have to pass; a BLOCK is wrong, for a
loss right at its threshold, once in 2 / (1 - confidence) rules.

Derived in docs/explanation/statistics.md#losses.
"""

import math
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from pielab.stats.harm import Harm, Needed, harm_interval, needed
from pielab.stats.intervals import Interval
from pielab.vocabulary import FEWEST_FOR_INTERVAL

PASS, WARN, INCONCLUSIVE, BLOCK = VERDICTS = ("PASS", "WARN", "INCONCLUSIVE", "BLOCK")
STOPS = (BLOCK, INCONCLUSIVE)
COLLAPSE = "collapse"  # is judged always, without a threshold
SAME_MODEL = "same_model"  # likewise
ONE_MODEL = "for these two models only, not for others trained or run again"
MOST_COUNTED = 25  # losses, those with the highest upper ends, by which a number is planned
NOTHING = Needed(None, None, None)


class Open(NamedTuple):
    """A class or slice other than the one that is shown, to which a rule owes its verdict."""

    where: str
    lost: float
    low: float
    high: float
    examples: int


class Finding(NamedTuple):
    """What a rule says of a version; losses and thresholds in points (percent)."""

    rule: str
    verdict: str
    where: str  # the class or slice that loses most, where the rule is of the worst
    lost: float
    low: float
    high: float
    block: float
    warn: float
    examples: int
    replicates: int
    needs: Needed  # what would decide, if INCONCLUSIVE
    note: str
    open: Open | None = None  # None: the one that is shown decides


class Judged(NamedTuple):
    """The verdict of some losses."""

    verdict: str
    at: int  # the place of the loss that it is due to
    points: Sequence[Interval]
    needs: Needed = NOTHING


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


def nothing_known(rule: str, limits: Mapping[str, float], note: str) -> Finding:
    """Return that a rule cannot tell what is lost, and why."""
    unknown = (math.nan, math.nan, math.nan, limits["block"], limits["warn"])
    return Finding(rule, INCONCLUSIVE, "", *unknown, 0, 0, NOTHING, note)


def judge_rule(
    rule: str, harms: Sequence[tuple[str, Harm]], limits: Mapping[str, float], confidence: float
) -> Finding:
    """Return the finding of a rule on the worst of some losses, whose intervals hold all at once.

    With simultaneous intervals the largest lower end and the largest upper end are those of the
    worst loss (Bonferroni); an interval of the one that looks worst would not be. What is shown is
    the largest loss; if the verdict is due to another one, that is `open`.

    Parameters
    ----------
    harms : sequence of (name, Harm)
        One or more.
    limits : mapping
        `block` and `warn`, in points.
    """
    losses = [harm for _, harm in harms]
    verdict, at, points, needs = judge_all(losses, limits, confidence, len(losses))
    largest = max(range(len(points)), key=lambda place: points[place].estimate)
    where, harm = harms[largest]
    note = ""
    if math.isnan(points[at].low):
        note = f"an interval needs at least {FEWEST_FOR_INTERVAL} models on each side"
    found = Finding(
        rule,
        verdict,
        where,
        *points[largest],
        limits["block"],
        limits["warn"],
        examples=int(harm.examples),
        replicates=int(harm.replicates),
        needs=needs,
        note=ONE_MODEL if harm.replicates == 1 else note,
    )
    if verdict == PASS or at == largest:
        return found
    return found._replace(open=Open(harms[at][0], *points[at], int(harms[at][1].examples)))


def judge_all(
    harms: Sequence[Harm], limits: Mapping[str, float], confidence: float, tests: int
) -> Judged:
    """Return the verdict of some losses among as many as were looked at."""
    found = [harm_interval(harm, confidence, tests) for harm in harms]
    points = [Interval(*(100 * end for end in interval)) for interval in found]
    verdict = decide(
        max(interval.low for interval in points), max(interval.high for interval in points), limits
    )
    if verdict == BLOCK:
        return Judged(verdict, max(range(len(points)), key=lambda at: points[at].low), points)
    if verdict != INCONCLUSIVE:
        return Judged(verdict, max(range(len(points)), key=lambda at: points[at].high), points)
    threshold = limits["block"] / 100
    unknown = [at for at, interval in enumerate(points) if math.isnan(interval.high)]
    beyond = [at for at, interval in enumerate(points) if interval.estimate > limits["block"]]
    if unknown:
        at = unknown[0]
    elif beyond:
        at = max(beyond, key=lambda place: points[place].low)
    else:
        at = max(range(len(points)), key=lambda place: points[place].high)
    others = sorted(set(range(len(points))) - {at}, key=lambda place: -points[place].high)
    counted = [harms[place] for place in [at, *others[: MOST_COUNTED - 1]]]
    return Judged(verdict, at, points, needed(counted, threshold, confidence, tests))


def may_leave(version: Mapping, settings: Mapping) -> bool:
    """Return whether a version may be exported: by its verdict, or because the config forces it.

    Parameters
    ----------
    settings : mapping
        `force` of the config's `export`, and `fail_on` of its `gate`.
    """
    fine = [PASS] if settings["fail_on"] == WARN else [PASS, WARN]
    return settings["force"] or version["verdict"] in fine
