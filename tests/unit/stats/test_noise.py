"""PIEs that seeds alone would make: floor, excess, permutation test, and fewer seeds."""

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pielab.pies import votes
from pielab.pies.find import find_pies
from pielab.stats import noise
from pielab.stats.intervals import mean_interval
from pielab.vocabulary import TIES

KINDS = {"two classes": (2, 0), "three classes": (3, 0), "several labels": (2, 3)}


def predictions(seed, seeds=6, examples=30, classes=3, labels=0):
    rng = np.random.default_rng(seed)
    if labels:
        share = rng.beta(0.7, 0.7, (examples, labels))
        return [rng.random((seeds, examples, labels)) < share for _ in range(2)]
    scores = rng.normal(0, 1.5, (examples, classes))
    luck = rng.gumbel(size=(2, seeds, examples, classes))
    return list((scores + luck).argmax(3).astype(np.int8))


def slow_label(item, ties):
    """Return the modal label of one item's predictions, None if a tie excludes it."""
    counts = [list(item).count(c) for c in range(max(item, default=0) + 1)]
    best = [c for c, count in enumerate(counts) if count == max(counts)]
    if len(best) > 1 and ties == "exclude":
        return None
    return best[-1 if ties == "highest" else 0]


def slow_pies(one, other, ties):
    """Return which examples are PIEs between two groups of models, by definition."""
    found = np.zeros(one.shape[1], dtype=bool)
    for example in range(one.shape[1]):
        items = [(one[:, example], other[:, example])]
        if one.dtype == bool:
            items = zip(one[:, example].T.astype(int), other[:, example].T.astype(int), strict=True)
        for left, right in items:
            a, b = slow_label(left, ties), slow_label(right, ties)
            found[example] |= a is not None and b is not None and a != b
    return found


def slow_excess(dense, pruned, one, other, ties):
    crossed = slow_pies(dense[one], pruned[other], ties) * 0.5
    crossed += slow_pies(dense[other], pruned[one], ties) * 0.5
    return crossed - slow_pies(dense[one], dense[other], ties)


@pytest.mark.parametrize("ties", TIES)
@pytest.mark.parametrize("kind", KINDS)
def test_floor_and_excess_are_means_over_splits_of_what_the_definition_gives(kind, ties):
    classes, labels = KINDS[kind]
    dense, pruned = predictions(1, seeds=7, classes=classes, labels=labels)
    found = noise.noise_floor(dense, pruned, np.random.default_rng(5), ties, splits=8)
    halves = noise._draw([7] * 8, 7, np.random.default_rng(5))[:2].astype(bool)
    splits = list(zip(*halves, strict=True))
    assert all(a.sum() == b.sum() == 3 and not (a & b).any() for a, b in splits)
    floor = np.mean([slow_pies(dense[a], dense[b], ties).sum() for a, b in splits])
    noise_floor_compressed = np.mean([slow_pies(pruned[a], pruned[b], ties).sum() for a, b in splits])
    excess = np.mean([slow_excess(dense, pruned, a, b, ties).sum() for a, b in splits])
    assert found.half == 3
    np.testing.assert_allclose(
        [found.floor, found.noise_floor_compressed, found.excess.estimate, found.half_pies],
        [floor, noise_floor_compressed, excess, floor + excess],
    )


@pytest.mark.parametrize("kind", KINDS)
def test_interval_of_the_excess_is_that_of_leaving_out_each_seed(kind):
    classes, labels = KINDS[kind]
    dense, pruned = predictions(2, seeds=6, classes=classes, labels=labels)
    found = noise.noise_floor(dense, pruned, np.random.default_rng(5), splits=4)
    halves = noise._draw([6] * 4, 6, np.random.default_rng(5))[:2].astype(bool)
    left_out = np.zeros((6, 30))
    for seed, (a, b), ties in itertools.product(
        range(6), zip(*halves, strict=True), ("lowest", "highest")
    ):
        others = np.arange(6) != seed
        left_out[seed] += slow_excess(dense, pruned, a & others, b & others, ties) / 8
    excess = [slow_excess(dense, pruned, a, b, "lowest") for a, b in zip(*halves, strict=True)]
    expected = mean_interval(np.mean(excess, axis=0), left_out)
    np.testing.assert_allclose(found.excess, 30 * np.array(expected), rtol=1e-5)


def test_two_groups_of_opposite_models_have_no_floor_and_all_the_excess():
    dense = np.zeros((4, 10), dtype=np.int8)
    found = noise.noise_floor(dense, dense + 1, np.random.default_rng(0))
    assert found[:4] == (2, 0.0, 0.0, 10.0)
    assert found.excess == (10.0, 10.0, 10.0)


def test_fewer_than_four_seeds_give_an_estimate_without_an_interval():
    dense, pruned = predictions(3, seeds=3)
    found = noise.noise_floor(dense, pruned, np.random.default_rng(0))
    assert found.half == 1
    assert np.isfinite(found.excess.estimate)
    assert np.isnan(found.excess.low)
    assert np.isnan(found.excess.high)


