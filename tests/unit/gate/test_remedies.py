"""The gate names the cheapest remedy that passes."""

import pytest

from helpers.gate import KEY
from pielab.gate.judging import cheapest_remedy
from pielab.gate.screen import screen

SHOWN = {"level_text": "90 %", "members": "seed", "units": 5, "examples": 900}
SHOWN |= {"rules": [], "not_judged": [], "warnings": [], "texts": []}


def version(verdict, method="imp-ft", **change):
    return KEY | SHOWN | {"method": method, "verdict": verdict} | change


def remedy(verdict, stages, name, plain="imp-ft", **change):
    said = {"plain": plain, "name": name, "stages": stages}
    return version(verdict, method=f"imp-ft-{name}", remedy=said, **change)


@pytest.mark.parametrize("verdict", ["BLOCK", "INCONCLUSIVE"])
def test_of_remedies_that_pass_the_one_with_the_least_training_is_named(verdict):
    stopped = version(verdict)
    versions = [
        stopped,
        remedy("BLOCK", 1, "class"),
        remedy("PASS", 9, "ensemble"),
        remedy("WARN", 4, "focal"),
        remedy("PASS", 2, "of-another", plain="ibp-ai"),
        remedy("PASS", 2, "elsewhere", level=50.0),
        remedy("PASS", 2, "other-baseline", baseline="control"),
    ]
    found = cheapest_remedy(stopped, versions)
    assert found == {"method": "imp-ft-focal", "verdict": "WARN"} | versions[3]["remedy"]


def test_a_version_that_passes_needs_no_remedy_and_some_have_none():
    passing = version("PASS")
    assert cheapest_remedy(passing, [passing, remedy("PASS", 4, "focal")]) is None
    stopped = version("BLOCK")
    assert cheapest_remedy(stopped, [stopped, remedy("BLOCK", 4, "focal")]) is None


def test_the_screen_names_it():
    mended = {"method": "imp-ft-focal", "verdict": "PASS", "plain": "imp-ft"}
    mended |= {"name": "focal-distillation", "stages": 4}
    gate = {"verdict": "BLOCK", "fails": True, "fail_on": "BLOCK", "confidence": 0.95}
    gate["versions"] = [version("BLOCK", mended_by=mended), remedy("PASS", 4, "focal")]
    said = " ".join(screen(gate).split())
    assert (
        "It must not ship. The cheapest remedy of this study that passes: imp-ft-focal "
        "(focal-distillation), PASS." in said
    )
