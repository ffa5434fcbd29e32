import numpy as np
import pytest
from scipy.special import softmax

from helpers.cells import cell_of
from pielab.causes import outcomes
from pielab.measures.pies import find_pies
from pielab.pies.cell import Cell, Predictions
from pielab.stats.noise_floor import pies_without_each


def test_flips_of_all_models_and_without_each_by_hand():
    dense = [[0, 0], [0, 0], [0, 1]]
    pruned = [[0, 1], [1, 1], [1, 1]]
    found = outcomes.of_cell(cell_of(dense, pruned), scores_known=False)
    assert found.pie[0].tolist() == [1, 1]
    assert found.negative[0].tolist() == [1, 1]
    # Without the first model 0 0 against 1 1; without another 0 0 against 0 1: a tie, one half
    assert found.pie[1:, 0].tolist() == [1, 0.5, 0.5]
    # The dense models vote 0 1 without one of the first two: a tie that only one rule calls right
    assert found.negative[1:, 1].tolist() == [0.5, 0.5, 1]
    assert found.vote_margin[:, 0].tolist() == [1, 1, 1, 1]
    assert found.vote_margin[:, 1] == pytest.approx([1 / 3, 0, 0, 1])
    assert np.isnan(found.shift).all()


def random_cell(rng, classes=3, seeds=5, labels=False, draws=1):
    shape = (seeds, 60, classes)
    both = rng.normal(0, 1.5, (1, 60, classes))
    sides = []
    for _ in range(2):
        logits = (both + rng.normal(size=shape)).astype(np.float32)
        chosen = logits > 0 if labels else logits.argmax(axis=2)[:, :, None] == np.arange(classes)
        cuts = np.full(seeds, 0.5) if labels else None
        sides.append(Predictions(logits, chosen, labels, cuts))
    truth = (
        rng.integers(0, 2, (60, classes)).astype(np.uint8)
        if labels
        else rng.integers(0, classes, 60)
    )
    return Cell(*sides, truth, np.arange(60), "lowest", draws=draws)


@pytest.mark.parametrize("labels", [False, True])
@pytest.mark.parametrize("classes", [2, 3])
def test_pies_are_those_of_the_tables(labels, classes):
    cell = random_cell(np.random.default_rng(classes), classes, labels=labels)
    found, table = outcomes.of_cell(cell), find_pies(cell)
    assert found.pie[0].tolist() == table["pie"].tolist()
    assert found.negative[0].tolist() == (table["flip"] == "negative").tolist()
    assert np.allclose(found.pie[1:], pies_without_each(cell))
    assert np.allclose(found.vote_margin[0] * 5, table["baseline_margin"])
    assert all(np.isfinite(part).all() for part in found)


def test_doubt_and_margin_are_means_over_models():
    cell = random_cell(np.random.default_rng(0))
    found = outcomes.of_cell(cell)
    chances = softmax(cell.baseline.logits.astype(float), axis=2)
    for text in range(60):
        own = chances[:, text, cell.labels[text]]
        assert found.label_doubt[0, text] == pytest.approx(1 - own.mean())
        assert found.label_doubt[2, text] == pytest.approx(1 - np.delete(own, 1).mean())
        odds = np.log(chances[:, text] / (1 - chances[:, text]))
        best = odds.mean(axis=0).argmax()
        assert found.logit_margin[0, text] == pytest.approx(odds[:, best].mean(), abs=1e-4)
        noise = odds[:, best].var(ddof=1) / 5
        assert found.margin_noise[text] == pytest.approx(noise, rel=1e-3)


def test_a_margin_of_two_classes_has_no_side():
    cell = random_cell(np.random.default_rng(1), classes=2)
    found = outcomes.of_cell(cell)
    difference = cell.baseline.logits[:, :, 1] - cell.baseline.logits[:, :, 0]
    assert np.allclose(found.logit_margin[0], np.abs(difference.mean(axis=0)), atol=1e-5)


def test_a_text_that_moves_towards_its_label_has_a_positive_shift():
    rng = np.random.default_rng(2)
    logits = rng.normal(0, 2, (1, 60, 2)) + rng.normal(0, 0.3, (4, 60, 2))
    moved = logits.copy()
    moved[:, 0, 1] += 6
    sides = [
        Predictions(own.astype(np.float32), own.argmax(axis=2)[:, :, None] == np.arange(2), False)
        for own in (logits, moved)
    ]
    for label, sign in ((1, 1), (0, -1)):
        found = outcomes.of_cell(Cell(*sides, np.full(60, label), np.arange(60), "lowest"))
        assert sign * found.shift[0, 0] > 2
        assert np.median(np.abs(found.shift[0, 1:])) < 0.1


def test_draws_of_a_seed_are_left_out_together():
    cell = random_cell(np.random.default_rng(3), seeds=6, draws=2)
    assert outcomes.of_cell(cell).pie.shape == (1 + 3, 60)


def test_one_replicate_leaves_nothing_out():
    found = outcomes.of_cell(random_cell(np.random.default_rng(4), seeds=1))
    assert found.pie.shape == (1, 60)
    assert np.isnan(found.margin_noise).all()
