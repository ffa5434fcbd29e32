"""Texts that go to another model: how sure a model is, thresholds, what chance and hindsight do."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from pielab.pies.cell import Predictions
from pielab.stats.fallback import (
    SHARES,
    best_left,
    certainty_margins,
    is_sent,
    random_left,
    rate_interval,
    thresholds,
)


def side(logits, multi_label=False, cuts=None):
    logits = np.asarray(logits, dtype=np.float32)
    decisions = np.zeros(logits.shape, dtype=bool)
    return Predictions(logits, decisions, multi_label, cuts)


def slow_thresholds(margins, share):
    """Try each threshold that sends other texts, the largest first."""
    found = []
    for own in margins:
        candidates = [0.0, *sorted(set(own) - {0.0}), np.inf]
        fitting = [cut for cut in candidates if sum(m < cut for m in own) <= share * len(own)]
        found.append(max(fitting))
    return found


def test_the_margin_of_one_label_is_between_the_two_most_probable_classes():
    found = certainty_margins(side([[np.log([0.5, 0.2, 0.3]), np.log([0.1, 0.1, 0.8])]]))
    assert found[0] == pytest.approx([0.2, 0.7])


def test_the_margin_of_several_labels_is_the_smallest_distance_from_the_threshold():
    half = side([[[2.0, -3.0, 0.5], [-4.0, -5.0, 6.0]]], multi_label=True, cuts=np.array([0.5]))
    assert certainty_margins(half)[0] == pytest.approx([0.5, 4.0])
    moved = side([[[2.0, -3.0, 0.5]]], multi_label=True, cuts=np.array([0.9]))
    assert certainty_margins(moved)[0] == pytest.approx([np.log(9) - 2.0])


def test_the_margin_of_two_classes_with_a_threshold_is_the_distance_from_it():
    logits = np.log([[[0.2, 0.8], [0.6, 0.4]]])
    found = certainty_margins(side(logits, cuts=np.array([0.8])))
    assert found[0] == pytest.approx([0.0, np.log(4) - np.log(2 / 3)], abs=1e-6)


def test_thresholds_of_four_texts_by_hand():
    cuts = thresholds(np.array([[0.4, 0.1, 0.3, 0.2]]), (0, 0.24, 0.25, 0.5, 1))
    assert cuts.tolist() == [[0, 0, 0.2, 0.3, np.inf]]


def test_texts_with_equal_margins_are_sent_together_or_not_at_all():
    margins = np.array([[0.1, 0.1, 0.1, 0.5]])
    sent = [is_sent(margins, cut).sum() for cut in thresholds(margins, (0.25, 0.5, 0.75, 1)).T]
    assert sent == [0, 0, 3, 4]


def test_models_that_are_infinitely_sure_send_all_texts_by_a_share_of_one():
    odds = np.full((1, 3, 2), np.inf)
    margins = certainty_margins(side(odds, multi_label=True, cuts=np.array([0.5])))
    assert is_sent(margins, thresholds(margins, (1,))[:, 0]).all()


@settings(max_examples=50, deadline=None)
@given(st.lists(st.integers(0, 6), min_size=1, max_size=12), st.sampled_from(SHARES))
def test_as_many_texts_are_sent_as_by_the_largest_threshold_that_is_allowed(values, share):
    margins = np.array([values]) / 8
    cuts = thresholds(margins, (share,))[:, 0]
    slow = np.array(slow_thresholds(margins, share + 1e-12))
    assert (is_sent(margins, cuts) == is_sent(margins, slow)).all()
    assert is_sent(margins, cuts).mean() <= share + 1e-9


def test_no_text_is_sent_by_a_share_of_zero_and_each_by_one():
    margins = np.random.default_rng(0).random((3, 20))
    cuts = thresholds(margins, (0, 1))
    assert not is_sent(margins, cuts[:, 0]).any()
    assert is_sent(margins, cuts[:, 1]).all()


def test_hindsight_sends_flips_first_and_chance_sends_its_share_of_them():
    flips = np.array([[True, True, True, False]])
    sent = np.array([[False, True, False, True]])
    assert best_left(flips, sent) == [0.25]
    assert random_left(flips, sent) == [0.375]
    assert (flips & ~sent).mean() == 0.5


def test_what_is_left_by_lot_is_the_mean_over_all_ways_to_draw_texts():
    rng = np.random.default_rng(0)
    flips = rng.random((1, 8)) < 0.4
    sent = np.arange(8)[None] < 3
    drawn = [(flips & ~rng.permutation(sent[0])[None]).mean() for _ in range(20_000)]
    assert random_left(flips, sent)[0] == pytest.approx(np.mean(drawn), abs=0.005)


def test_an_interval_without_any_flip_is_wilsons_of_as_many_texts():
    found = rate_interval(np.zeros((5, 100)))
    z = stats.norm.ppf(0.975) ** 2
    # The text that counts for the variance makes the size 101, less the flip itself
    assert (found.estimate, found.low) == (0, 0)
    assert found.high == pytest.approx(z / (101 + z))


def test_the_interval_of_one_model_is_nearly_wilsons_of_its_texts():
    rates = np.zeros((1, 400))
    rates[0, :40] = 1
    found = rate_interval(rates)
    p, z = 0.1, stats.norm.ppf(0.975)
    centre = (p + z**2 / 800) / (1 + z**2 / 400)
    error = z * np.sqrt(p * 0.9 / 400 + z**2 / 640_000) / (1 + z**2 / 400)
    assert found.low == pytest.approx(centre - error, rel=0.01)
    assert found.high == pytest.approx(centre + error, rel=0.01)


def test_models_that_differ_much_widen_the_interval():
    rng = np.random.default_rng(0)
    alike = rng.random((6, 300)) < 0.2
    differing = rng.random((6, 300)) < np.linspace(0, 0.4, 6)[:, None]
    widths = [high - low for _, low, high in (rate_interval(1.0 * x) for x in (alike, differing))]
    assert widths[1] > 2 * widths[0]
