"""PIEs that seeds alone would make: floor, excess, permutation test, and fewer seeds."""

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from helpers.cells import cell_of
from pielab.measures.pies import find_pies
from pielab.pies import votes
from pielab.stats import noise_floor
from pielab.stats.intervals import mean_interval
from pielab.stats.subsets import all_splits, draw_subsets, half_size
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


def splits_by_definition(seeds):
    """Return the disjoint pairs of halves of these seeds, as lists of bool masks."""
    half = {2: 1, 3: 1, 4: 1, 5: 1, 6: 3, 7: 3, 8: 3}[seeds]
    masks = [np.isin(np.arange(seeds), own) for own in itertools.combinations(range(seeds), half)]
    return [(a, b) for a, b in itertools.combinations(masks, 2) if not (a & b).any()]


@pytest.mark.parametrize("seeds", [2, 5, 7])
@pytest.mark.parametrize("ties", TIES)
@pytest.mark.parametrize("kind", KINDS)
def test_floor_and_excess_of_few_seeds_are_means_over_every_split(kind, ties, seeds):
    classes, labels = KINDS[kind]
    dense, pruned = predictions(1, seeds=seeds, classes=classes, labels=labels)
    found = noise_floor.noise_floor(cell_of(dense, pruned, ties=ties), np.random.default_rng(5))
    splits = splits_by_definition(seeds)
    floor = np.mean([slow_pies(dense[a], dense[b], ties).sum() for a, b in splits])
    of_compressed = np.mean([slow_pies(pruned[a], pruned[b], ties).sum() for a, b in splits])
    excess = np.mean([slow_excess(dense, pruned, a, b, ties).sum() for a, b in splits])
    assert found.half_seeds == splits[0][0].sum()
    np.testing.assert_allclose(
        [found.floor, found.noise_floor_compressed, found.excess.estimate, found.half_pies],
        [floor, of_compressed, excess, floor + excess],
    )


@pytest.mark.parametrize("kind", KINDS)
def test_interval_of_the_excess_is_that_of_leaving_out_each_seed_of_a_half(kind):
    classes, labels = KINDS[kind]
    dense, pruned = predictions(2, seeds=6, classes=classes, labels=labels)
    found = noise_floor.noise_floor(cell_of(dense, pruned), np.random.default_rng(5))
    splits, left_out = splits_by_definition(6), np.zeros((6, 30))
    for seed, (a, b), ties in itertools.product(range(6), splits, ("lowest", "highest")):
        others = np.arange(6) != seed
        left_out[seed] += slow_excess(dense, pruned, a & others, b & others, ties)
    excess = [slow_excess(dense, pruned, a, b, "lowest") for a, b in splits]
    expected = mean_interval(np.mean(excess, axis=0), left_out / (2 * len(splits)))
    np.testing.assert_allclose(found.excess, 30 * np.array(expected), rtol=1e-5)


def test_interval_of_the_excess_of_single_models_is_that_of_the_splits_without_each_seed():
    dense, pruned = predictions(2, seeds=5)
    found = noise_floor.noise_floor(cell_of(dense, pruned), np.random.default_rng(5))
    splits = splits_by_definition(5)
    excess = np.array([slow_excess(dense, pruned, a, b, "lowest") for a, b in splits])
    without = [[not (a | b)[seed] for a, b in splits] for seed in range(5)]
    expected = mean_interval(
        excess.mean(axis=0), np.stack([excess[own].mean(0) for own in without])
    )
    np.testing.assert_allclose(found.excess, 30 * np.array(expected), rtol=1e-5)


def test_halves_are_odd_so_that_two_classes_cannot_tie():
    assert [half_size(seeds) for seeds in (2, 3, 4, 5, 6, 8, 10, 20, 30)] == [
        *(1, 1, 1, 1, 3, 3, 5, 9, 15)
    ]


def test_drawn_splits_have_a_small_error_and_all_of_few_seeds_have_none():
    assert all_splits(8).shape == (2, 280, 8)
    assert all_splits(13) is None
    dense, pruned = predictions(3, seeds=13, examples=200)
    floors = [
        noise_floor.noise_floor(cell_of(dense, pruned), np.random.default_rng(run))
        for run in range(20)
    ]
    estimates = [floor.excess.estimate for floor in floors]
    assert 0 < np.std(estimates) < 0.01 * 200


def test_two_groups_of_opposite_models_have_no_floor_and_all_the_excess():
    dense = np.zeros((4, 10), dtype=np.int8)
    found = noise_floor.noise_floor(cell_of(dense, dense + 1), np.random.default_rng(0))
    assert found[:4] == (1, 0.0, 0.0, 10.0)
    assert found.excess == (10.0, 10.0, 10.0)


