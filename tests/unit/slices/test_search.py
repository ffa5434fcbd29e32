"""Groups are found on one half of the examples and confirmed on the other."""

import itertools

import numpy as np
import pandas as pd
import pytest

from pielab.slices.conditions import Conditions, conditions
from pielab.slices.search import (
    ALIKE,
    COLUMNS,
    MOST_TESTED,
    candidates,
    find_slices,
    pair_sums,
    search_half,
)

N = 800
TRUTH = np.eye(4, dtype=bool)[np.arange(N) % 4]
CLASSES = ("a", "b", "c", "d")


def study(seed=0, truth=TRUTH, min_examples=20, max_columns=2):
    """Return the candidates of examples with random lengths, and which of them are long."""
    tokens = np.random.default_rng(seed).permutation(len(truth))
    complexity = pd.DataFrame({"tokens": tokens, "flesch_reading_ease": 50.0})
    found = conditions(truth, CLASSES[: truth.shape[1]], complexity, pd.DataFrame())
    half = search_half(range(len(truth)), truth)
    return candidates(found, half, min_examples, max_columns), tokens >= len(truth) * 3 / 4


def found_in(groups, harm, bad=None):
    bad = np.zeros(harm.shape[0], dtype=bool) if bad is None else bad
    return find_slices(groups, harm, bad, np.random.default_rng(0))


def harm_with(group, extra, replicates=1, seed=1):
    """Return harm that is +-1 in 4 % of the cases, and 1 in `extra` more of a group."""
    rng = np.random.default_rng(seed)
    shape = (len(group), replicates)
    drawn = (rng.random(shape) < 0.04) * rng.choice([-1.0, 1.0], shape)
    return np.where(group[:, None] & (rng.random(shape) < extra), 1.0, drawn)


def test_halves_split_each_class_and_do_not_depend_on_the_order_of_rows():
    ids = [f"text {number}" for number in range(N)]
    half = search_half(ids, TRUTH)
    assert (TRUTH[half].sum(axis=0) == N / 8).all()
    order = np.random.default_rng(0).permutation(N)
    shuffled = search_half([ids[at] for at in order], TRUTH[order])
    np.testing.assert_array_equal(shuffled, half[order])


def test_halves_of_examples_with_several_labels_hold_each_pattern_alike():
    truth = np.random.default_rng(0).random((300, 3)) < 0.4
    half = search_half(range(300), truth)
    _, pattern = np.unique(truth, axis=0, return_inverse=True)
    counts = np.array([np.bincount(pattern[one], minlength=8) for one in (half, ~half)])
    assert np.abs(counts[0] - counts[1]).max() <= 1


def test_sums_over_pairs_of_groups_equal_slow_ones(monkeypatch):
    monkeypatch.setattr("pielab.slices.search.CHUNK", 7)
    rng = np.random.default_rng(0)
    holds, weights = rng.random((5, 40)) < 0.5, rng.normal(size=(3, 40))
    slow = [[[w[a & b].sum() for a in holds] for b in holds] for w in weights]
    np.testing.assert_allclose(pair_sums(holds, weights), slow)


@pytest.mark.parametrize("max_columns", [1, 2])
def test_candidates_are_all_large_groups_of_so_many_columns(max_columns):
    groups, _ = study(max_columns=max_columns)
    words = {groups.words(at) for at in range(len(groups.pairs))}
    singles = groups.conditions.words
    expected = set(singles)
    if max_columns == 2:
        for first, second in itertools.combinations(range(len(singles)), 2):
            both = groups.conditions.holds[[first, second]].all(axis=0)
            if groups.conditions.columns[first] != groups.conditions.columns[second]:
                assert both.sum() >= 20
                expected.add(f"{singles[first]} & {singles[second]}")
    assert words == expected
    assert max(len(groups.words(at).split(" & ")) for at in range(len(groups.pairs))) == max_columns


def test_groups_that_are_too_small_in_all_in_a_half_or_outside_are_no_candidates():
    holds = np.zeros((4, 100), dtype=bool)
    for row, number in enumerate((19, 20, 80, 81)):
        holds[row, :number] = True
    every_other = np.arange(100) % 2 == 0
    names = Conditions(["19", "20", "80", "81"], np.arange(4), holds)
    both = candidates(names, every_other, 20, 1)
    assert [both.words(at) for at in range(len(both.pairs))] == ["20", "80"]
    of_one_half = candidates(names, np.arange(100) < 17, 20, 1)  # 20: of which 3 lie in the other
    assert [of_one_half.words(at) for at in range(len(of_one_half.pairs))] == []


