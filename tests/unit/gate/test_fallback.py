"""The smallest share of texts whose fallback lets a version pass."""

from types import SimpleNamespace

import numpy as np
import pytest

from pielab.gate import fallback
from pielab.gate.fallback import TRIED, may_be_helped, smallest_passing
from pielab.pies.cell import Cell
from pielab.pies.decisions import decide

LIMITS = {"block": 5, "warn": 3}
RULES = {"negative_flips": None, "score": LIMITS, "worst_class": None, "worst_slice": LIMITS}
RULES |= {"calibration": None}


def cell(unsure_flips=0, sure_flips=0, texts=2000, models=6):
    """Return models whose least sure texts are the first; flips are among these and the last."""
    margins = np.linspace(0.1, 3, texts)
    labels = np.arange(texts) % 2
    towards = np.where(labels == 1, margins, -margins) * np.ones((models, 1))
    flipped = np.zeros(texts, dtype=bool)
    flipped[:unsure_flips] = True
    flipped[texts - sure_flips :] = True
    odds = np.stack([towards, np.where(flipped, -towards, towards)])
    sides = [
        decide({"test": np.stack([np.zeros_like(own), own], axis=2).astype("f4")}, labels[:0])
        for own in odds
    ]
    return Cell(*(side["test"] for side in sides), labels, np.arange(texts), "lowest")


def version(**verdicts):
    return [SimpleNamespace(rule=rule, verdict=verdict) for rule, verdict in verdicts.items()]


@pytest.mark.parametrize(
    ("flips", "expected"),
    [
        ({"unsure_flips": 160}, (0.05, "WARN")),  # of 8 % three are left, plus what is unsure
        ({"unsure_flips": 500}, (0.3, "PASS")),
        ({"sure_flips": 200}, None),  # no share up to a half sends any of them
    ],
)
def test_the_smallest_share_that_passes_is_found(flips, expected):
    assert smallest_passing(cell(**flips), "ab", RULES, 0.95) == expected


def test_a_share_below_one_that_does_not_pass_is_not_looked_at(monkeypatch):
    judged = []
    original = fallback.routed

    def routed(cell, shares, rng):
        judged.extend(shares)
        return original(cell, shares, rng)

    monkeypatch.setattr(fallback, "routed", routed)
    smallest_passing(cell(unsure_flips=500), "ab", RULES, 0.95)
    assert judged == list(TRIED[: TRIED.index(0.3) + 2])


def test_only_versions_that_are_stopped_by_rules_that_are_judged_again_may_be_helped():
    assert may_be_helped(version(negative_flips="BLOCK", worst_slice="WARN"))
    assert may_be_helped(version(score="INCONCLUSIVE"))
    assert not may_be_helped(version(score="PASS", negative_flips="WARN"))
    for rule in ("worst_slice", "collapse", "same_model"):
        assert not may_be_helped(version(**{"negative_flips": "BLOCK", rule: "INCONCLUSIVE"}))
