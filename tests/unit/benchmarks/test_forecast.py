"""A small run of the forecasts of negative flips: one that sees more than the margin is found."""

import numpy as np
import pytest

from helpers.benchmark_script import load
from pielab.pies.cell import Cell
from pielab.pies.decisions import decide


@pytest.fixture(scope="module")
def script():
    return load("forecast")


def study(by_length, replicates=6, texts=1200, draws=1):
    """Return a cell of two classes that flips long or unsure texts, and the texts' lengths."""
    rng = np.random.default_rng(0)
    lengths = rng.integers(5, 200, texts)
    margins = rng.uniform(0.1, 3, (replicates * draws, texts))
    risk = (lengths > 120) * 0.4 * np.ones_like(margins) if by_length else 0.4 * (margins < 0.8)
    after = np.where(rng.random(margins.shape) < risk, -margins, margins)
    labels = rng.integers(0, 2, texts)
    towards = 1 - 2 * labels  # log odds of class 0 if the answer is right
    sides = [
        decide({"test": np.stack([odds, np.zeros_like(odds)], axis=2).astype("f4")}, labels[:0])
        for odds in (towards * np.ones_like(margins), towards * after)
    ]
    both = (side["test"] for side in sides)
    return Cell(*both, labels, np.arange(texts), "lowest", draws=draws), lengths


def test_a_forecast_beats_the_margin_where_long_texts_flip_and_not_where_unsure_ones_do(script):
    left, change = script.compare(*study(by_length=True), 0.1)
    assert left > 0.1
    assert change.high < -0.01
    _, change = script.compare(*study(by_length=False), 0.1)
    assert change.high > -0.01


def test_too_few_models_or_flips_forecast_nothing(script):
    assert np.isnan(script.compare(*study(by_length=True, replicates=3), 0.1)[1].estimate)
    assert script.forecasts(*study(by_length=True, texts=20)) is None


def test_no_answer_is_forecast_by_its_own_text_or_replicate(script):
    cell, lengths = study(by_length=True, texts=400)
    before = script.forecasts(cell, lengths)
    flipped = cell.compressed.logits.copy()
    flipped[0, 7] = flipped[0, 7, ::-1]
    after = script.forecasts(
        Cell(
            cell.baseline,
            decide({"test": flipped}, cell.labels[:0])["test"],
            *(cell.labels, cell.ids, "lowest"),
        ),
        lengths,
    )
    changed = np.argwhere(np.abs(before - after) > 1e-9)
    halves = script.halves(400, np.random.default_rng(0))
    own = next(half for half in halves if 7 in half)
    others = [row for row in changed.tolist() if row != [0, 7]]
    assert others
    assert all(model % 2 == 1 and text not in own for model, text in others)


def test_draws_that_answer_otherwise_are_counted_within_their_seed(script):
    decisions = np.zeros((4, 1, 2), dtype=bool)
    decisions[np.arange(4), 0, [0, 1, 1, 1]] = True
    cell, _ = study(by_length=True, replicates=2, draws=2, texts=1)
    side = type(cell.compressed)(cell.compressed.logits, decisions, False)
    two = Cell(cell.baseline, side, cell.labels, cell.ids, "lowest", draws=2)
    assert script._disagreement(two)[:, 0].tolist() == [1, 1, 0, 0]
