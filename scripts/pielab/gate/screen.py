"""Write the verdict in plain words on one screen: what decided, by how much, and what to do."""

import math
import textwrap
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from pielab.gate.mending import said_of
from pielab.gate.texts import MOST, plain
from pielab.gate.verdicts import BLOCK, INCONCLUSIVE, ONE_MODEL, PASS, SAME_MODEL, VERDICTS, WARN
from pielab.gate.wording import named, replicates_of, sentence

WIDTH = 80
MOST_WARNINGS = 4  # on what external models read
MOST_VERSIONS = 4  # that are named, and of which the worst is explained
HEAD = {  # of one version, and of several
    BLOCK: "{} loses more than the gate allows|{} lose more than the gate allows",
    INCONCLUSIVE: "it is unclear whether {} loses more than the gate allows|for {} it is unclear "
    "whether they lose more than the gate allows",
    WARN: "{} stays within the limits, but may lose more than little|{} stay within the limits, "
    "but may lose more than little",
    PASS: "{} loses little|{} lose little",
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
    lines += _wrapped(_title(worst, gate["confidence"], len(ordered)))
    for finding in sorted(worst["rules"], key=lambda rule: -VERDICTS.index(rule["verdict"])):
        tag = f"  {finding['verdict']:<14}"
        note = finding["note"].removesuffix(ONE_MODEL).removesuffix("; ")  # the first line has it
        lines += _wrapped(tag + sentence({**finding, "note": note}, worst), " " * len(tag))
    for warning in worst["warnings"][:MOST_WARNINGS]:
        lines += _wrapped(f"  Warning: {plain(warning)}.", "  ")
    if worst["not_judged"]:
        names = ", ".join(named(rule, worst) for rule in worst["not_judged"])
        lines += _wrapped(f"  Not judged, because the scores are unknown: {names}.", "  ")
    if worst["verdict"] in (BLOCK, INCONCLUSIVE) and worst["texts"]:
        order = ", the clearest first" if worst["replicates"] > 1 else ""
        head = f"Texts that {_name(worst)} newly gets wrong{order} (before → after):"
        lines += ["", *_wrapped(head)]
        lines += [_text_line(text) for text in worst["texts"][:MOST]]
    return "\n".join([*lines, "", *_wrapped(_advice(gate, worst, results))]) + "\n"


def version_name(version: Mapping, words: str = "") -> str:
    """Return the name of a version among all others, with words behind that of its method."""
    return f"{version['dataset']}, {_name(version)}{words} against {version['baseline']}"


def first_line(gate: Mapping) -> str:
    """Return the verdict in one sentence."""
    verdict, versions = gate["verdict"], gate["versions"]
    having = [version for version in versions if version["verdict"] == verdict]
    which = f"{len(having)} of {len(versions)} compressed versions"
    if len(versions) == 1:
        which = version_name(versions[0])
    elif len(having) == len(versions):
        which = f"{'both' if len(versions) == 2 else f'all {len(versions)}'} compressed versions"
    line = f"{verdict}: {HEAD[verdict].split('|')[len(having) > 1].format(which)}"
    unclear = sum(version["verdict"] == INCONCLUSIVE for version in versions)
    line += f"; for {unclear} more it is unclear." if verdict == BLOCK and unclear else "."
    if having and all(version["replicates"] == 1 for version in having):
        line += " The intervals are for these two models, not for others trained or run again."
    return line


def worst_first(versions: Iterable[Mapping]) -> list[Mapping]:
    """Return versions in the order in which they concern whoever decides."""
    return sorted(versions, key=_severity, reverse=True)


def _severity(version: Mapping) -> tuple[int, float, int]:
    """Return what puts the worst version first: verdict, how far beyond a limit, in how many rules.

    Beyond `block` in its own multiples: by the lower end if that decides, else by the estimate.
    """
    verdict = version["verdict"]
    deciding = [rule for rule in version["rules"] if rule["verdict"] == verdict]
    beyond = [
        ((due["low"] if verdict == BLOCK else due["lost"]) - rule["block"]) / max(rule["block"], 1)
        for rule in deciding
        for due in [rule["open"] or rule]
        if due["lost"] is not None
    ]
    return VERDICTS.index(verdict), max(beyond, default=-math.inf), len(deciding)


def deciding_rules(version: Mapping) -> str:
    """Return the rules that a version owes its verdict to, none of one that passes."""
    return ", ".join(
        named(finding["rule"], version)
        for finding in version["rules"]
        if finding["verdict"] == version["verdict"] != PASS
    )


def _versions(ordered: list[Mapping], results: str | Path) -> Iterator[str]:
    for version in ordered[:MOST_VERSIONS]:
        decided = deciding_rules(version)
        line = f"  {version['verdict']:<14}{version_name(version)}"
        yield from _wrapped(line + (f": {decided}" if decided else ""), " " * 18)
    rest = Counter(version["verdict"] for version in ordered[MOST_VERSIONS:])
    if rest:
        counts = ", ".join(f"{number:,} {verdict}" for verdict, number in rest.items())
        yield from _wrapped(f"  and {counts}: see {results}/gate/gate.json", "  ")


def _title(version: Mapping, confidence: float, versions: int) -> str:
    models = "One model of each"
    if version["replicates"] > 1:
        models = f"{version['replicates']:,} models of each (different {replicates_of(version)})"
    words = f" ({version['method_words']})" if version.get("method_words") else ""
    return (
        f"{'The worst: ' if versions > 1 else ''}{version_name(version, words)}. {models}, "
        f"{version['examples']:,} test texts; in brackets the {100 * confidence:g} % interval:"
    )


def _name(version: Mapping) -> str:
    level = version["level_text"]
    return f"{version['model']} with {version['method']}" + (
        "" if level == "as given" else f" at {level}"
    )


def _text_line(text: Mapping) -> str:
    line = f"  {plain(text['before'])} → {plain(text['after'])}: {text['text']}"
    return line if len(line) <= WIDTH else f"{line[: WIDTH - 2]} …"


def _advice(gate: Mapping, worst: Mapping, results: str | Path) -> str:
    of_pair = [
        other
        for other in gate["versions"]
        if all(other[key] == worst[key] for key in ("dataset", "model"))
    ]
    passing = [other for other in of_pair if other["verdict"] in (PASS, WARN)]
    instead = f" {version_name(passing[0])} may." if passing else ""
    if mended := worst.get("mended_by"):
        instead = f" The cheapest remedy of this study that passes: {said_of(mended, worst)}."
    verdict, several = worst["verdict"], len(gate["versions"]) > 1
    page = f"{results}/report/index.html; the same command without gate makes it"
    if verdict == BLOCK:
        it = version_name(worst) if several else "It"
        advice = f"{it} must not ship.{instead} Compress less, or mend what the report "
        advice += f"shows ({page})."
    elif verdict == INCONCLUSIVE:
        advice = f"Get the texts or models that would decide before it ships.{instead} The numbers "
        advice += "hold if the loss stays what it is."
        if any(finding["rule"] == SAME_MODEL for finding in worst["rules"]):
            advice = f"Compare two different models before it ships.{instead}"
    else:
        advice = "They may ship." if several else "It may ship."
        advice += f" The report shows what changes ({page})." if verdict == WARN else ""
    if several:
        advice += (
            " To judge only what is to ship, list it under gate in the config (methods, levels)."
        )
    return advice


def _wrapped(text: str, indent: str = "") -> list[str]:
    return textwrap.wrap(text, WIDTH, subsequent_indent=indent, drop_whitespace=True) or [""]
