"""The card of a model that leaves says what it lost itself, and what its group lost."""

import numpy as np

from pielab.gate.model_card import card, own_flips

FINDING = {
    "rule": "score",
    "verdict": "PASS",
    "where": "",
    "lost": 0.3,
    "low": -0.1,
    "high": 0.7,
    "block": 2,
    "warn": 1,
    "examples": 400,
    "replicates": 3,
    "needs": {"examples": None, "replicates": None, "flips": None},
    "note": "",
    "open": None,
}


def test_flips_are_those_of_one_model_counted_by_hand():
    dense = np.array([[2, 1], [1, 2], [2, 1], [0, 1]])
    compressed = np.array([[1, 2], [1, 2], [1, 2], [1, 0]])
    assert own_flips(dense, compressed, np.array([0, 1, 1, 1]), False) == (2, 1)
    several = np.array([[1, 0], [0, 1], [1, 1], [0, 0]])
    before = np.array([[1, -1], [-1, 1], [1, -1], [-1, -1]])
    after = np.array([[1, 1], [-1, 1], [1, 1], [-1, -1]])
    assert own_flips(before, after, several, True) == (1, 1)


def test_a_card_has_the_call_the_flips_and_what_the_gate_found():
    version = {"model": "ours", "method": "int8", "level_text": "8 bits", "dataset": "news"}
    version |= {"verdict": "PASS", "rules": [FINDING], "baseline": "dense", "replicates": 3}
    version |= {"differ_by": "seeds"}
    facts = {"seed": "models/seed0", "draw": 2, "max_tokens": 32, "examples": 400}
    facts |= {"newly_wrong": 3, "newly_right": 1, "agrees": 400, "weights": "", "report": "there"}
    facts |= {"is_retrained": False, "packed": ""}
    said = card(version, facts)
    assert said.startswith("---\nlibrary_name: transformers\n")
    assert "# ours, compressed by int8 (8 bits)" in said
    assert "models/seed0, calibration draw 2" in said
    assert "truncation=True, max_length=32" in said
    assert "3 newly wrong and 1 newly right" in said
    assert "- PASS: score: 0.3 points lower" in said
    assert "compared with itself before compression" in said
    trained = card(version, facts | {"is_retrained": True, "packed": "Also as whole numbers."})
    assert "compared with the dense model of its seed" in trained
    assert "\n\nAlso as whole numbers.\n\n" in trained
