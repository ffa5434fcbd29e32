"""Say the verdict in plain words on one screen: what decided, by how much, and what to do."""

import math
import textwrap
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from pielab.gate.mending import said_of
from pielab.gate.texts import MOST, plain
from pielab.gate.verdicts import BLOCK, COLLAPSE, INCONCLUSIVE, PASS, SAME_MODEL, VERDICTS, WARN

WIDTH = 80
MOST_WARNINGS = 4  # on what external models read
MOST_VERSIONS = 4  # that are named, and of which the worst is explained
LOST = {  # of each rule, what is lost
    "negative_flips": "negative flips beyond luck: {} % of the texts",
    "score": "score: {} points lost",
    "worst_class": "worst class, {where}: {} points of recall lost",
    "worst_slice": "worst slice, {where}: {} points more lost than elsewhere",
    "calibration": "calibration: {} points of error added",
}
DUE = {  # of each verdict, what the class or slice is that it is due to, if that is another one
    BLOCK: "more than allowed is lost by",
    INCONCLUSIVE: "still open",
    WARN: "unclear whether little is lost by",
    PASS: "at most",
}
HEAD = {
    BLOCK: "BLOCK: more than allowed is lost by {}.",
    INCONCLUSIVE: "INCONCLUSIVE: it is unclear whether more than allowed is lost by {}.",
    WARN: "WARN: no more than allowed is lost by {}, but it is unclear whether that is little.",
    PASS: "PASS: little is lost by {}.",
}


def screen(gate: Mapping, results: str | Path = "results") -> str:
    """Return the screen, no line of it longer than WIDTH.

    Parameters
    ----------
    gate : mapping
        What gate.json holds.
    results : path
        Folder of the study's results.
    """
    ordered = worst_first(gate["versions"])
    worst = ordered[0]
    lines = [*_wrapped(first_line(gate)), ""]
    if len(ordered) > 1:
        lines += [*_versions(ordered, results), ""]
    lines += _wrapped(f"{_title(worst, gate['confidence'])}:")
    for finding in sorted(worst["rules"], key=lambda one: -VERDICTS.index(one["verdict"])):
        tag = f"  {finding['verdict']:<14}"
        lines += _wrapped(tag + sentence(finding, worst), " " * len(tag))
    for said in worst["warnings"][:MOST_WARNINGS]:
        lines += _wrapped(f"  Warning: {plain(said)}.", "  ")
    if worst["not_judged"]:
        names = ", ".join(rule.replace("_", " ") for rule in worst["not_judged"])
        lines += _wrapped(f"  Not judged, since it is not known: {names}.", "  ")
    if worst["verdict"] in (BLOCK, INCONCLUSIVE) and worst["texts"]:
        order = ", the surest first" if worst["units"] > 1 else ""
        lines += ["", f"Texts that it gets wrong{order} (before → after):"]
        lines += [_text_line(text) for text in worst["texts"][:MOST]]
    return "\n".join([*lines, "", *_wrapped(_advice(gate, worst, results))]) + "\n"


def version_name(version: Mapping) -> str:
    """Return the name of a version among all others."""
    return f"{version['dataset']}, {_name(version)} against {version['baseline']}"


def sentence(finding: Mapping, version: Mapping) -> str:
    """Return what a rule found of a version, in words."""
    if finding["rule"] == COLLAPSE:
        return f"{finding['note']}: compare models that work"
    if finding["rule"] == SAME_MODEL:
        return f"{finding['note']} Check predictions.files in the config"
    said = finding["rule"].replace("_", " ")
    if finding["lost"] is not None:
        said = LOST[finding["rule"]].format(_points(finding["lost"]), where=plain(finding["where"]))
        said += _ends(finding) + _limit(finding)
    if finding["note"]:
        said += f"{': ' if finding['lost'] is None else '; '}{finding['note']}"
    if finding["open"]:
        other = finding["open"]
        said += f"; {DUE[finding['verdict']]}: {plain(other['where'])}, {_points(other['lost'])}"
        said += f"{_ends(other)}{_limit(finding) if finding['lost'] is None else ''}"
    if finding["verdict"] == INCONCLUSIVE and (finding["open"] or finding["lost"] is not None):
        said += f". {wanted(finding, version)}"
    return said


def wanted(finding: Mapping, version: Mapping) -> str:
    """Return what would decide a rule that is inconclusive, if the loss stays what it is."""
    needs, units = finding["needs"], units_of(version)
    due = finding["open"] or finding
    if due["low"] is None:
        return f"Give it 4 {units} or more"
    ways = []
    if needs["examples"]:
        texts = "texts of it" if due["where"] else "texts"
        ways.append(f"about {rounded(needs['examples'])} {texts} instead of {due['examples']:,}")
    if needs["units"]:
        ways.append(f"about {needs['units']:,} {units} instead of {finding['units']:,}")
    if needs["times"]:
        ways.append(f"about {needs['times']:g} times as many of both texts and {units}")
    if not ways and finding["rule"] == "worst_slice" and finding["open"] is None:
        return f"More {units} would tell"
    if not ways:
        return "No number can be given: it lies on or near the threshold"
    return f"{' or '.join(ways)} would tell"


def rounded(number: int) -> str:
    """Return a number with two digits that count, the next one above."""
    step = 10 ** max(0, len(str(number)) - 2)
    return f"{-(-number // step) * step:,}"


