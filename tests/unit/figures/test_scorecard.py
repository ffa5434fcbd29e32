"""The scorecard: each effect with its interval, beside what it would have to be."""

import numpy as np
import pytest

from helpers.drawn_figures import draw, draw_changed, tables
from pielab.claims.scorecard import CLAIMS
from pielab.figures import scorecard
from pielab.vocabulary import ONLY_UNMATCHED, REPRODUCED


def rows_of(number):
    table = tables("shipped")[1]["scorecard"]
    return table[table["claim"] == number]


@pytest.mark.parametrize("number", [1, 2, 4, 5, 6])
def test_effects_are_dots_on_their_intervals_with_the_mark_of_their_verdict(number):
    axes = draw("scorecard", "shipped").axes[number - 1]
    dots = [line for line in axes.get_lines() if len(line.get_xdata()) == 1]
    effects = [line for line in dots if line.get_ydata()[0] == round(line.get_ydata()[0])]
    own = rows_of(number)
    for place, (dot, row) in enumerate(zip(effects, own.to_dict("records"), strict=True)):
        assert dot.get_xydata().tolist() == [[row["effect"], place]]
        assert dot.get_marker() == scorecard.LOOKS[row["verdict"]]["marker"]
    segments = [part for drawn in axes.collections for part in drawn.get_segments() if len(part)]
    ends = {(round(part[0, 0], 9), round(part[1, 0], 9)) for part in segments}
    assert {(round(row.low, 9), round(row.high, 9)) for row in own.itertuples()} <= ends


def test_thresholds_are_those_of_the_claims():
    for number, axes in enumerate(draw("scorecard", "shipped").axes, start=1):
        dashed = [line.get_xdata()[0] for line in axes.get_lines() if line.get_ls() == "--"]
        least = CLAIMS[number].least
        expected = {3: [], 4: [-least, least]}.get(number, [least])  # of 3 there is no effect
        assert dashed == expected


def test_a_claim_without_an_effect_says_why():
    words = [text.get_text() for text in draw("scorecard", "shipped").axes[2].texts]
    assert len(words) == len(rows_of(3))
    assert all("no model of the" in " ".join(said.split()) for said in words)


@pytest.mark.parametrize("number", [4, 5, 6])
def test_odds_with_other_factors_held_fixed_are_written_beside_claims_5_and_6(number):
    words = [text.get_text() for text in draw("scorecard", "shipped").axes[number - 1].texts]
    known = rows_of(number).dropna(subset="adjusted").to_dict("records")
    assert len(known) == (len(rows_of(number)) if number > 4 else 0)
    names = ("adjusted", "adjusted_low", "adjusted_high")
    assert words == [scorecard.ADJUSTED.format(*(row[name] for name in names)) for row in known]


def test_an_effect_without_an_interval_is_a_dot():
    table = tables("one pair")[1]["scorecard"].assign(low=np.nan, high=np.nan)
    axes = draw_changed("scorecard", {"scorecard": table}, "one pair").axes[0]
    dots = [line for line in axes.get_lines() if len(line.get_xdata()) == 1]
    assert dots[0].get_xdata()[0] == table["effect"].iloc[0]


def test_a_claim_that_holds_only_unmatched_is_told_from_one_that_holds():
    table = tables("one pair")[1]["scorecard"].assign(verdict=REPRODUCED)
    table["note"] = table["note"].mask(table["claim"] == 6, f"{ONLY_UNMATCHED}; few")
    (legend,) = draw_changed("scorecard", {"scorecard": table}, "one pair").legends
    said = [text.get_text() for text in legend.get_texts()]
    assert said[:2] == [REPRODUCED, f"{REPRODUCED}, {ONLY_UNMATCHED}"]
