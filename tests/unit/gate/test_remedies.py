"""The gate names the cheapest remedy that passes."""

import pandas as pd
import pytest

import try_remedies
from helpers.gate import KEY, RULES, cell, write_gate
from pielab.gate.mending import cheapest_remedy, fallback_of, passes_with
from pielab.gate.screen import screen

SHOWN = {"level_text": "90 %", "differ_by": "seed", "replicates": 5, "examples": 900}
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
    named = {"kind": "remedy", "method": "imp-ft-focal", "verdict": "WARN"}
    assert found == named | versions[3]["remedy"]


def test_a_version_that_passes_needs_no_remedy_and_some_have_none():
    passing = version("PASS")
    assert cheapest_remedy(passing, [passing, remedy("PASS", 4, "focal")]) is None
    stopped = version("BLOCK")
    assert cheapest_remedy(stopped, [stopped, remedy("BLOCK", 4, "focal")]) is None


def test_the_screen_names_it():
    mended = {"kind": "remedy", "method": "imp-ft-focal", "verdict": "PASS", "plain": "imp-ft"}
    mended |= {"name": "focal-distillation", "stages": 4}
    gate = {"verdict": "BLOCK", "fails": True, "fail_on": "BLOCK", "confidence": 0.95}
    gate["versions"] = [version("BLOCK", mended_by=mended), remedy("PASS", 4, "focal")]
    said = " ".join(screen(gate).split())
    assert (
        "must not ship. The cheapest remedy of this study that passes: imp-ft-focal "
        "(focal-distillation), PASS." in said
    )


def test_of_the_shares_that_were_tried_a_stopped_version_has_its_own():
    own = KEY | {"kind": "fallback", "share": 0.1, "verdict": "WARN"}
    tried = pd.DataFrame([own | {"level": 50.0, "share": 0.3}, own])
    assert fallback_of(version("BLOCK"), tried) == {"share": 0.1, "verdict": "WARN"}
    assert fallback_of(version("BLOCK", baseline="control"), tried) is None
    assert fallback_of(version("PASS"), tried) is None
    assert fallback_of(version("BLOCK"), tried.head(0)) is None


SENT = {"share": 0.1, "verdict": "WARN"}
KEPT = {"layers": ["encoder.1", "encoder.0"], "more_bytes": 1_240_000, "verdict": "PASS"}


def test_layers_kept_dense_are_cheaper_than_both_models_and_dearer_than_training():
    stopped = version("BLOCK", fallback=SENT, kept_layers=KEPT)
    found = cheapest_remedy(stopped, [stopped, remedy("BLOCK", 4, "focal")])
    assert found == {"kind": "layers", "method": "imp-ft", "name": "kept dense"} | KEPT
    other = cheapest_remedy(stopped, [stopped, remedy("PASS", 9, "ensemble")])
    assert other["method"] == "imp-ft-ensemble"
    layers = "encoder.1, encoder.0 kept dense (1.2 MB more), PASS"
    sent = "the 10 % least sure texts sent to the dense model, WARN"
    said = passes_with(stopped | {"mended_by": found})
    assert said == f"Cheapest that passes: {layers}; or {sent}"
    said = passes_with(stopped | {"mended_by": other})
    assert said == f"Cheapest that passes: imp-ft-ensemble (ensemble), PASS; or {layers}; or {sent}"


def test_the_gate_names_layers_to_keep_dense_in_its_json_and_on_its_screen(tmp_path):
    kept = {"kind": "layers", "layers": "encoder.1+encoder.0", "more_bytes": 1_240_000}
    tried = [KEY | kept | {"verdict": "PASS"}, KEY | {"kind": "fallback"} | SENT]
    outputs, gate = write_gate(tmp_path, {"imp-ft": cell(lost=600)}, tried=tried)
    (own,) = gate["versions"]
    assert own["kept_layers"] == KEPT
    assert own["fallback"] == SENT
    assert own["mended_by"]["kind"] == "layers"
    said = " ".join(outputs["screen"].read_text(encoding="utf-8").split())
    assert "remedy of this study that passes: encoder.1, encoder.0 kept dense (1.2 MB more)" in said


def test_a_fallback_is_named_where_no_remedy_in_training_passes():
    stopped = version("BLOCK", fallback=SENT)
    found = cheapest_remedy(stopped, [stopped, remedy("BLOCK", 4, "focal")])
    assert found == {"kind": "fallback", "method": "imp-ft", "name": "fallback"} | SENT
    # Both models have to be kept for a fallback, so a remedy in training is cheaper
    other = cheapest_remedy(stopped, [stopped, remedy("PASS", 9, "ensemble")])
    assert other["method"] == "imp-ft-ensemble"


def test_the_report_names_the_cheapest_first_and_then_the_fallback():
    stopped = version("BLOCK", fallback=SENT, baseline="control", mended_by=None)
    assert passes_with(stopped | {"fallback": None}) == ""
    stopped["mended_by"] = cheapest_remedy(stopped, [])
    sent = "the 10 % least sure texts sent to the control model, WARN"
    assert passes_with(stopped) == f"Cheapest that passes: {sent}"
    focal = remedy("PASS", 4, "focal", baseline="control")
    stopped["mended_by"] = cheapest_remedy(stopped, [focal])
    assert passes_with(stopped) == f"Cheapest that passes: imp-ft-focal (focal), PASS; or {sent}"


def test_the_gate_names_the_fallback_in_its_json_and_on_its_screen(tmp_path):
    tried = [KEY | {"kind": "fallback", "share": 0.2, "verdict": "PASS"}]
    outputs, gate = write_gate(tmp_path, {"imp-ft": cell(lost=600)}, tried=tried)
    (own,) = gate["versions"]
    assert own["verdict"] == "BLOCK"
    assert own["fallback"] == {"share": 0.2, "verdict": "PASS"}
    assert own["mended_by"] == {"kind": "fallback", "method": "imp-ft", "name": "fallback"} | {
        "share": 0.2,
        "verdict": "PASS",
    }
    said = " ".join(outputs["screen"].read_text(encoding="utf-8").split())
    assert (
        "The cheapest remedy of this study that passes: the 20 % least sure texts sent to the "
        "dense model, PASS." in said
    )


def test_without_a_fallback_that_passes_the_gate_names_none(tmp_path):
    outputs, gate = write_gate(tmp_path, {"imp-ft": cell(lost=600)})
    assert gate["versions"][0]["fallback"] is gate["versions"][0]["mended_by"] is None
    assert "remedy" not in outputs["screen"].read_text(encoding="utf-8")


def test_fallbacks_are_tried_for_the_versions_that_the_rules_stop_and_for_no_others(tmp_path):
    _, gate = write_gate(tmp_path, {"imp-ft": cell(lost=600), "good": cell(lost=0)})
    settings = {key: gate[key] for key in ("confidence",)} | {"rules": RULES}
    named = {key: str(KEY[key]) for key in KEY} | {"level": "sparsity90"}
    settings["cells"] = [named | {"method": method} for method in ("imp-ft", "good")]
    paths = {"cells": "pies.csv", "slices": "slices.csv", "slice_limits": "limits.csv"}
    paths |= {"harms": "harms.csv"}
    paths = {name: tmp_path / path for name, path in paths.items()}
    found = try_remedies.stopped(settings, paths)
    assert [one["method"] for one in found] == ["imp-ft"]
