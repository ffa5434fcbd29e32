import dataclasses

import numpy as np
import pytest

from helpers.cells import cell_of, row_of
from pielab.pies import votes
from pielab.pies.cell import Cell
from pielab.stats import negative_flips as module
from pielab.stats.negative_flips import by_example, negative_flips
from pielab.stats.noise_floor import noise_floor
from pielab.stats.subsets import all_splits, half_size


def random_cell(seeds=5, examples=30, classes=3, flip=0.3, seed=0, several=False):
    rng = np.random.default_rng(seed)
    if several:
        dense = rng.random((seeds, examples, classes)) < 0.5
        changed = rng.random(dense.shape) < flip
        labels = rng.random(dense.shape[1:]) < 0.5
        return cell_of(dense, dense ^ changed, labels.astype(np.uint8))
    labels, wrong = rng.integers(0, classes, (2, examples))
    dense = np.where(rng.random((seeds, examples)) < 0.6, labels, wrong)
    other = rng.integers(0, classes, dense.shape)
    pruned = np.where(rng.random(dense.shape) < flip, other, dense)
    return cell_of(dense, pruned, labels, n_classes=classes)


def majority_is_right(side, half, truth):
    """Return whether the majority of models is right about each example, lowest of equals."""
    counts = side.decisions[half].sum(axis=0)
    if side.multi_label:
        return ((2 * counts > half.sum()) == truth).all(axis=1)
    return truth[np.arange(len(truth)), counts.argmax(axis=1)]


def slow(cell: Cell, halves):
    """Return flips and floor, a split at a time."""
    flips, floor = [], []
    for first, second in zip(*halves.astype(bool), strict=True):
        sides = [
            [majority_is_right(side, half, cell.truth) for half in (first, second)]
            for side in cell.sides
        ]
        (one, other), (one_after, other_after) = sides
        flips.append(((one & ~other_after).sum() + (other & ~one_after).sum()) / 2)
        floor.append(((one & ~other).sum() + (other & ~one).sum()) / 2)
    return np.array(flips), np.array(floor)


def slow_without(cell: Cell, halves, unit):
    """Return the excess where a replicate leaves its half, the mean over winners of ties."""
    excess = []
    for split in zip(*halves.astype(bool), strict=True):
        for ties in ("lowest", "highest"):
            truth = (
                cell.truth[:, ::-1] if ties == "highest" and not cell.multi_label else cell.truth
            )
            rights = []
            for half in split:
                kept = half & (np.arange(len(half)) != unit)
                for side in cell.sides:
                    counts = side.decisions[kept].sum(axis=0)
                    if side.multi_label:
                        votes, needed = 2 * counts, kept.sum() + (ties == "lowest")
                        right = ((votes >= needed) == truth).all(axis=1)
                    else:
                        counts = counts[:, ::-1] if ties == "highest" else counts
                        right = truth[np.arange(len(truth)), counts.argmax(axis=1)]
                    rights.append(right)
            one, one_after, other, other_after = rights
            flips = (one & ~other_after).sum() + (other & ~one_after).sum()
            excess.append((flips - (one & ~other).sum() - (other & ~one).sum()) / 2)
    return np.mean(excess)


@pytest.mark.parametrize("several", [False, True])
@pytest.mark.parametrize(("seeds", "half"), [(6, 3), (7, 3)])
def test_a_replicate_that_leaves_its_half_changes_what_the_slow_reference_says(
    seeds, half, several
):
    cell = random_cell(seeds=seeds, several=several, examples=12)
    rng = np.random.default_rng(0)
    found = by_example(cell, rng)
    halves = all_splits(seeds)
    assert found.half == half == halves[0, 0].sum()
    assert len(found.left_out) == seeds
    for unit in range(seeds):
        wanted = slow_without(cell, halves, unit)
        assert found.left_out[unit].sum() == pytest.approx(wanted)


@pytest.mark.parametrize("seeds", [2, 3, 4, 5, 6, 9, 10, 14, 30])
def test_negative_flips_and_pies_of_a_row_come_from_halves_of_one_size(seeds):
    cell, rng = random_cell(seeds=seeds), np.random.default_rng(0)
    assert negative_flips(cell, rng).half == noise_floor(cell, rng).half_seeds == half_size(seeds)


@pytest.mark.parametrize("several", [False, True])
def test_flips_floor_and_excess_are_those_of_the_slow_reference(several):
    cell = random_cell(several=several)
    halves = all_splits(5)
    flips, floor = slow(cell, halves)
    found = negative_flips(cell, np.random.default_rng(0))
    assert found.half == 1
    assert found.flips == pytest.approx(flips.mean())
    assert found.floor == pytest.approx(floor.mean())
    assert found.excess.estimate == pytest.approx((flips - floor).mean())
    assert found.excess.low < found.excess.estimate < found.excess.high


def test_a_compressor_that_does_nothing_has_no_negative_flips_beyond_luck():
    for seeds in (4, 5, 6, 9):
        found = negative_flips(random_cell(seeds=seeds, flip=0), np.random.default_rng(0))
        assert found.floor > 0
        assert tuple(found.excess) == (0, 0, 0)


def test_one_that_breaks_every_model_on_one_text_in_ten_adds_these():
    labels = np.zeros(100, dtype=int)
    dense = np.zeros((7, 100), dtype=int)
    pruned = dense.copy()
    pruned[:, :10] = 1
    found = negative_flips(cell_of(dense, pruned, labels), np.random.default_rng(0))
    assert found.excess.estimate == pytest.approx(10)
    assert 0 < found.excess.low < 10 < found.excess.high


def test_of_one_model_nothing_is_known_and_of_three_no_interval():
    one = row_of(random_cell(seeds=1))
    assert np.isnan([one["negative_flip_floor"], one["negative_flip_excess"]]).all()
    three = row_of(random_cell(seeds=3))
    assert np.isfinite([three["negative_flip_floor"], three["negative_flip_excess"]]).all()
    assert np.isnan([three["negative_flip_excess_low"], three["negative_flip_excess_high"]]).all()


@pytest.mark.parametrize("classes", [2, 3, 5])
@pytest.mark.parametrize("replicates", [6, 7])
def test_what_a_half_is_without_a_vote_is_the_same_by_choice_and_by_replicate(classes, replicates):
    rng = np.random.default_rng(classes)
    choices = rng.integers(classes, size=(2, replicates, 1, 40))
    (chunk,) = votes.chunks(votes.contested(choices, classes, "lowest"), 40)
    halves = all_splits(replicates)
    counts = [votes.count(own, chunk.votes) for own in halves]
    parts = counts, halves, rng.integers(classes, size=chunk.votes.shape[-1]), chunk
    by_replicate = module._without_each(*parts)
    np.testing.assert_array_equal(module._without_each_vote(*parts), by_replicate)


@pytest.mark.parametrize("several", [False, True])
def test_models_that_all_agree_have_no_negative_flips(several):
    cell = random_cell(several=several)
    one = dataclasses.replace(cell.baseline, decisions=cell.baseline.decisions[[0] * 5])
    found = module.by_example(dataclasses.replace(cell, baseline=one, compressed=one), None)
    assert not found.shares.any()
    assert not found.left_out.any()
