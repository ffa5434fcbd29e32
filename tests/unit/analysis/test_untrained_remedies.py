"""Remedies that train nothing: unsure texts sent to the baseline, and layers kept dense."""

import numpy as np
import pandas as pd
import pytest

from pielab.analysis import untrained_remedies
from pielab.analysis.fallback import halves, negative_flips, sent_texts
from pielab.analysis.layers import choosing_half
from pielab.analysis.remedies import COLUMNS, with_verdicts
from pielab.analysis.untrained_remedies import KeptLayers, fallback_row, layer_rows
from pielab.pies.cell import Cell
from pielab.pies.decisions import decide


def cell_of_odds(dense, compressed, labels=None):
    """Return models of two classes by their log odds of class 0, (models, texts); labels are 0."""
    dense, compressed = np.asarray(dense, dtype="f4"), np.asarray(compressed, dtype="f4")
    labels = np.zeros(dense.shape[1], dtype=int) if labels is None else labels
    sides = [
        decide({"test": np.stack([odds, np.zeros_like(odds)], axis=2)}, labels[:0])["test"]
        for odds in (dense, compressed)
    ]
    return Cell(*sides, labels, np.arange(len(labels)), "lowest")


def study(kind, replicates=6, texts=400, seed=0):
    """Return models that flip a tenth of the texts: the unsure ones, the sure ones, or by lot."""
    rng = np.random.default_rng([seed, replicates])
    sure = rng.uniform(0.1, 3, (replicates, texts))
    if kind == "lot":
        flipped = rng.random((replicates, texts)) < 0.1
    else:
        rank = sure.argsort(axis=1).argsort(axis=1)
        flipped = rank < 0.1 * texts if kind == "unsure" else rank >= 0.9 * texts
    return cell_of_odds(np.ones((replicates, texts)), np.where(flipped, -sure, sure))


def test_a_fallback_of_four_texts_by_hand(monkeypatch):
    monkeypatch.setattr(untrained_remedies, "SHARE", 0.5)
    # The halves are texts 0 and 2, and texts 1 and 3. One text of two may go: those below the
    # larger margin of the other half, so texts 0, 2 and 3 go, and text 1 stays
    assert [half.tolist() for half in halves(4, np.random.default_rng(0))] == [[0, 2], [1, 3]]
    row = fallback_row(cell_of_odds([[1, 1, 1, 1]], [[-0.1, -2, 1, 0.2]]), ["a", "b"])
    assert row["sent"] == 0.75
    assert [row["nfr_plain"], row["nfr"], row["nfr_change"]] == [0.5, 0.25, -0.25]
    # By lot a quarter of both flips is left, 1/8 of the texts
    assert row["lot_change"] == 0.25 - 0.125
    assert row["score_change"] == 0.25
    assert [row["negative_flips_plain"], row["negative_flips"]] == [2, 1]
    assert [row["kind"], row["remedy"]] == ["fallback", "fallback, 50 % of the texts"]
    assert np.isnan([row["lot_change_low"], row["nfr_change_low"], row["p"]]).all()


def test_a_fallback_is_as_a_slow_count_says():
    cell = study("lot", replicates=5, texts=120)
    (sent,) = sent_texts(cell, [0.1], np.random.default_rng(0))
    flips, left, lot = negative_flips(cell), 0.0, 0.0
    for model in range(5):
        for text in range(120):
            left += flips[model, text] and not sent[model, text]
            lot += flips[model, text] * (1 - sent[model].mean())
    row = fallback_row(cell, ["a", "b"])
    assert row["nfr"] == pytest.approx(left / 600)
    assert row["lot_change"] == pytest.approx((left - lot) / 600)
    assert row["sent"] == pytest.approx(sent.mean())


def verdicts(*kinds):
    rows = [fallback_row(study(kind), ["a", "b"]) for kind in kinds]
    return with_verdicts(pd.DataFrame(rows))["verdict"].tolist()


def test_a_fallback_is_judged_against_as_many_texts_by_lot():
    # Sure flips: the unsure texts are the wrong ones to send, although no flip is added
    assert verdicts("unsure", "sure") == ["yes", "worse"]


def test_intervals_of_margins_that_know_nothing_hold_zero():
    missed = 0
    for seed in range(60):
        row = fallback_row(study("lot", replicates=5, texts=200, seed=seed), ["a", "b"])
        missed += not row["lot_change_low"] <= 0 <= row["lot_change_high"]
    assert missed <= 8


def test_kept_layers_are_judged_on_the_half_that_did_not_choose_them():
    # Of texts 1 and 3, which judge, the first layer mends text 1; both layers mend both
    assert [half.tolist() for half in choosing_half(4)] == [[0, 2], [1, 3]]
    cell = cell_of_odds([[1, 1, 1, 1]], [[-1, -1, -1, -1]])
    odds = np.array([[[-1, 1, -1, -1], [-1, 1, -1, 1]]], dtype="f4")  # (replicates, sets, texts)
    restored = np.stack([odds, np.zeros_like(odds)], axis=3)
    kept = KeptLayers(["one", "one+two"], restored, [100, 250])
    rows = list(layer_rows(cell, kept, ["a", "b"]))
    assert [row["remedy"] for row in rows] == ["kept dense: one", "kept dense: one, two"]
    assert [row["nfr_plain"] for row in rows] == [1, 1]
    assert [row["nfr"] for row in rows] == [0.5, 0]
    assert [row["score_change"] for row in rows] == [0.5, 1]
    assert [row["examples"] for row in rows] == [2, 2]
    assert [row["more_bytes"] for row in rows] == [100, 250]
    assert {row["kind"] for row in rows} == {"layers"}


def test_a_dense_layer_that_changes_nothing_mends_nothing():
    cell = study("lot", replicates=6, texts=3000)
    restored = np.stack([cell.compressed.logits] * 2, axis=1)
    kept = KeptLayers(["one", "one+two"], restored, [1, 2])
    table = pd.DataFrame(layer_rows(cell, kept, ["a", "b"]))
    assert (table["nfr_change"] == 0).all()
    assert set(with_verdicts(table)["verdict"]) == {"no"}
    assert set(COLUMNS) < set(table)


def test_dense_layers_can_make_it_worse():
    cell, other = study("unsure", replicates=8), study("lot", replicates=8, seed=1)
    more = -np.abs(other.compressed.logits) * negative_flips(other)[:, :, None]
    logits = np.where(negative_flips(other)[:, :, None], more * [1, 0], cell.compressed.logits)
    kept = KeptLayers(["one"], logits[:, None].astype("f4"), [1])
    assert with_verdicts(pd.DataFrame(layer_rows(cell, kept, ["a", "b"])))["verdict"][0] == "worse"


def test_verdicts_of_a_kind_are_not_adjusted_for_those_of_others():
    rows = [
        {"kind": kind, "p": p, "nfr_change_low": -0.02, "nfr_change_high": -0.01, "nfr_plain": 0.1}
        for kind, p in (("training", 0.04), ("fallback", 0.001), ("fallback", 0.9))
    ]
    table = with_verdicts(pd.DataFrame(rows))
    assert table["q"].tolist() == [0.04, 0.002, 0.9]
    assert table["verdict"].tolist() == ["yes", "yes", "probably"]