def test_fewer_than_four_seeds_give_an_estimate_without_an_interval():
    dense, pruned = predictions(3, seeds=3)
    found = noise_floor.noise_floor(cell_of(dense, pruned), np.random.default_rng(0))
    assert found.half_seeds == 1
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
    test = noise_floor.permutation_test(cell_of(dense, pruned, ties=ties), np.random.default_rng(0))
    assert test.exact
    assert test.pies == counts[0]
    assert test.p == np.mean(np.array(counts) >= counts[0])
    assert sorted([*test.null, *test.null]) == sorted(counts)


def test_p_value_of_a_hand_computed_case():
    # Both seeds change the only example: of the four swaps, none and both leave it a PIE; a
    # swap of one seed makes two ties, which both go to class 0
    dense, pruned = np.array([[0], [0]]), np.array([[1], [1]])
    test = noise_floor.permutation_test(cell_of(dense, pruned), np.random.default_rng(0))
    assert (test.pies, test.p, list(test.null)) == (1, 0.5, [1, 0])


def test_random_permutations_count_the_observed_one_too():
    dense = np.zeros((13, 20), dtype=np.int8)
    rng = np.random.default_rng(0)
    test = noise_floor.permutation_test(cell_of(dense, dense + 1), rng, permutations=99)
    # The majority of 13 models always turns: every swap has all PIEs
    assert (test.exact, len(test.null), test.p) == (False, 99, 1.0)
    pruned = dense + np.tri(20, dtype=np.int8)[:13]
    test = noise_floor.permutation_test(
        cell_of(dense, pruned), np.random.default_rng(0), permutations=99
    )
    assert test.p == (1 + (test.null >= test.pies).sum()) / 100


@given(st.integers(0, 2**32 - 1), st.integers(2, 9), st.sampled_from(TIES), st.integers(0, 3))
@settings(max_examples=40, deadline=None)
def test_pies_are_those_of_find_pies(seed, seeds, ties, labels):
    dense, pruned = predictions(seed, seeds=seeds, labels=labels)
    cell, rng = cell_of(dense, pruned, ties=ties), np.random.default_rng(0)
    expected = find_pies(cell)["pie"].sum()
    test = noise_floor.permutation_test(cell, rng, permutations=9)
    curve = noise_floor.seed_curve(cell, [seeds], rng, draws=2)
    assert test.pies == curve[0].pies == expected


@given(st.integers(0, 2**32 - 1), st.sampled_from(TIES))
@settings(max_examples=20, deadline=None)
def test_swapping_dense_and_pruned_or_reordering_seeds_changes_no_test(seed, ties):
    dense, pruned = predictions(seed, seeds=5)
    order = np.random.default_rng(seed).permutation(5)
    rng = np.random.default_rng(0)
    first = noise_floor.permutation_test(cell_of(dense, pruned, ties=ties), rng)
    assert noise_floor.permutation_test(cell_of(pruned, dense, ties=ties), rng)[:2] == first[:2]
    assert (
        noise_floor.permutation_test(cell_of(dense[order], pruned[order], ties=ties), rng)[:2]
        == first[:2]
    )


def test_one_label_is_the_same_as_two_classes():
    dense, pruned = predictions(6, seeds=6, classes=2)
    as_labels = [side[:, :, None].astype(bool) for side in (dense, pruned)]
    for ties in TIES:
        single = noise_floor.noise_floor(
            cell_of(dense, pruned, ties=ties), np.random.default_rng(0)
        )
        multi = noise_floor.noise_floor(cell_of(*as_labels, ties=ties), np.random.default_rng(0))
        np.testing.assert_allclose(single[:4], multi[:4])
        np.testing.assert_allclose(single.excess, multi.excess)


def test_examples_on_which_all_models_agree_add_nothing_to_counts():
    dense, pruned = predictions(7)
    padded = [np.hstack([side, np.full((6, 500), 2, dtype=np.int8)]) for side in (dense, pruned)]
    short = noise_floor.noise_floor(cell_of(dense, pruned), np.random.default_rng(0))
    long = noise_floor.noise_floor(cell_of(*padded), np.random.default_rng(0))
    np.testing.assert_allclose(short[:4], long[:4])
    assert short.excess.estimate == pytest.approx(long.excess.estimate)


def test_counts_do_not_depend_on_how_examples_are_cut_into_chunks(monkeypatch):
    dense, pruned = predictions(8, labels=2)
    whole = noise_floor.noise_floor(cell_of(dense, pruned), np.random.default_rng(0))
    monkeypatch.setattr(votes, "CHUNK", 1)
    blocks = noise_floor.noise_floor(cell_of(dense, pruned), np.random.default_rng(0))
    np.testing.assert_allclose([*whole[:4], *whole.excess], [*blocks[:4], *blocks.excess])