@pytest.mark.parametrize("ties", TIES)
@pytest.mark.parametrize("kind", KINDS)
def test_permutation_test_of_few_seeds_counts_pies_of_every_swap(kind, ties):
    classes, labels = KINDS[kind]
    dense, pruned = predictions(4, seeds=4, classes=classes, labels=labels)
    counts = []
    for swap in itertools.product([False, True], repeat=4):
        rows = np.array(swap).reshape(4, *[1] * (dense.ndim - 1))
        one, other = np.where(rows, pruned, dense), np.where(rows, dense, pruned)
        counts.append(slow_pies(one, other, ties).sum())
    test = noise.permutation_test(dense, pruned, np.random.default_rng(0), ties)
    assert test.exact
    assert test.pies == counts[0]
    assert test.p == np.mean(np.array(counts) >= counts[0])
    assert sorted([*test.null, *test.null]) == sorted(counts)


def test_p_value_of_a_hand_computed_case():
    # Both seeds change the only example: of the four swaps, none and both leave it a PIE; a
    # swap of one seed makes two ties, which both go to class 0
    dense, pruned = np.array([[0], [0]]), np.array([[1], [1]])
    test = noise.permutation_test(dense, pruned, np.random.default_rng(0))
    assert (test.pies, test.p, list(test.null)) == (1, 0.5, [1, 0])


def test_random_permutations_count_the_observed_one_too():
    dense = np.zeros((13, 20), dtype=np.int8)
    test = noise.permutation_test(dense, dense + 1, np.random.default_rng(0), permutations=99)
    # The majority of 13 models always turns: every swap has all PIEs
    assert (test.exact, len(test.null), test.p) == (False, 99, 1.0)
    pruned = dense + np.tri(20, dtype=np.int8)[:13]
    test = noise.permutation_test(dense, pruned, np.random.default_rng(0), permutations=99)
    assert test.p == (1 + (test.null >= test.pies).sum()) / 100


@given(st.integers(0, 2**32 - 1), st.integers(2, 9), st.sampled_from(TIES), st.integers(0, 3))
@settings(max_examples=40, deadline=None)
def test_pies_are_those_of_find_pies(seed, seeds, ties, labels):
    dense, pruned = predictions(seed, seeds=seeds, labels=labels)
    if labels:
        decisions, truth = (dense, pruned), np.zeros((30, labels), dtype=np.uint8)
    else:
        decisions = [side[:, :, None] == np.arange(3) for side in (dense, pruned)]
        truth = np.zeros(30, dtype=np.int64)
    expected = find_pies(*decisions, truth, np.arange(30), ties)["pie"].sum()
    test = noise.permutation_test(dense, pruned, np.random.default_rng(0), ties, permutations=9)
    curve = noise.seed_curve(dense, pruned, [seeds], np.random.default_rng(0), ties, draws=2)
    assert test.pies == curve[0].pies == expected
    assert noise.pie_share(dense, pruned, ties).estimate == pytest.approx(expected / 30)


@given(st.integers(0, 2**32 - 1), st.sampled_from(TIES))
@settings(max_examples=20, deadline=None)
def test_swapping_dense_and_pruned_or_reordering_seeds_changes_no_test(seed, ties):
    dense, pruned = predictions(seed, seeds=5)
    order = np.random.default_rng(seed).permutation(5)
    rng = np.random.default_rng(0)
    first = noise.permutation_test(dense, pruned, rng, ties)
    assert noise.permutation_test(pruned, dense, rng, ties)[:2] == first[:2]
    assert noise.permutation_test(dense[order], pruned[order], rng, ties)[:2] == first[:2]


def test_one_label_is_the_same_as_two_classes():
    dense, pruned = predictions(6, seeds=6, classes=2)
    as_labels = [side[:, :, None].astype(bool) for side in (dense, pruned)]
    for ties in TIES:
        single = noise.noise_floor(dense, pruned, np.random.default_rng(0), ties)
        multi = noise.noise_floor(*as_labels, np.random.default_rng(0), ties)
        np.testing.assert_allclose(single[:4], multi[:4])
        np.testing.assert_allclose(single.excess, multi.excess)


def test_examples_on_which_all_models_agree_add_nothing_to_counts():
    dense, pruned = predictions(7)
    padded = [np.hstack([side, np.full((6, 500), 2, dtype=np.int8)]) for side in (dense, pruned)]
    short = noise.noise_floor(dense, pruned, np.random.default_rng(0))
    long = noise.noise_floor(*padded, np.random.default_rng(0))
    np.testing.assert_allclose(short[:4], long[:4])
    assert short.excess.estimate == pytest.approx(long.excess.estimate)


