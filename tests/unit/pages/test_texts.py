"""Which texts the report shows, with which votes, and where their links lead."""

import pandas as pd
import pytest

from helpers.judged_cells import AT_ONCE, SURELY, cells
from pielab.pages.texts import LONGEST, address, surest_texts


def examples(**changes):
    shared = {"dataset": "films", "model": "bert", "method": "ibp-ai", "level": 90.0}
    shared |= {"baseline": "dense", "flip": "negative", "tier": "certain", "label": "pos"}
    shared |= {"baseline_votes": "pos 9", "compressed_votes": "neg 8|pos 1", "text_pair": None}
    rows = [
        {"example_id": 7, "surest": 2, "text": "fine"},
        {"example_id": 3, "surest": 1, "text": "a  film\nthat moves " * 30},
        {"example_id": 5, "surest": None, "text": "only strong"},
    ]
    return pd.DataFrame([shared | row | changes for row in rows])


def test_the_texts_of_a_cell_come_surest_first_with_votes_and_a_link():
    (one,) = surest_texts(examples(), cells(AT_ONCE | SURELY, {}), ["test", "train"])
    first, second = one["texts"]
    assert second["words"] == "fine"
    assert (second["before"], second["after"]) == ("pos 9", "neg 8, pos 1")
    assert len(first["words"]) <= LONGEST + 2
    assert first["words"].startswith("a film that moves")
    assert first["words"].endswith("…")
    assert second["href"] == (
        "browser.html#show=pie&dataset=films&split=test&model=bert&method=ibp-ai&level=90"
        "&baseline=dense&text=films%2Ftest%2F7"
    )


def test_the_cell_that_surely_changes_most_goes_first_and_collapsed_ones_are_left_out():
    both = pd.concat([examples(), examples(method="imp-ft", baseline="control")])
    table = cells({"certain": 9}, AT_ONCE | SURELY)
    assert [one["cell"]["method"] for one in surest_texts(both, table, [])] == ["ibp-ai", "imp-ft"]
    table = cells({}, AT_ONCE | SURELY | {"collapsed": True})
    assert [one["cell"]["method"] for one in surest_texts(both, table, [])] == ["imp-ft"]


def test_nothing_is_linked_if_the_browser_has_no_test_texts():
    (one,) = surest_texts(examples(), cells(AT_ONCE), ["train"])
    assert (one["href"], one["texts"][0]["href"]) == ("", "")


def test_a_fraction_of_a_percent_stays_in_an_address():
    cell = {"dataset": "d", "model": "m", "method": "a", "level": 99.5, "baseline": "dense"}
    assert "level=99.5&" in address(cell)


@pytest.mark.parametrize(
    ("written", "shown"),
    [("NA", "NA"), ("None", "None"), (r"a\|b", "a|b"), ("a|b", "a, b"), (None, "no label")],
)
def test_classes_are_shown_by_their_own_names(written, shown):
    (one,) = surest_texts(examples(label=written), cells(AT_ONCE), ["test"])
    assert one["texts"][0]["label"] == shown
