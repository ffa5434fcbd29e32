"""Cells whose compressed models are several a seed, one a draw of calibration texts."""

from dataclasses import replace
from itertools import combinations

import numpy as np
import pytest

from helpers.cells import cell_of, predictions_of
from pielab.measures import certainty
from pielab.measures.pies import find_pies
from pielab.pies.cell import repeat
from pielab.stats import agreement, noise_floor
from pielab.stats.intervals import score_interval


def drawn_cell(seeds=5, draws=3, examples=40, classes=3, seed=0, flip=0.2):
    """Return a cell of `draws` compressed models a seed, and ids of both sides, a row a model."""
    rng = np.random.default_rng(seed)
    dense = rng.integers(0, classes, (seeds, examples))
    compressed = np.repeat(dense, draws, axis=0)
    changed = rng.random(compressed.shape) < flip
    compressed[changed] = rng.integers(0, classes, changed.sum())
    labels = rng.integers(0, classes, examples)
    cell = cell_of(np.repeat(dense, draws, axis=0), compressed, labels, n_classes=classes)
    return replace(cell, draws=draws), dense, compressed


def modal(rows, classes=3):
    return np.array([np.bincount(column, minlength=classes).argmax() for column in rows.T])


def test_all_models_vote():
    cell, dense, compressed = drawn_cell()
    expected = modal(dense) != modal(compressed)
    assert (find_pies(cell)["pie"] == expected).all()


def test_halves_have_no_seed_in_common_and_all_draws_of_their_own():
    cell, dense, compressed = drawn_cell()
    by_seed = compressed.reshape(5, 3, -1)
    floors, halves = [], []
    for first in combinations(range(5), 1):
        for second in combinations(sorted(set(range(5)) - set(first)), 1):
            groups = [np.concatenate(by_seed[list(one)]) for one in (first, second)]
            floors.append((modal(groups[0]) != modal(groups[1])).sum())
            halves.append((modal(dense[list(first)]) != modal(groups[1])).sum())
    found = noise_floor.noise_floor(cell, np.random.default_rng(0))
    assert found.half_seeds == 1
    assert found.noise_floor_compressed == pytest.approx(np.mean(floors))
    assert found.half_pies == pytest.approx(np.mean(halves))


def test_a_seed_is_left_out_with_all_its_draws():
    cell, dense, compressed = drawn_cell()
    by_seed = compressed.reshape(5, 3, -1)
    found = noise_floor.pies_without_each(cell)
    for seed in range(5):
        rest = [one for one in range(5) if one != seed]
        votes = [
            np.stack([np.bincount(column, minlength=3) for column in side.T])
            for side in (dense[rest], np.concatenate(by_seed[rest]))
        ]
        lowest, highest = ([(own[:, ::step].argmax(axis=1)) for own in votes] for step in (1, -1))
        expected = ((lowest[0] != lowest[1]) * 1.0 + (highest[0] != highest[1])) / 2
        assert (found[seed] == expected).all()


def test_a_permutation_swaps_seeds_with_all_their_draws():
    cell, dense, compressed = drawn_cell(examples=12)
    by_seed, counts = compressed.reshape(5, 3, -1), []
    for bits in range(32):
        sides = [[], []]
        for seed in range(5):
            swapped = bits >> seed & 1
            pair = np.repeat(dense[seed][None], 3, axis=0), by_seed[seed]
            for side in (0, 1):
                sides[side].append(pair[side ^ swapped])
        counts.append((modal(np.concatenate(sides[0])) != modal(np.concatenate(sides[1]))).sum())
    found = noise_floor.permutation_test(cell, np.random.default_rng(0))
    assert found.pies == counts[0]
    assert found.p == pytest.approx(np.mean(np.array(counts) >= counts[0]))


def test_the_same_draw_again_and_again_says_no_more_than_once():
    once, *_ = drawn_cell(draws=1, seeds=7)
    baseline, compressed = (repeat(side, 4) for side in once.sides)
    again = replace(once, baseline=baseline, compressed=compressed, draws=4)
    floors, tests = (
        [measure(cell, np.random.default_rng(0)) for cell in (once, again)]
        for measure in (noise_floor.noise_floor, noise_floor.permutation_test)
    )
    assert floors[0] == floors[1]
    assert tests[0].p == tests[1].p
    first, second = (certainty.example_tests(cell) for cell in (once, again))
    assert first.equals(second)
    intervals = [
        score_interval(cell.compressed.decisions, cell.truth, False, cell.per_replicate)
        for cell in (once, again)
    ]
    assert intervals[0] == pytest.approx(intervals[1])


def test_of_one_dense_model_luck_is_that_of_the_draws():
    cell, *_ = drawn_cell(seeds=1, draws=9)
    assert (cell.differ_by, cell.n_replicates) == ("draw", 9)
    found = noise_floor.noise_floor(cell, np.random.default_rng(0))
    assert found.floor == 0
    assert found.noise_floor_compressed > 0
    assert found.half_pies == found.excess.estimate


def test_a_compressor_that_does_nothing_has_an_excess_of_0_with_its_interval():
    rng = np.random.default_rng(1)
    for seeds, draws in ((9, 1), (9, 3), (1, 9)):
        cell, *_ = drawn_cell(seeds=seeds, draws=draws, flip=0)
        assert not find_pies(cell)["pie"].any()
        excess = noise_floor.noise_floor(cell, rng).excess
        # Splits of seeds compare other seeds, whose dense models disagree as much as theirs do
        assert excess.estimate == pytest.approx(0, abs=1e-9)
        assert excess.low <= 0 <= excess.high


def test_what_members_differ_by_is_said():
    assert drawn_cell(draws=1)[0].differ_by == "seed"
    assert drawn_cell(draws=3)[0].differ_by == "seed and draw"


def test_draws_of_a_seed_disagree_by_the_mean_over_their_pairs():
    cell, dense, compressed = drawn_cell()
    by_seed = compressed.reshape(5, 3, -1)
    pairs = [(a, b) for a in range(3) for b in range(a)]
    expected = np.mean([(by_seed[:, a] != by_seed[:, b]).mean() for a, b in pairs])
    found = agreement.churn(cell)
    assert found.draws == pytest.approx(expected)
    by_draw = [agreement.churn(cell_of(dense, by_seed[:, draw], n_classes=3)) for draw in range(3)]
    assert found.same_seed == pytest.approx(np.mean([one.same_seed for one in by_draw]))
    assert found.baseline == pytest.approx(by_draw[0].baseline)


def test_the_majority_of_a_replicates_draws_decides_for_it_in_tests_of_seeds():
    compressed = np.array([[0, 1], [0, 1], [2, 0], [1, 1], [1, 0], [1, 2]])
    dense = np.zeros((6, 2), dtype=int)
    cell = replace(cell_of(dense, compressed, n_classes=3), draws=3)
    decided = cell.replicate_decisions(cell.compressed).argmax(axis=2)
    assert decided.tolist() == [[0, 1], [1, 0]]
    several = predictions_of(np.array([[[1, 0]], [[1, 1]], [[0, 1]], [[0, 1]]], dtype=bool))
    pair = replace(
        cell_of(np.zeros((4, 1, 2), bool), np.zeros((4, 1, 2), bool)), compressed=several, draws=2
    )
    assert pair.replicate_decisions(several).tolist() == [[[True, False]], [[False, True]]]
