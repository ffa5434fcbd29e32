"""What the page says of slices that are hurt more than the rest."""

import numpy as np
import pandas as pd
import pytest

from helpers.judged_cells import AT_ONCE, cells
from pielab.pages.slices import worst_slices

CELL = {"dataset": "films", "model": "bert", "method": "ibp-ai", "level": 90.0}
CELL |= {"baseline": "dense"}
ROW = CELL | {
    "is_compressed": True,
    "primary": True,
    "collapsed": False,
    "slice": "class = pos & tokens 12 to 40",
}
ROW |= {"examples": 1040, "negative_flips": 9, "tested": 521, "harm": 0.305, "average": -0.054}
ROW |= {"excess": 0.35, "low": 0.2, "high": 0.5, "p": 0.001, "q": 0.01, "p_replicates": 0.01}
ROW |= {"confirmed": True, "detectable": 0.021}
TEXT = CELL | {
    "slice": ROW["slice"],
    "example_id": 7,
    "harm": 0.9,
    "flip": "negative",
    "tier": "likely",
}
TEXT |= {"label": "pos", "baseline_votes": "pos 9", "compressed_votes": "neg 8|pos 1"}
TEXT |= {"text": "fine", "text_pair": None}


def said(*rows, texts=(TEXT,), splits=("test",)):
    table = pd.DataFrame([ROW | row for row in rows], columns=list(ROW))
    texts = pd.DataFrame(list(texts), columns=list(TEXT))
    return worst_slices(table, texts, cells(AT_ONCE), list(splits))


def test_a_slice_is_told_in_words_with_its_texts():
    (one,) = said({})["slices"]
    assert one["name"] == "bert with ibp-ai at 90 %"
    assert (one["excess"], one["interval"]) == ("+35.0", "+20.0 to +50.0")
    assert (one["harm"], one["average"]) == ("30.5 points less often", "5.4 points more often")
    assert (one["examples"], one["tested"], one["sure"]) == ("1,040", "521", "confirmed")
    (text,) = one["texts"]
    assert (text["words"], text["flip"], text["before"]) == ("fine", "negative", "pos 9")
    assert "text=films%2Ftest%2F7" in text["href"]


@pytest.mark.parametrize(
    ("p_replicates", "words"),
    [(0.01, "would do so too"), (0.4, "may not do so"), (np.nan, "not known, with fewer than 6")],
)
def test_it_says_whether_other_models_would_hurt_the_slice(p_replicates, words):
    assert words in said({"p_replicates": p_replicates})["slices"][0]["others"]


def test_what_is_not_confirmed_may_be_chance_and_without_test_texts_nothing_is_linked():
    (one,) = said({"confirmed": False}, texts=[TEXT | {"flip": None}], splits=["train"])["slices"]
    assert one["sure"] == "not confirmed: may be chance"
    assert (one["href"], one["texts"][0]["href"], one["texts"][0]["flip"]) == ("", "", "")


def test_the_finding_counts_what_is_confirmed_and_what_other_models_would_do_too():
    finding = said({}, {"p_replicates": 0.5}, {"confirmed": False})["finding"]
    assert finding.startswith(
        "Of 3 slices that stood out in one half of the texts, 2 are confirmed"
    )
    assert "1 of these for other models of this kind, too" in finding
    assert "nothing is known about others" in said({"p_replicates": np.nan})["finding"]


def test_where_none_is_confirmed_it_says_how_much_would_have_been_seen():
    rows = ({"confirmed": False}, {"confirmed": False, "detectable": 0.123})
    assert "hurt by 2.1 to 12.3 points more than the rest" in said(*rows)["finding"]
    assert "by 2.1 points more" in said(rows[0])["finding"]


@pytest.mark.parametrize(
    "row", [None, {"collapsed": True}, {"primary": False}, {"is_compressed": False}]
)
def test_where_none_stood_out_it_says_so(row):
    found = said(*([row] if row else []), texts=[])
    assert found["slices"] == []
    assert found["finding"].startswith("No slice stood out")


def test_ten_are_shown_at_most():
    assert len(said(*[{"slice": f"class = {n}"} for n in range(14)])["slices"]) == 10