def test_counts_do_not_depend_on_how_examples_are_cut_into_blocks(monkeypatch):
    dense, pruned = predictions(8, labels=2)
    whole = noise.noise_floor(dense, pruned, np.random.default_rng(0))
    monkeypatch.setattr(votes, "BLOCK", 1)
    blocks = noise.noise_floor(dense, pruned, np.random.default_rng(0))
    np.testing.assert_allclose([*whole[:4], *whole.excess], [*blocks[:4], *blocks.excess])


def test_more_than_127_seeds_and_classes_are_counted():
    rng = np.random.default_rng(0)
    dense, pruned = rng.integers(120, 140, (2, 150, 40)).astype(np.int16)
    dense[:, 0], pruned[:100, 0] = 139, 138  # 150 votes for 139 against 100 for 138
    test = noise.permutation_test(dense, pruned, rng, permutations=20)
    assert test.pies == slow_pies(dense, pruned, "lowest").sum()
    assert slow_pies(dense, pruned, "lowest")[0]


def test_a_subset_of_seeds_finds_what_its_models_alone_would():
    dense, pruned = predictions(9, seeds=6)
    sizes = [2, 5, 6]
    curve = noise.seed_curve(dense, pruned, sizes, np.random.default_rng(3), draws=4)
    drawn = noise._draw([*np.repeat(sizes, 4), 6], 6, np.random.default_rng(3)).astype(bool)
    reference = slow_pies(dense, pruned, "lowest")
    for index, point in enumerate(curve):
        rows = range(4 * index, 4 * index + 4)
        sets = [slow_pies(dense[drawn[2, r]], pruned[drawn[2, r]], "lowest") for r in rows]
        overlap = [(s & reference).sum() / max(1, (s | reference).sum()) for s in sets]
        excess = [slow_excess(dense, pruned, *drawn[:2, r], "lowest").sum() for r in rows]
        expected = [
            f(x) for x in (np.sum(sets, axis=1), excess, overlap) for f in (np.mean, np.std)
        ]
        np.testing.assert_allclose(point, [sizes[index], *expected], atol=1e-12)
    assert (curve[-1].pies_sd, curve[-1].overlap) == (0.0, 1.0)


def test_without_pies_all_subsets_agree_and_nothing_fails():
    same = np.ones((5, 10), dtype=np.int8)
    rng = np.random.default_rng(0)
    assert noise.seed_curve(same, same, [2], rng)[0] == (2, 0.0, 0.0, 0.0, 0.0, 1.0, 0.0)
    assert noise.permutation_test(same, same, rng).p == 1.0
    assert noise.noise_floor(same, same, rng).excess == (0.0, 0.0, 0.0)
    share = noise.pie_share(same, same)
    assert share.low == pytest.approx(0.0, abs=1e-12)
    assert 0 < share.high < 0.3  # none of ten is no proof of none


@pytest.mark.parametrize(
    ("dense", "pruned", "ties", "message"),
    [
        (np.zeros((3, 5), int), np.zeros((3, 4), int), "lowest", r"\(3, 5\).*\(3, 4\)"),
        (np.zeros((1, 5), int), np.zeros((1, 5), int), "lowest", "seeds >= 2"),
        (np.zeros((3, 5, 2), int), np.zeros((3, 5, 2), int), "lowest", "int64"),
        (np.zeros((3, 5), bool), np.zeros((3, 5), bool), "lowest", "bool"),
        (np.full((3, 5), -1), np.zeros((3, 5), int), "lowest", "negative"),
        (np.zeros((3, 5), int), np.zeros((3, 5), int), "first", "'first'.*lowest, highest"),
    ],
)
def test_unfit_predictions_and_rules_are_refused_by_name(dense, pruned, ties, message):
    with pytest.raises(ValueError, match=message):
        noise.noise_floor(dense, pruned, np.random.default_rng(0), ties)


@pytest.mark.parametrize("sizes", [[1, 3], [3, 4]])
def test_subsets_larger_than_the_study_or_of_one_seed_are_refused(sizes):
    dense, pruned = predictions(0, seeds=3)
    with pytest.raises(ValueError, match="expected 2 to 3"):
        noise.seed_curve(dense, pruned, sizes, np.random.default_rng(0))


@pytest.mark.parametrize("seeds", [4, 5])
def test_pies_without_a_seed_are_those_of_the_other_seeds_by_either_tie_rule(seeds):
    rng = np.random.default_rng(0)
    dense, pruned = rng.integers(0, 3, (2, seeds, 200))
    found = noise.pies_without_each(dense, pruned)
    for seed in range(seeds):
        sides = [
            np.delete(side, seed, axis=0)[:, :, None] == np.arange(3) for side in (dense, pruned)
        ]
        flags = []
        for ties in ("lowest", "highest"):
            one, other = (
                votes.majority(side.sum(axis=0), seeds - 1, ties, False)[0] for side in sides
            )
            flags.append((one != other).any(axis=1))
        np.testing.assert_array_equal(found[seed], np.mean(flags, axis=0))
