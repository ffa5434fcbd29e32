"""What is said of a cell's certainty, on made-up decisions."""

import numpy as np
import pandas as pd
import pytest

from pielab.analysis import certainty
from pielab.pies.decisions import decide_single
from pielab.pies.find import count_pies, find_pies
from pielab.stats import noise
from pielab.vocabulary import TIES

RNG = np.random.default_rng(0)
EXAMPLES = 300


def one_label(skill, seeds=8, classes=2):
    """Return decisions of models that are right with probability `skill`; the label is 0."""
    ids = RNG.random((seeds, EXAMPLES)) > skill
    return ids[:, :, None] == np.arange(classes)


def several_labels(skill, seeds=8):
    return RNG.random((seeds, EXAMPLES, 3)) < skill


ZEROS = np.zeros(EXAMPLES, dtype=np.int64)


def test_an_example_that_all_pruned_models_lose_is_certain_and_one_that_none_does_is_not():
    dense = np.ones((10, 20), dtype=bool)
    pruned = dense.copy()
    pruned[:, :5] = False
    sides = [np.stack([side, ~side], axis=2) for side in (dense, pruned)]
    table = certainty.test_examples(*sides, np.zeros(20, dtype=np.int64))
    assert list(table["tier"]) == ["certain"] * 5 + ["seed noise"] * 15
    assert table["p"][0] == pytest.approx(2 * 0.5**10)


def test_five_seeds_can_be_likely_and_three_cannot():
    def best(seeds):
        dense = np.ones((seeds, 10, 1), dtype=bool)
        table = certainty.test_examples(dense, ~dense, np.zeros(10, dtype=np.int64))
        return set(table["tier"])

    assert best(6) == {"certain"}
    assert best(5) == {"likely"}
    assert best(3) == {"seed noise"}


def test_of_several_labels_an_example_is_as_sure_as_its_surest_class():
    dense = np.zeros((12, 4, 2), dtype=bool)
    pruned = dense.copy()
    pruned[:, 0, 1] = True
    table = certainty.test_examples(dense, pruned, np.zeros((4, 2), dtype=np.uint8))
    assert list(table["tier"]) == ["certain", "seed noise", "seed noise", "seed noise"]
    assert table["class_q"][0][0] == 1
    assert table["class_q"][0][1] == table["q"][0] < 0.05


@pytest.mark.parametrize("kind", ["one", "several"])
def test_a_cell_is_described_as_the_library_says(kind):
    several = kind == "several"
    shape = (EXAMPLES, 3)
    logits = [RNG.normal(shift, 1, (8, *shape)) for shift in (0, [0.8, 0, -0.8])]
    labels = (RNG.random(shape) < 0.5).astype(np.uint8) if several else RNG.integers(0, 3, EXAMPLES)
    sides = [side > 0 if several else decide_single(side) for side in logits]
    found, scores, rows, curve = certainty.describe(sides, logits, labels, ZEROS, "lowest")
    (row,) = rows.to_dict("records")
    assert set(row) == {*certainty.CELL_COLUMNS, *certainty.AGREEMENT_COLUMNS}
    assert row["pies_lowest"] == found["pie"].sum() == curve["pies"].iloc[-1]
    assert len(scores) == 2 * 8
    ids = [side if several else side.argmax(axis=2) for side in sides]
    for rule in TIES:
        share = noise.pie_share(*ids, rule)
        assert row[f"pies_{rule}"] == pytest.approx(share.estimate * EXAMPLES)
    share = noise.pie_share(*ids)
    assert (row["pie_share_low"], row["pie_share_high"]) == pytest.approx(share[1:])
    assert row["excess"] == pytest.approx(row["half_pies"] - row["noise_floor"])
    assert row["excess_low"] < row["excess"] < row["excess_high"]
    assert row["p"] < 0.05
    assert row["half_seeds"] == 4
    without = np.stack(found["pie_without"]).T / 2
    np.testing.assert_array_equal(without, noise.pies_without_each(*ids))


def test_one_seed_tells_nothing_but_the_number_of_pies():
    dense, pruned = one_label(0.7, seeds=1), one_label(0.5, seeds=1)
    found = find_pies(dense, pruned, ZEROS, np.arange(EXAMPLES))
    found = pd.concat([found, certainty.test_examples(dense, pruned, ZEROS)], axis=1)
    row = certainty.cell_row(dense, pruned, ZEROS, found, "lowest", RNG)
    assert row["pies_exclude"] == found["pie"].sum()
    assert np.isnan([row["noise_floor"], row["excess"], row["p"]]).all()
    assert certainty.seed_rows(dense, pruned, ZEROS, "lowest", RNG).empty


def test_the_curve_ends_with_all_seeds_and_their_pies():
    dense, pruned = one_label(0.7), one_label(0.5)
    curve = certainty.seed_rows(dense, pruned, ZEROS, "lowest", np.random.default_rng(0))
    assert list(curve["seeds"]) == [2, 3, 4, 5, 7, 8]
    assert curve["pies"].iloc[-1] == count_pies(dense, pruned, "lowest", False)
    assert curve["overlap"].iloc[-1] == 1


def test_models_that_did_not_change_agree_in_every_way():
    logits = RNG.normal(size=(4, EXAMPLES, 2)).astype(np.float32)
    decided = decide_single(logits)
    row = certainty.agreement_row(decided, decided, [logits, logits], ZEROS)
    assert set(row) == set(certainty.AGREEMENT_COLUMNS)
    assert row["churn_same_seed"] == row["kl_divergence"] == 0
    assert row["label_loyalty"] == row["probability_loyalty"] == 1
    assert row["calibration_error_baseline"] == row["calibration_error_compressed"]


def test_q_values_are_adjusted_over_the_cells_of_a_split_and_what_is_unknown_stays_so():
    cells = pd.DataFrame(
        {"split": ["a", "a", "a", "b"], "p": [0.01, 0.04, np.nan, 0.04], "end": [0] * 4}
    )
    table = certainty.adjust(cells)
    assert list(table) == ["split", "p", "q", "end"]
    assert table["q"].fillna(-1).tolist() == pytest.approx([0.02, 0.04, -1, 0.04])
