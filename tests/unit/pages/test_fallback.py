"""Which texts to send to the dense model, in words."""

import pandas as pd
import pytest

from helpers.judged_cells import DENSE, cells
from pielab.pages.fallback import fallback_steps
from pielab.vocabulary import KEYS, MODELS

KEY = {"dataset": "films", "model": "bert", "method": "imp-ft", "level": 90.0}
KEY |= {
    "baseline": "control",
    "level_text": "90 %",
    "is_compressed": True,
    "collapsed": False,
    "note": None,
}
NOTHING_TRIED = pd.DataFrame(columns=[*KEYS, "kind", "share", "verdict"])


def rows(score=0.7, **change):
    """Return rows of fallback.csv: 10 % of the texts leave a fifth of the flips."""
    share = pd.DataFrame({"share": [0.0, 0.1, 0.3, 1.0], "score": [score, 0.72, 0.73, 0.73]})
    share = share.assign(flips_left=[0.022, 0.0044, 0.001, 0.0], margin=[0, 0.2123, 0.6, None])
    share = share.assign(flips_left_low=share["flips_left"] / 2, random_left=0.0198)
    share = share.assign(flips_left_high=2 * share["flips_left"], size_share=[0.2, 1.2, 1.2, 1])
    return share.assign(chosen=share["share"] == 0.1, **(KEY | change))


def tried(share, verdict="PASS", **change):
    names = {name: (KEY | change)[name] for name in KEYS}
    rows = [{"kind": "fallback", "share": share}, {"kind": "layers", "share": None}]
    return pd.DataFrame([names | {"verdict": verdict} | one for one in rows])


SENTENCE = (
    "bert with imp-ft at 90 %: let the control model answer the 10 % least sure texts (margin "
    "below 0.21). Newly wrong answers fall from 2.2 % to 0.4 % of the texts (95 % interval 0.2 to "
    "0.9); random texts would leave 2.0 %. Both models together take 1.20 × its size."
)


def test_the_recommended_share_is_said_with_what_is_left():
    assert fallback_steps(cells({}), rows(), NOTHING_TRIED) == [SENTENCE]
    blocked = {tuple(KEY[name] for name in MODELS)}
    (said,) = fallback_steps(cells({}), rows(), NOTHING_TRIED, blocked)
    assert said == f"{SENTENCE} The gate still blocks it."
    (said,) = fallback_steps(cells({}), rows().assign(size_share=None), NOTHING_TRIED)
    assert said == SENTENCE.removesuffix(" Both models together take 1.20 × its size.")


def test_a_version_that_the_gate_stops_and_that_would_pass_is_named_with_its_share():
    (said,) = fallback_steps(cells({}), rows(), tried(0.3, "WARN"))
    assert "answer the 30 % least sure texts (margin below 0.6)" in said
    assert said.endswith("The gate would then say WARN.")


def test_of_many_versions_that_would_pass_four_are_named():
    levels = [float(level) for level in range(10, 70, 10)]
    table = cells(*({"level": level} for level in levels))
    fallback = pd.concat([rows(level=level, level_text=f"{level:g} %") for level in levels])
    own = pd.concat([tried(0.1, level=level) for level in levels])
    said = fallback_steps(table, fallback, own)
    assert len(said) == 5
    assert said[-1] == "So would 2 versions more: see results/gate/gate.json."


def test_labels_alone_have_no_fallback_and_the_page_says_why():
    alone = rows().query("share == 0").assign(flips_left=None, note="labels do not show how sure")
    said = fallback_steps(cells({}), alone, NOTHING_TRIED)
    assert said == ["No fallback can be tried: labels do not show how sure."]


@pytest.mark.parametrize(
    "change",
    [
        {"collapsed": True},
        {"score": 0.6},  # thirteen points are lost
        {"baseline": "dense"},  # not the primary comparison
    ],
)
def test_a_version_that_is_broken_or_not_quoted_has_no_sentence(change):
    assert not fallback_steps(cells({}, DENSE), rows(**change), NOTHING_TRIED)


def test_a_share_of_more_than_half_the_texts_or_of_none_is_no_advice():
    for share in (0.0, 1.0):
        own = rows().assign(chosen=lambda table, share=share: table["share"] == share)
        assert not fallback_steps(cells({}), own, NOTHING_TRIED)
