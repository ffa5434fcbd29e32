import numpy as np
import pytest
from scipy.special import expit, logit

from pielab.pies import decisions
from pielab.pies.decisions import decide, decide_single, in_half_precision
from pielab.stats.shift import margins


def test_half_precision_keeps_what_is_decided_where_rounding_makes_two_classes_equal():
    # Neighbours of 4 in float16 are 4.00390625 and 3.998046875: all three round to 4
    logits = np.array([[[4.0001, 4.0002, 0], [4.0002, 4.0001, 0]]], np.float32)
    half = in_half_precision(logits)
    assert half.dtype == np.float16
    assert half[0].tolist() == [[4, 4.00390625, 0], [4, 4, 0]]


@pytest.mark.parametrize("scale", [1e-6, 1e-3, 1, 100])
def test_half_precision_changes_no_decision(scale):
    rng = np.random.default_rng(0)
    logits = rng.normal(0, scale, (3, 20_000, 4)).astype(np.float32)
    logits[:, :100] = logits[:, :100].round(2)  # some ties of before, which the first class wins
    half = in_half_precision(logits)
    assert (decide_single(half) == decide_single(logits)).all()
    assert np.allclose(half, logits, rtol=2**-9, atol=2**-23)


def test_what_half_precision_cannot_hold_stays_as_it_is():
    logits = np.array([[[1e5, 0]]], np.float32)
    assert in_half_precision(logits) is logits


def test_a_threshold_of_two_classes_moves_decisions_and_leaves_the_logits():
    chance = np.array([[0.5, 0.79, 0.81, 0.99]])
    logits = np.log(np.stack([1 - chance, chance], axis=2)).astype(np.float32)
    decided = decide({"test": logits}, np.empty(0, int), threshold=0.8)["test"]
    assert decided.decisions[0, :, 1].tolist() == [False, False, True, True]
    assert decided.logits is logits
    above = margins(logits, decided.thresholds, decided.multi_label)[0, :, 0] > 0
    assert above.tolist() == decided.decisions[0, :, 1].tolist()


def test_a_threshold_of_one_half_decides_as_the_largest_logit_does():
    logits = np.random.default_rng(0).normal(size=(3, 1000, 2)).astype(np.float32).round(1)
    assert (decide_single(logits, np.full(3, 0.5)) == decide_single(logits)).all()


def test_a_threshold_of_more_than_two_classes_is_refused():
    with pytest.raises(ValueError, match=r"predictions\.threshold: 0\.8 for 3 classes"):
        decide({"test": np.zeros((1, 2, 3))}, np.empty(0, int), threshold=0.8)


@pytest.mark.parametrize("hundredths", range(1, 100))
def test_a_probability_that_is_the_threshold_does_not_exceed_it(hundredths):
    stated = hundredths / 100
    shares = np.array([stated, stated + 0.001])
    two = np.log(np.stack([1 - shares, shares], axis=1)).astype(np.float32)[None]
    found = decide({"test": two}, np.zeros(0, np.int64), stated)["test"]
    assert found.decisions[0, :, 1].tolist() == [False, True]
    several = logit(shares).astype(np.float32)[None, :, None]
    found = decide({"test": several}, np.zeros((0, 1), np.uint8), stated)["test"]
    assert found.decisions[0, :, 0].tolist() == [False, True]


def test_the_largest_is_that_of_argmax():
    scores = np.random.default_rng(0).integers(0, 4, (5, 200, 3)).astype(np.float32)
    found = decisions.first_largest(scores)
    np.testing.assert_array_equal(found, scores.argmax(axis=0))


def test_logits_above_the_cut_are_those_whose_scores_exceed_the_threshold():
    thresholds = np.array([*decisions.THRESHOLDS, 0.5 + 1e-7, 0.9999])
    cuts = decisions.score_cuts(thresholds)
    near = np.nextafter(cuts, np.float32(np.inf)), cuts, np.float32([-1000, 0, 1000])[:, None]
    for logits in map(np.atleast_2d, near):
        exceeds = expit(logits, dtype=np.float64) > thresholds
        np.testing.assert_array_equal(logits > cuts, exceeds)
