"""One scale of confidence, from an interval and, where there is one, a test."""

import math

import pytest

from pielab.stats.confidence import MEANING, NO, OF_TIER, PROBABLY, SCALE, UNCLEAR, YES, confidence


@pytest.mark.parametrize(
    ("low", "high", "q", "word"),
    [
        *((1, 2, None, YES), (1, 2, 0.05, YES), (1, 2, 0.06, PROBABLY), (1, 2, math.nan, PROBABLY)),
        *((-1, 2, 0.01, UNCLEAR), (0, 2, None, UNCLEAR), (-2, 0, 0.01, NO), (-2, -1, None, NO)),
        (math.nan, math.nan, 0.01, UNCLEAR),
    ],
)
def test_a_word_follows_from_interval_and_test(low, high, q, word):
    assert confidence(low, high, q) == word


def test_the_limit_may_be_what_a_gate_allows():
    assert confidence(1.0, 3.0, limit=2.0) == UNCLEAR
    assert confidence(2.1, 3.0, limit=2.0) == YES


def test_each_word_has_a_meaning_and_each_tier_of_texts_a_word():
    assert tuple(MEANING) == SCALE
    assert OF_TIER == {"certain": YES, "likely": PROBABLY, "seed noise": UNCLEAR}
