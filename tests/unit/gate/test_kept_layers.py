"""The fewest layers that let a version pass if they are kept dense."""

import json

import numpy as np
import pandas as pd
import pytest

import try_remedies
from pielab import files
from pielab.analysis.layers import choosing_half
from pielab.analysis.untrained_remedies import KeptLayers, read_kept_layers
from pielab.gate import layers
from pielab.gate.layers import Passing, fewest_passing
from pielab.pies.cell import Cell
from pielab.pies.decisions import decide

LIMITS = {"block": 5, "warn": 3}
RULES = {"negative_flips": None, "score": LIMITS, "worst_class": None, "worst_slice": LIMITS}
RULES |= {"calibration": None}
TEXTS, MODELS = 2000, 6


def logits(wrong):
    """Return sure models (models, texts, classes) that get these texts wrong; labels are 0."""
    odds = np.where(wrong, -2.0, 2.0) * np.ones((MODELS, 1))
    return np.stack([odds, np.zeros_like(odds)], axis=2).astype("f4")


def share(percent, rows=slice(None)):
    """Return a share of texts, drawn at random of some rows, as bool (texts,)."""
    found = np.zeros(TEXTS, dtype=bool)
    found[rows] = np.random.default_rng(1).random(len(found[rows])) < percent / 100
    return found


def cell(lost=10):
    sides = (np.zeros(TEXTS, dtype=bool), share(lost))
    decided = [decide({"test": logits(wrong)}, np.zeros(0, int))["test"] for wrong in sides]
    return Cell(*decided, np.zeros(TEXTS, int), np.arange(TEXTS), "lowest")


def kept(*lost):
    """Return sets of one layer, of two ... dense, and what they lose in percent."""
    names = ["+".join(f"layer{at}" for at in range(one + 1)) for one in range(len(lost))]
    restored = np.stack([logits(share(one) if np.isscalar(one) else one) for one in lost], axis=1)
    return KeptLayers(names, restored, [100 * (at + 1) for at in range(len(lost))])


@pytest.mark.parametrize(
    ("lost", "expected"),
    [
        ((1, 1, 1), Passing("layer0", 100, "PASS")),
        ((10, 1, 1), Passing("layer0+layer1", 200, "PASS")),
        ((10, 10, 3), Passing("layer0+layer1+layer2", 300, "WARN")),
        ((10, 10, 10), None),
        ((1, 1, 10), None),  # the most layers are judged first, and end the search
    ],
)
def test_the_fewest_layers_that_pass_are_found(lost, expected):
    assert fewest_passing(cell(), kept(*lost), "ab", RULES, 0.95) == expected


def test_sets_below_one_that_does_not_pass_are_not_looked_at(monkeypatch):
    judged = []
    original = layers.verdict_of

    def verdict_of(*given):
        judged.append(original(*given))
        return judged[-1]

    monkeypatch.setattr(layers, "verdict_of", verdict_of)
    fewest_passing(cell(), kept(1, 10, 1), "ab", RULES, 0.95)
    assert judged == ["PASS", "BLOCK"]


def test_texts_that_chose_the_layers_do_not_judge_them():
    chosen_on, judged_on = choosing_half(TEXTS)
    mended_where_chosen, mended_where_judged = (
        kept(share(10, rows)) for rows in (judged_on, chosen_on)
    )
    assert fewest_passing(cell(), mended_where_chosen, "ab", RULES, 0.95) is None
    found = fewest_passing(cell(), mended_where_judged, "ab", RULES, 0.95)
    assert found == Passing("layer0", 100, "PASS")


def test_both_ways_are_written_for_a_version_that_is_stopped_and_layers_need_a_table(tmp_path):
    settings = {"rules": RULES, "confidence": 0.95}
    rows = list(try_remedies.passing(settings, cell(), "ab", kept(1)))
    assert rows == [{"kind": "layers", "layers": "layer0", "more_bytes": 100, "verdict": "PASS"}]
    assert list(try_remedies.passing(settings, cell(), "ab", None)) == []


def test_what_models_with_dense_layers_predict_is_read_in_the_order_of_seeds_and_draws(tmp_path):
    folder = tmp_path / "wanda" / "sparsity50"
    folder.mkdir(parents=True)
    paths = []
    for block, (seeds, draws) in {"b": ([1, 0], [0, 1]), "a": ([0, 1], [0, 1])}.items():
        values = 10 * np.array(seeds) + np.array(draws)
        arrays = {"seeds": np.array(seeds), "draws": np.array(draws)}
        arrays["restored"] = np.full((2, 1, 3, 2), values[:, None, None, None], dtype="f4")
        paths.append(str(folder / f"{block}.kept.safetensors"))
        files.write_arrays(paths[-1], arrays, {"layers": json.dumps(["one"])})
    table = tmp_path / "wanda" / "sparsity50.kept.csv"
    pd.DataFrame({"layer": ["one"], "more_bytes": [7]}).to_csv(table, index=False)
    (found,) = read_kept_layers(
        [*paths, "x/other/sparsity50/a.kept.safetensors"], [str(table)]
    ).items()
    assert found[0] == ("wanda", "sparsity50")
    assert found[1].restored[:, 0, 0, 0].tolist() == [0, 1, 10, 11]
    assert found[1].more_bytes == [7]
