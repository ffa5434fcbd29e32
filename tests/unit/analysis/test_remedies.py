"""What a remedy changes, seed by seed, and when it is said to mend."""

import itertools
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from helpers.cells import cell_of
from pielab.analysis.fallback import rows_of
from pielab.analysis.remedies import COLUMNS, LEAST, remedy_row, swap_p, verdict, with_verdicts
from pielab.stats.negative_flips import negative_flips
from pielab.stats.noise_floor import noise_floor


def study(replicates=6, texts=400, wrong=0.2, mended=0.0, seed=0, several=False):
    """Return a cell with a remedy that mends this share of what compression breaks, and without."""
    rng = np.random.default_rng(seed)
    if several:
        labels = (rng.random((texts, 3)) < 0.5).astype(np.uint8)
        dense = labels[None].astype(bool) ^ (rng.random((replicates, texts, 3)) < 0.1)
        broken = rng.random(dense.shape) < wrong
        left = broken & (rng.random(dense.shape) >= mended)
        return tuple(cell_of(dense, dense ^ own, labels) for own in (left, broken))
    labels = rng.integers(0, 3, texts)
    dense = np.where(rng.random((replicates, texts)) < 0.9, labels, (labels + 1) % 3)
    broken = rng.random(dense.shape) < wrong
    left = broken & (rng.random(dense.shape) >= mended)
    return tuple(
        cell_of(dense, np.where(own, (dense + 1) % 3, dense), labels, n_classes=3)
        for own in (left, broken)
    )


def test_two_seeds_of_four_texts_by_hand():
    # Labels all 0. Dense right everywhere but seed 1 on text 3. Plain wrong: seed 0 on texts 0, 1;
    # seed 1 on texts 0, 3. With the remedy: seed 0 on text 0; seed 1 on text 3.
    dense = [[0, 0, 0, 0], [0, 0, 0, 1]]
    plain = cell_of(dense, [[1, 1, 0, 0], [1, 0, 0, 1]])
    cell = cell_of(dense, [[1, 0, 0, 0], [0, 0, 0, 1]])
    row = remedy_row(cell, plain, ["a", "b"])
    assert row["nfr_plain"] == 3 / 8
    assert row["nfr"] == 1 / 8
    assert row["nfr_change"] == -2 / 8
    # Against the other seed's dense model: plain 0 on texts 0, 1; 1 on texts 0 and 3; with the
    # remedy 0 on text 0, and 1 on text 3
    assert row["other_nfr_change"] == -2 / 8
    assert row["score_change"] == 2 / 8
    assert row["worst_class"] == "a"
    assert row["worst_class_change"] == 2 / 8
    # Of two models a tie goes to the lowest class, which is right
    assert row["negative_flips_plain"] == 1  # text 0
    assert row["negative_flips"] == 0
    assert np.isnan(row["nfr_change_low"])
    assert list(row) == list(COLUMNS)


@pytest.mark.parametrize("several", [False, True])
def test_changes_are_the_differences_of_what_each_cell_has_by_itself(several):
    cell, plain = study(mended=0.5, several=several)
    row = remedy_row(cell, plain, ["a", "b", "c"])
    rates = []
    for one in (cell, plain):
        before, after = ((side.decisions == one.truth).all(axis=2) for side in one.sides)
        rates.append((before & ~after).mean())
    assert [row["nfr"], row["nfr_plain"]] == pytest.approx(rates)
    excesses = [noise_floor(one, np.random.default_rng(0)).excess.estimate for one in (cell, plain)]
    assert row["excess_change"] * 400 == pytest.approx(excesses[0] - excesses[1])
    flips = [negative_flips(one, np.random.default_rng(0)).excess.estimate for one in (cell, plain)]
    assert row["negative_flip_excess_change"] * 400 == pytest.approx(flips[0] - flips[1])


def test_flips_against_other_seeds_are_those_of_all_other_pairs_one_by_one():
    cell, plain = study(replicates=4, texts=30, mended=0.3)
    found = []
    for one in (cell, plain):
        before, after = ((side.decisions == one.truth).all(axis=2) for side in one.sides)
        pairs = [(s, t) for s, t in itertools.product(range(4), repeat=2) if s != t]
        found.append(np.mean([(before[t] & ~after[s]).mean() for s, t in pairs]))
    row = remedy_row(cell, plain, ["a", "b", "c"])
    assert row["other_nfr_change"] == pytest.approx(found[0] - found[1])


