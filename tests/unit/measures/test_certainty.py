"""What is said of a cell's certainty, on made-up decisions."""

from dataclasses import replace

import numpy as np
import pytest

from helpers.cells import cell_of, row_of
from pielab.analysis.harm import harm_table
from pielab.measures import certainty, describe
from pielab.measures.pies import count_pies, find_pies
from pielab.pies.cell import Cell, Predictions
from pielab.pies.decisions import decide
from pielab.stats import noise_floor
from pielab.stats.intervals import share_interval
from pielab.vocabulary import TIES

RNG = np.random.default_rng(0)
EXAMPLES = 300


def two_classes(dense_skill, pruned_skill, seeds=8):
    """Return a cell of models that are right with these probabilities; the label is 0."""
    skills = (dense_skill, pruned_skill)
    return cell_of(*(RNG.random((seeds, EXAMPLES)) > skill for skill in skills))


def test_an_example_that_all_pruned_models_lose_is_certain_and_one_that_none_does_is_not():
    dense = np.zeros((10, 20), dtype=int)
    pruned = dense.copy()
    pruned[:, :5] = 1
    table = certainty.example_tests(cell_of(dense, pruned))
    assert list(table["tier"]) == ["certain"] * 5 + ["seed noise"] * 15
    assert table["p"][0] == pytest.approx(2 * 0.5**10)


def test_five_seeds_can_be_likely_and_three_cannot():
    def best(seeds):
        dense = np.zeros((seeds, 10), dtype=int)
        return set(certainty.example_tests(cell_of(dense, dense + 1))["tier"])

    assert best(6) == {"certain"}
    assert best(5) == {"likely"}
    assert best(3) == {"seed noise"}


def test_of_several_labels_each_class_has_a_q_of_its_own():
    dense = np.zeros((12, 4, 2), dtype=bool)
    pruned = dense.copy()
    pruned[:, 0, 1] = True
    table = certainty.example_tests(cell_of(dense, pruned))
    assert list(table["tier"]) == ["certain", "seed noise", "seed noise", "seed noise"]
    assert table["class_q"][0][0] == 1
    assert table["class_q"][0][1] < 0.05


@pytest.mark.parametrize("kind", ["one", "several"])
def test_a_cell_is_described_as_the_library_says(kind):
    several = kind == "several"
    shape = (EXAMPLES, 3)
    logits = [RNG.normal(shift, 1, (8, *shape)) for shift in (0, [0.8, 0, -0.8])]
    labels = (RNG.random(shape) < 0.5).astype(np.uint8) if several else RNG.integers(0, 3, EXAMPLES)
    sides = [decide({"train": side}, labels)["train"] for side in logits]
    if several:
        sides = [Predictions(side, side > 0, True) for side in logits]
    cell = Cell(*sides, labels, np.arange(EXAMPLES), "lowest")
    tables = describe(cell)
    found, curve = tables["examples"], tables["seeds"]
    (row,) = tables["row"].to_dict("records")
    assert row["pies_lowest"] == found["pie"].sum() == curve["pies"].iloc[-1]
    assert len(tables["scores"]) == 2 * 8
    for rule in TIES:
        ruled = Cell(*sides, labels, np.arange(EXAMPLES), rule)
        assert row[f"pies_{rule}"] == find_pies(ruled)["pie"].sum()
    left_out = noise_floor.pies_without_each(cell)
    share = share_interval(found["pie"].to_numpy(dtype=float), left_out)
    assert (row["pie_share_low"], row["pie_share_high"]) == pytest.approx(share[1:])
    assert row["excess"] == pytest.approx(row["half_pies"] - row["noise_floor"])
    assert row["excess_low"] < row["excess"] < row["excess_high"]
    assert row["p"] < 0.05
    assert row["half_seeds"] == 3
    assert row["excess"] == curve["excess"].iloc[-1]
    np.testing.assert_array_equal(np.stack(found["pie_without"]).T / 2, left_out)


def test_one_seed_tells_nothing_but_the_number_of_pies():
    cell = two_classes(0.7, 0.5, seeds=1)
    tables = describe(cell)
    (row,) = tables["row"].to_dict("records")
    assert row["pies_exclude"] == tables["examples"]["pie"].sum()
    assert np.isnan([row["noise_floor"], row["excess"], row["p"]]).all()
    assert tables["seeds"].empty


def test_the_curve_ends_with_all_seeds_and_their_pies():
    cell = two_classes(0.7, 0.5)
    curve = describe(cell)["seeds"]
    assert list(curve["seeds"]) == [3, 5, 7, 8]
    assert curve["excess"].iloc[-1] == row_of(cell)["excess"]
    assert curve["pies"].iloc[-1] == count_pies(cell, "lowest")
    assert curve["overlap"].iloc[-1] == 1


def test_models_that_did_not_change_agree_in_every_way():
    logits = RNG.normal(size=(4, EXAMPLES, 2)).astype(np.float32)
    labels = np.zeros(EXAMPLES, dtype=np.int64)
    decided = decide({"train": logits}, labels)["train"]
    row = row_of(Cell(decided, decided, labels, labels, "lowest"))
    assert row["churn_same_seed"] == row["kl_divergence"] == 0
    assert row["label_loyalty"] == row["probability_loyalty"] == 1
    assert row["calibration_error_baseline"] == row["calibration_error_compressed"]


def test_of_documents_in_clusters_intervals_are_over_clusters():
    rng = np.random.default_rng(0)
    passage = np.repeat(np.arange(20), 6)
    hard = rng.random(20) < 0.3
    answers = [(hard[passage] & (rng.random((5, 120)) < 0.8)).astype(int) for _ in range(2)]
    answers[1] |= ((passage % 4 == 0) & (rng.random((5, 120)) < 0.7)).astype(int)
    cell = cell_of(*answers)
    plain, clustered = row_of(cell), row_of(replace(cell, clusters=passage))
    assert clustered["pies"] == plain["pies"] > 0
    for name in ("pie_share", "excess", "negative_flip_excess"):
        widths = [row[f"{name}_high"] - row[f"{name}_low"] for row in (plain, clustered)]
        assert widths[1] > 1.2 * widths[0]
    assert clustered["excess"] == pytest.approx(plain["excess"])
    single = replace(cell_of(answers[0][:1], answers[1][:1]), clusters=passage)
    row = row_of(single)
    assert np.isnan(row["mcnemar_p"])
    alone = row_of(replace(single, clusters=None))
    assert row["change_high"] - row["change_low"] > alone["change_high"] - alone["change_low"]
    harms = [harm_table(one, ["a", "b"], rng) for one in (replace(cell, clusters=passage), cell)]
    assert (harms[0]["design"] > 1.3).all()
    assert (harms[1]["design"] == 1).all()
