"""Put into words what a rule of the gate found: what is lost or gained, and what would decide."""

import math
from collections.abc import Mapping

from pielab.gate.texts import plain
from pielab.gate.verdicts import COLLAPSE, INCONCLUSIVE, PASS, SAME_MODEL, WARN
from pielab.vocabulary import BY_ITSELF

LOST = {  # of each rule: what changes, in which words for a loss and for a gain
    "negative_flips": (
        "newly wrong answers (negative flips): {points} % of the texts {way} than {by_itself} "
        "causes",
        ("more", "fewer"),
    ),
    "score": ("{measure}: {points} points {way}", ("lower", "higher")),
    "worst_class": ("class hurt most, {where}: recall {points} points {way}", ("lower", "higher")),
    "worst_slice": (
        "slice hurt most, {where}: {points} points {way} lost than elsewhere",
        ("more", "less"),
    ),
    "calibration": ("calibration error: {points} points {way}", ("higher", "lower")),
}
OF_SINGLE = "newly wrong answers: {points} % of the texts {way} than newly right ones"
PLAIN = {  # of each rule, in lists
    "negative_flips": "newly wrong answers",
    "worst_class": "class hurt most",
    "worst_slice": "slice hurt most",
    "calibration": "calibration error",
}
PART = {"worst_class": "this class", "worst_slice": "this slice"}  # whose texts are counted


def named(rule: str, version: Mapping) -> str:
    """Return a rule in words."""
    if rule == "score":
        return str(version.get("measure", rule))
    return PLAIN.get(rule, rule.replace("_", " "))


def sentence(finding: Mapping, version: Mapping) -> str:
    """Return what a rule found of a version, in words."""
    rule = finding["rule"]
    if rule == COLLAPSE:
        return f"{finding['note']}: compare models that work"
    if rule == SAME_MODEL:
        return f"{finding['note']} Check predictions.files in the config"
    words = named(rule, version)
    if finding["lost"] is not None:
        words = _loss(finding, version) + _ends(finding, rule) + _limit(finding)
    if finding["note"]:
        words += f"{': ' if finding['lost'] is None else '; '}{finding['note']}"
    if finding["open"]:
        deciding = finding["open"]
        # The verdict is another class's, or slice's, than the one that loses most
        words += f"; the verdict rests on {plain(deciding['where'])}, {_points(deciding['lost'])}"
        than = " lost than elsewhere" if rule == "worst_slice" else ""
        words += f" points {_way(deciding['lost'], rule)}{than}{_ends(deciding, rule)}"
        words += _limit(finding) if finding["lost"] is None else ""
    if finding["verdict"] == INCONCLUSIVE and (finding["open"] or finding["lost"] is not None):
        words += f". {wanted(finding, version)}"
    return words


def _loss(finding: Mapping, version: Mapping) -> str:
    rule = finding["rule"]
    form = LOST[rule][0]
    if rule == "negative_flips" and version["replicates"] == 1:
        form = OF_SINGLE
    return form.format(
        points=_points(finding["lost"]),
        way=_way(finding["lost"], rule),
        where=plain(finding["where"]),
        by_itself=BY_ITSELF.get(replicates_of(version)[:-1], "retraining"),
        measure=version.get("measure", "score"),
    )


def _way(value: float, rule: str) -> str:
    """Return the word for a loss, or for a gain."""
    return LOST[rule][1][value < 0]


def _ends(found: Mapping, rule: str) -> str:
    """Return an interval in positive numbers: with words if one end is a loss and one a gain."""
    low, high = found["low"], found["high"]
    if low is None:
        return ""
    if _points(low) == "0.0" or _points(high) == "0.0" or low * high > 0:
        ends = (low, high) if found["lost"] >= 0 else (-high, -low)
        first, last = (_points(max(0, end)) for end in ends)
        return f" ({first} to {last})"
    return f" ({_points(low)} {_way(low, rule)} to {_points(high)} {_way(high, rule)})"


def _limit(finding: Mapping) -> str:
    """Return the threshold that the verdict rests on."""
    if finding["verdict"] in (PASS, WARN):
        return f"; up to {finding['warn']:g} counts as little"
    return f"; limit {finding['block']:g}"


def wanted(finding: Mapping, version: Mapping) -> str:
    """Return what would decide a rule that is inconclusive, if the loss stays what it is."""
    needs, replicates = finding["needs"], replicates_of(version)
    due = finding["open"] or finding
    if due["low"] is None:
        return f"At least 4 {replicates} are needed"
    ways = []
    if needs["examples"]:
        of = f" of {PART[finding['rule']]}" if due["where"] and finding["rule"] in PART else ""
        now = f"{due['examples']:,}"
        ways.append(f"about {rounded(needs['examples'])} test texts{of} instead of {now}")
    if needs["replicates"]:
        ways.append(
            f"about {needs['replicates']:,} {replicates} instead of {finding['replicates']:,}"
        )
    if needs["times"]:
        times = needs["times"]
        about = f"{times:g}" if times < 10 else rounded(math.ceil(times))
        ways.append(f"about {about} times as many test texts and {replicates}")
    if not ways and finding["rule"] == "worst_slice" and finding["open"] is None:
        return f"More {replicates} would decide this"
    if not ways:
        return "No number can be given: the estimate lies on or near the limit"
    words = " or ".join(ways)
    return f"{words[0].upper()}{words[1:]} would decide this"


def rounded(number: int) -> str:
    """Return a number with two digits that count, the next one above."""
    step = 10 ** max(0, len(str(number)) - 2)
    return f"{-(-number // step) * step:,}"


def replicates_of(version: Mapping) -> str:
    """Return what the models of a group differ by, in the plural."""
    return f"{version['differ_by'].partition(' ')[0]}s"


def _points(value: float) -> str:
    return f"{abs(value):.1f}"
