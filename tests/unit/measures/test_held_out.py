import numpy as np
import pytest
from scipy.special import expit
from sklearn.metrics import average_precision_score

from pielab.measures import held_out as module
from pielab.measures.held_out import average_precision, held_out
from pielab.pies.cell import Cell, Predictions, repeat
from pielab.pies.decisions import decide_multi, decide_single


def cell(seeds, examples=300, multi_label=False, seed=0):
    """Return a cell whose texts move by as much as models differ."""
    rng = np.random.default_rng(seed)
    text = rng.normal(0, 1.5, (examples, 2))
    sides = []
    for own in (text, text + rng.normal(0, 0.7, text.shape)):
        logits = (own + rng.normal(0, 1, (seeds, examples, 2))).astype(np.float32)
        cuts = np.full(seeds, expit(0.2)) if multi_label else None
        decisions = decide_multi(logits, cuts) if multi_label else decide_single(logits)
        sides.append(Predictions(logits, decisions, multi_label, cuts))
    labels = (text > 0).astype(np.uint8) if multi_label else text.argmax(axis=1)
    return Cell(*sides, labels, np.arange(examples), "lowest")


def test_average_precision_by_hand():
    seen = np.array([True, False, True, False])
    # The first is found at a precision of 1, the second at 2 of 3
    assert average_precision(seen, np.array([0.9, 0.8, 0.3, 0.1])) == pytest.approx((1 + 2 / 3) / 2)
    assert average_precision(seen, np.ones(4)) == 0.5
    assert np.isnan(average_precision(np.zeros(4, dtype=bool), np.ones(4)))


def test_average_precision_is_that_of_scikit_learn():
    rng = np.random.default_rng(0)
    for _ in range(20):
        seen, said = rng.random(50) < 0.3, rng.integers(0, 6, 50) / 5
        assert average_precision(seen, said) == pytest.approx(average_precision_score(seen, said))


@pytest.mark.parametrize("multi_label", [False, True])
def test_probabilities_of_few_seeds_foresee_the_pies_of_others_better_than_their_votes(multi_label):
    table = held_out(cell(20, multi_label=multi_label), [3, 5, 9], np.random.default_rng(0))
    assert table["seeds"].tolist() == [3, 5, 9]
    assert (table["precision_probability"] > table["precision_votes"]).all()
    assert (table["brier_probability"] < table["brier_votes"]).all()
    assert table["brier_votes"].is_monotonic_decreasing


def test_what_too_few_others_could_judge_and_many_seeds_are_left_empty():
    table = held_out(cell(15), [3, 7, 13, 15], np.random.default_rng(0))
    assert table["precision_votes"].notna().tolist() == [True, False, False, False]
    assert held_out(cell(9), [3, 9], np.random.default_rng(0)).iloc[:, 1:].isna().all(axis=None)


@pytest.mark.parametrize("multi_label", [False, True])
def test_draws_of_a_seed_are_asked_and_judge_together(multi_label):
    alone = cell(15, multi_label=multi_label)
    sides = (repeat(side, 3) for side in alone.sides)
    drawn = Cell(*sides, alone.labels, alone.ids, alone.ties, draws=3)
    tables = [held_out(one, [3, 5], np.random.default_rng(0)) for one in (alone, drawn)]
    np.testing.assert_allclose(*tables, rtol=1e-5)


def test_seeds_that_are_asked_never_judge(monkeypatch):
    groups = []

    def watch(whole, seeds):
        groups.append(seeds)
        return np.arange(len(whole.ids)) < 5

    monkeypatch.setattr(module, "_pies", watch)
    held_out(cell(14), [3], np.random.default_rng(0))
    for judges, asked in zip(groups[::2], groups[1::2], strict=True):
        assert (len(judges), len(asked)) == (11, 3)
        assert not set(judges) & set(asked)


def test_only_a_sample_of_many_examples_is_judged(monkeypatch):
    monkeypatch.setattr(module, "SAMPLE", 50)
    assert held_out(cell(14), [3], np.random.default_rng(0)).notna().all(axis=None)