def _ends(found: Mapping) -> str:
    return "" if found["low"] is None else f" ({_points(found['low'])} to {_points(found['high'])})"


def units_of(version: Mapping) -> str:
    """Return what the members of a side differ by, in the plural."""
    return f"{version['members'].partition(' ')[0]}s"


def _limit(finding: Mapping) -> str:
    """Return the threshold that the verdict rests on."""
    if finding["verdict"] in (PASS, WARN):
        return f"; up to {finding['warn']:g} is little"
    return f"; up to {finding['block']:g} is allowed"


def first_line(gate: Mapping) -> str:
    """Return the verdict in one sentence."""
    verdict, versions = gate["verdict"], gate["versions"]
    having = [one for one in versions if one["verdict"] == verdict]
    which = f"{len(having)} of {len(versions)} compressed versions"
    if len(versions) == 1:
        which = version_name(versions[0])
    elif len(having) == len(versions):
        which = f"all {len(versions)} compressed versions"
    said = HEAD[verdict].format(which)
    if having and all(one["units"] == 1 for one in having):
        said += " The intervals are for these two models, not for others trained or run again."
    return said


def worst_first(versions: Iterable[Mapping]) -> list[Mapping]:
    """Return versions in the order in which they concern whoever decides."""
    return sorted(versions, key=_severity, reverse=True)


def _severity(version: Mapping) -> tuple[int, float, int]:
    """Return what puts the worst version first: verdict, how far beyond a limit, in how many rules.

    Beyond `block` in its own multiples: by the lower end if that decides, else by the estimate.
    """
    verdict = version["verdict"]
    deciding = [one for one in version["rules"] if one["verdict"] == verdict]
    beyond = [
        ((due["low"] if verdict == BLOCK else due["lost"]) - one["block"]) / max(one["block"], 1)
        for one in deciding
        for due in [one["open"] or one]
        if due["lost"] is not None
    ]
    return VERDICTS.index(verdict), max(beyond, default=-math.inf), len(deciding)


def deciding_rules(version: Mapping) -> str:
    """Return the rules that a version owes its verdict to, none of one that passes."""
    return ", ".join(
        finding["rule"].replace("_", " ")
        for finding in version["rules"]
        if finding["verdict"] == version["verdict"] != PASS
    )


def _versions(ordered: list[Mapping], results: str | Path) -> Iterator[str]:
    for version in ordered[:MOST_VERSIONS]:
        decided = deciding_rules(version)
        said = f"  {version['verdict']:<14}{version_name(version)}"
        yield from _wrapped(said + (f": {decided}" if decided else ""), " " * 18)
    rest = Counter(version["verdict"] for version in ordered[MOST_VERSIONS:])
    if rest:
        counts = ", ".join(f"{number:,} {verdict}" for verdict, number in rest.items())
        yield from _wrapped(f"  and {counts}: see {results}/gate/gate.json", "  ")


def _title(version: Mapping, confidence: float) -> str:
    side = "one model a side"
    if version["units"] > 1:
        side = f"{version['units']:,} {units_of(version)} a side"
    sure = f"{100 * confidence:g} % interval"
    texts = f"{version['examples']:,} texts"
    return f"{version_name(version)} ({side}, {texts}; in points, with the {sure})"


def _name(version: Mapping) -> str:
    level = version["level_text"]
    return f"{version['model']} by {version['method']}" + (
        "" if level == "as given" else f" at {level}"
    )


def _text_line(text: Mapping) -> str:
    line = f"  {plain(text['before'])} → {plain(text['after'])}: {text['text']}"
    return line if len(line) <= WIDTH else f"{line[: WIDTH - 2]} …"


def _advice(gate: Mapping, worst: Mapping, results: str | Path) -> str:
    of_pair = [
        one
        for one in gate["versions"]
        if all(one[key] == worst[key] for key in ("dataset", "model"))
    ]
    passing = [one for one in of_pair if one["verdict"] in (PASS, WARN)]
    instead = f" {version_name(passing[0])} may." if passing else ""
    if mended := worst.get("mended_by"):
        instead = f" The cheapest remedy of this study that passes: {said_of(mended, worst)}."
    verdict = worst["verdict"]
    pages = f"{results}/report/index.html and browser.html"
    if verdict == BLOCK:
        said = f"It must not ship.{instead} Compress less, or mend what {pages} show."
    elif verdict == INCONCLUSIVE:
        said = f"Measure what would tell before it ships.{instead} The numbers hold if the loss "
        said += "stays what it is."
        if any(finding["rule"] == SAME_MODEL for finding in worst["rules"]):
            said = f"Compare two different models before it ships.{instead}"
    else:
        said = "It may ship." if len(gate["versions"]) == 1 else "They may ship."
        said += f" {pages} show what changes." if verdict == WARN else ""
    if len(gate["versions"]) > 1:
        said += (
            " To judge only what is to ship, name it under gate in the config (methods, levels)."
        )
    return said


def _points(value: float) -> str:
    words = f"{value:.1f}"
    return "0.0" if words == "-0.0" else words.replace("-", "−")


def _wrapped(text: str, indent: str = "") -> list[str]:
    return textwrap.wrap(text, WIDTH, subsequent_indent=indent, drop_whitespace=True) or [""]