def test_more_than_127_seeds_and_classes_are_counted():
    rng = np.random.default_rng(0)
    dense, pruned = rng.integers(120, 140, (2, 150, 40)).astype(np.int16)
    dense[:, 0], pruned[:100, 0] = 139, 138  # 150 votes for 139 against 100 for 138
    test = noise_floor.permutation_test(cell_of(dense, pruned), rng, permutations=20)
    assert test.pies == slow_pies(dense, pruned, "lowest").sum()
    assert slow_pies(dense, pruned, "lowest")[0]


def test_a_subset_of_seeds_finds_what_its_models_alone_would():
    dense, pruned = predictions(9, seeds=6)
    sizes = [2, 5, 6]
    curve = noise_floor.seed_curve(cell_of(dense, pruned), sizes, np.random.default_rng(3), draws=4)
    drawn = draw_subsets([*np.repeat(sizes, 4), 6], 6, np.random.default_rng(3)).astype(bool)
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


def test_subsets_are_the_first_seeds_of_a_random_order_and_halves_are_cut_from_it():
    drawn = draw_subsets([3, 6, 3], 7, np.random.default_rng(5))
    rng = np.random.default_rng(5)
    for row, (size, half) in enumerate([(3, 1), (6, 3), (3, 1)]):
        order = rng.permutation(7)[:size]
        parts = order[:half], order[half : 2 * half], order
        for own, chosen in zip(drawn[:, row], parts, strict=True):
            assert np.flatnonzero(own).tolist() == sorted(chosen)


def test_without_pies_all_subsets_agree_and_nothing_fails():
    same = np.ones((5, 10), dtype=np.int8)
    rng = np.random.default_rng(0)
    assert noise_floor.seed_curve(cell_of(same, same), [2], rng)[0] == (
        2,
        0.0,
        0.0,
        0.0,
        0.0,
        1.0,
        0.0,
    )
    assert noise_floor.permutation_test(cell_of(same, same), rng).p == 1.0
    assert noise_floor.noise_floor(cell_of(same, same), rng).excess == (0.0, 0.0, 0.0)


@pytest.mark.parametrize(
    ("dense", "pruned", "ties", "message"),
    [
        (np.zeros((3, 5), int), np.zeros((3, 4), int), "lowest", r"\(3, 5, 2\).*\(3, 4, 2\)"),
        (
            np.zeros((1, 5), int),
            np.zeros((1, 5), int),
            "lowest",
            "1 baseline, 1 compressed",
        ),
        (
            np.zeros((3, 5), int),
            np.zeros((2, 5), int),
            "lowest",
            "3 baseline, 2 compressed",
        ),
        (np.zeros((3, 5), int), np.zeros((3, 5), int), "first", "'first'.*lowest, highest"),
    ],
)
def test_unfit_predictions_and_rules_are_refused_by_name(dense, pruned, ties, message):
    with pytest.raises(ValueError, match=message):
        noise_floor.noise_floor(cell_of(dense, pruned, ties=ties), np.random.default_rng(0))


@pytest.mark.parametrize("sizes", [[1, 3], [3, 4]])
def test_subsets_larger_than_the_study_or_of_one_seed_are_refused(sizes):
    dense, pruned = predictions(0, seeds=3)
    with pytest.raises(ValueError, match="expected 2 to 3"):
        noise_floor.seed_curve(cell_of(dense, pruned), sizes, np.random.default_rng(0))


@pytest.mark.parametrize("seeds", [4, 5])
def test_pies_without_a_seed_are_those_of_the_other_seeds_by_either_tie_rule(seeds):
    rng = np.random.default_rng(0)
    dense, pruned = rng.integers(0, 3, (2, seeds, 200))
    found = noise_floor.pies_without_each(cell_of(dense, pruned))
    for seed in range(seeds):
        rest = [np.delete(side, seed, axis=0) for side in (dense, pruned)]
        flags = []
        for ties in ("lowest", "highest"):
            flags.append(slow_pies(*rest, ties))
        np.testing.assert_array_equal(found[seed], np.mean(flags, axis=0))


@pytest.mark.parametrize("classes", [2, 3, 5])
@pytest.mark.parametrize("replicates", [6, 7])
def test_what_a_half_is_without_a_vote_is_the_same_by_choice_and_by_seed(classes, replicates):
    choices = np.stack(predictions(0, replicates, 40, classes))[:, :, None]
    (chunk,) = votes.chunks(votes.contested(choices, classes, "lowest"), 40)
    halves = all_splits(replicates)
    parts = votes.count(halves[:, None, None], chunk.votes), halves, chunk
    by_seed = noise_floor._excess_left_out(*parts)
    np.testing.assert_array_equal(noise_floor._excess_without_votes(*parts), by_seed)