@pytest.mark.parametrize("columns", [1, 2])
@pytest.mark.parametrize("replicates", [1, 9])
def test_a_planted_slice_is_found_and_surely_hurt(columns, replicates):
    groups, is_long = study()
    planted = TRUTH[:, 1] & (is_long | (columns == 1))
    found = found_in(groups, harm_with(planted, 0.6, replicates)).set_index("slice")
    words = "class = b" if columns == 1 else "class = b & tokens 600 to 799"
    first = found.loc[words]
    assert first["examples"] == planted.sum()
    assert first["p"] < 0.001
    assert 0.2 < first["low"] < first["excess"] < first["high"] < 1


def test_estimates_are_of_the_half_that_had_no_part_in_the_search():
    groups, _ = study()
    harm = harm_with(TRUTH[:, 1], 0.3)
    first = found_in(groups, harm).set_index("slice").loc["class = b"]
    own, other = TRUTH[:, 1] & ~groups.in_search, ~TRUTH[:, 1] & ~groups.in_search
    assert first["tested"] == own.sum()
    assert first["harm"] == pytest.approx(harm[own].mean())
    assert first["excess"] == pytest.approx(harm[own].mean() - harm[other].mean())
    assert first["average"] == pytest.approx(harm.mean())
    searched_only = np.where(groups.in_search[:, None] & TRUTH[:, [1]], 1.0, 0.0)
    picked = found_in(groups, searched_only).iloc[0]
    assert (picked["slice"], picked["excess"], picked["p"]) == ("class = b", 0, 1)


def test_a_class_that_is_hurt_does_not_come_again_with_each_length():
    groups, is_long = study()
    words = found_in(groups, harm_with(TRUTH[:, 1], 0.6))["slice"].tolist()
    assert "class = b" in words
    assert len([one for one in words if "class = b &" in one]) <= 1
    more = harm_with(TRUTH[:, 1], 0.3) + harm_with(TRUTH[:, 1] & is_long, 0.9, seed=2)
    assert "class = b & tokens 600 to 799" in found_in(groups, more)["slice"].tolist()


def test_groups_of_nearly_the_same_examples_are_one():
    rng = np.random.default_rng(0)
    half, base = rng.random(N) < 0.5, np.arange(N) < 100
    nearly = base.copy()
    nearly[:10] = False
    assert (base & nearly).sum() / (base | nearly).sum() > ALIKE
    groups = candidates(Conditions(["x", "y"], np.arange(2), np.stack([base, nearly])), half, 20, 1)
    assert len(found_in(groups, harm_with(base, 0.6))) == 1


def test_no_more_slices_are_tested_than_the_table_holds():
    rng = np.random.default_rng(0)
    holds = rng.random((60, N)) < 0.3
    groups = candidates(
        Conditions([str(n) for n in range(60)], np.arange(60), holds), rng.random(N) < 0.5, 20, 1
    )
    assert len(found_in(groups, rng.normal(size=(N, 1)))) == MOST_TESTED


@pytest.mark.parametrize("replicates", [1, 9])
@pytest.mark.parametrize("harm", [-1.0, 0.0, 1.0])
def test_where_all_are_hurt_alike_there_is_no_slice_and_no_error(harm, replicates):
    found = found_in(study()[0], np.full((N, replicates), harm))
    assert found.empty
    assert found.dtypes.equals(found_in(study()[0], harm_with(TRUTH[:, 1], 0.6)).dtypes)
    assert list(found) == list(COLUMNS)


@pytest.mark.parametrize("examples", [1, 2, 30])
def test_a_few_examples_of_one_class_make_no_slice_and_no_error(examples):
    groups, _ = study(truth=np.ones((examples, 1), dtype=bool))
    assert found_in(groups, np.ones((examples, 1))).empty


def test_models_of_a_kind_are_asked_only_where_there_are_enough():
    groups, _ = study()
    few, enough = (
        found_in(groups, harm_with(TRUTH[:, 1], 0.6, replicates))
        .set_index("slice")
        .loc["class = b"]
        for replicates in (5, 6)
    )
    assert np.isnan(few["p_replicates"])
    assert enough["p_replicates"] <= 4 / 2**6


def test_what_each_model_does_to_a_class_of_its_own_is_no_more_than_models_do():
    """The class is surely hurt by these models, for one of them loses it wholly."""
    groups, _ = study()
    harm = harm_with(np.zeros(N, dtype=bool), 0, replicates=8)
    harm[TRUTH[:, 1], 0] = 1.0
    first = found_in(groups, harm).set_index("slice").loc["class = b"]
    assert first["p"] < 0.001
    assert first["p_replicates"] > 0.2


def test_negative_flips_of_a_slice_are_counted():
    groups, _ = study()
    bad = np.arange(N) < 40
    found = found_in(groups, harm_with(TRUTH[:, 1], 0.6), bad).set_index("slice")
    assert found.loc["class = b", "negative_flips"] == 10
