"""Write the verdicts as JUnit XML, which services of continuous integration show."""

from collections.abc import Mapping
from xml.etree import ElementTree

from pielab.gate.screen import version_name
from pielab.gate.texts import plain
from pielab.gate.verdicts import INCONCLUSIVE, VERDICTS, WARN
from pielab.gate.wording import sentence


def junit(gate: Mapping) -> str:
    """Return the XML: a test suite a version, a test case a rule.

    A case fails where the gate does, from `fail_on` on, so that both say the same. Otherwise
    INCONCLUSIVE is skipped: nothing was decided, and nothing went wrong, as an error would say.
    WARN passes with its sentence as output.

    Parameters
    ----------
    gate : mapping
        What gate.json holds.
    """
    root = ElementTree.Element("testsuites", name="gate")
    for version in gate["versions"]:
        suite = ElementTree.SubElement(root, "testsuite", name=plain(version_name(version)))
        names = (version[key] for key in ("dataset", "model", "method", "level_text", "baseline"))
        group = plain(".".join(names))
        for finding in version["rules"]:
            case = ElementTree.SubElement(suite, "testcase", classname=group, name=finding["rule"])
            _outcome(case, finding, version, gate["fail_on"])
        _count(suite, suite)
    _count(root, root)
    ElementTree.indent(root)
    return ElementTree.tostring(root, encoding="unicode", xml_declaration=True) + "\n"


def _outcome(case: ElementTree.Element, finding: Mapping, version: Mapping, fail_on: str) -> None:
    verdict, words = finding["verdict"], plain(sentence(finding, version))
    if VERDICTS.index(verdict) >= VERDICTS.index(fail_on):
        failure = ElementTree.SubElement(case, "failure", type=verdict, message=words)
        failure.text = "\n".join(
            plain(f"{text['label']}, {text['before']} -> {text['after']}: {text['text']}")
            for text in version["texts"]
        )
    elif verdict == INCONCLUSIVE:
        ElementTree.SubElement(case, "skipped", message=f"{verdict}: {words}")
    elif verdict == WARN:
        ElementTree.SubElement(case, "system-out").text = f"{verdict}: {words}"


def _count(element: ElementTree.Element, within: ElementTree.Element) -> None:
    element.set("tests", str(len(list(within.iter("testcase")))))
    element.set("failures", str(len(list(within.iter("failure")))))
    element.set("errors", "0")
    element.set("skipped", str(len(list(within.iter("skipped")))))