def test_a_planted_remedy_is_found_and_its_reverse_is_worse():
    cell, plain = study(replicates=8, mended=0.6)
    table = pd.DataFrame(
        [remedy_row(*pair, ["a", "b", "c"]) for pair in ((cell, plain), (plain, cell))]
    ).assign(kind="training")
    found = with_verdicts(table)
    assert found["verdict"].tolist() == ["yes", "worse"]
    assert found["lost"].iloc[0] == ""
    assert "score" in found["lost"].iloc[1]
    assert "PIEs" in found["lost"].iloc[1]


def test_a_remedy_that_does_nothing_changes_nothing_and_mends_nothing():
    cell, _ = study(replicates=8, texts=2000)
    row = remedy_row(cell, replace(cell), ["a", "b", "c"])
    assert row["nfr_change"] == row["excess_change"] == row["score_change"] == 0
    assert row["nfr_change_low"] < 0 < row["nfr_change_high"]
    assert row["p"] == 1
    assert verdict(row, 1.0) == "no"


def test_intervals_of_remedies_that_do_nothing_hold_zero():
    missed = 0
    for seed in range(60):
        cell, _ = study(replicates=5, texts=200, seed=seed)
        rng = np.random.default_rng([seed, 1])
        broken = rng.random(cell.baseline.decisions.shape[:2]) < 0.2
        dense = cell.baseline.decisions.argmax(axis=2)
        plain = cell_of(dense, np.where(broken, (dense + 1) % 3, dense), cell.labels, n_classes=3)
        row = remedy_row(cell, plain, ["a", "b", "c"])
        missed += not row["nfr_change_low"] <= 0 <= row["nfr_change_high"]
    assert missed <= 8


def test_an_interval_is_at_least_that_of_students_t_over_seeds():
    cell, plain = study(replicates=6, mended=0.5)
    row = remedy_row(cell, plain, ["a", "b", "c"])
    rates = []
    for one in (cell, plain):
        before, after = ((side.decisions == one.truth).all(axis=2) for side in one.sides)
        rates.append((before & ~after).mean(axis=1))
    changes = rates[0] - rates[1]
    error = stats.t.ppf(0.975, 5) * changes.std(ddof=1) / 6**0.5
    assert row["nfr_change_low"] <= changes.mean() - error + 1e-12
    assert row["nfr_change_high"] >= changes.mean() + error - 1e-12


# --- words ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("low", "high", "q", "word"),
    [
        (-0.02, -0.01, 0.01, "yes"),
        (-0.02, -0.01, 0.06, "probably"),
        (-0.02, 0.01, 0.01, "unclear"),
        (0.01, 0.02, 0.01, "worse"),
        (-0.0019, 0.01, 0.9, "no"),  # a tenth of 2 % is 0.2 %
        (np.nan, np.nan, np.nan, "unclear"),
    ],
)
def test_the_interval_of_what_is_mended_decides(low, high, q, word):
    row = {"nfr_change_low": low, "nfr_change_high": high, "nfr_plain": 0.02}
    assert verdict(row, q) == word
    assert LEAST == 0.1


def test_a_change_of_all_of_six_seeds_is_one_of_two_in_sixty_four():
    assert swap_p(np.array([-1.0, -2, -1, -3, -1, -2])) == 2 / 64
    assert np.isnan(swap_p(np.array([-1.0, -2, -1])))
    assert swap_p(np.zeros(5)) == 1


def test_of_many_seeds_so_many_swaps_are_drawn():
    assert swap_p(-np.ones(20)) == pytest.approx(1 / 10000, abs=2e-4)


def test_swaps_are_all_ways_of_signs_taken_one_by_one():
    changes = np.array([0.5, -0.1, 0.2, 0.4, -0.3])
    extreme = [
        abs(sum(s * c for s, c in zip(signs, changes, strict=True))) >= abs(changes.sum()) - 1e-12
        for signs in itertools.product((1, -1), repeat=5)
    ]
    assert swap_p(changes) == np.mean(extreme)


def test_copies_of_texts_are_worth_no_more_than_the_texts():
    cells = study(mended=0.4)
    rows = np.repeat(np.arange(400), 3)
    copied = [replace(rows_of(one, rows), clusters=rows) for one in cells]
    alone = [replace(one, clusters=np.arange(400)) for one in cells]
    each = [remedy_row(*both, ["a", "b", "c"]) for both in (alone, copied)]
    ignored = remedy_row(*(replace(one, clusters=None) for one in copied), ["a", "b", "c"])
    for name in ("nfr", "other_nfr", "negative_flip_excess", "score", "worst_class"):
        ends = [(row[f"{name}_change_low"], row[f"{name}_change_high"]) for row in each]
        np.testing.assert_allclose(*ends, atol=0.003)
        assert (
            np.subtract(*ends[1]) <= ignored[f"{name}_change_low"] - ignored[f"{name}_change_high"]
        )
