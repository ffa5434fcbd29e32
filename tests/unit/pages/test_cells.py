"""What the first screen's table says of each cell, and against what."""

import pandas as pd
import pytest

from helpers.judged_cells import AT_ONCE, CONTROL, DENSE, FEW, NOT_MORE, PERHAPS, SURELY, cells, row
from pielab.analysis.cell_tables import with_levels
from pielab.pages.cells import by_kind, signed


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (SURELY, "yes"),
        (PERHAPS, "probably"),
        (NOT_MORE, "no"),
        ({}, "unclear"),
        ({"q": 0.01}, "unclear"),
        (SURELY | {"seeds": 5}, "too few seeds"),
        (FEW, "too few seeds"),
        (SURELY | {"collapsed": True}, "collapsed"),
    ],
)
def test_how_sure_a_cell_is_follows_interval_and_test(change, words):
    assert cells(change)["sure"].tolist() == [words]


def test_a_comparison_says_whether_its_baseline_trained_as_long():
    table = cells({}, DENSE, AT_ONCE, CONTROL)
    words = ["control, as long", "dense, less long", "dense, as long", "dense, less long"]
    assert table["against"].tolist() == words


@pytest.mark.parametrize(("share", "words"), [(0.0004, "0.0"), (-0.0004, "0.0"), (-0.01, "−1.0")])
def test_a_sign_stands_before_what_does_not_round_to_nothing(share, words):
    assert signed(share) == words


def test_what_a_test_counts_is_seeds_however_many_draws_each_has():
    few = {"seeds": 15, "replicates": 3, "differ_by": "seed and draw"} | SURELY
    assert cells(few)["sure"].tolist() == ["too few seeds"]
    assert cells(few | {"replicates": 15, "differ_by": "draw"})["sure"].tolist() == ["yes"]


def test_other_tables_of_cells_take_their_levels_from_the_table_of_pies():
    pies = pd.DataFrame([row(), row(method="int8", level=8.0, level_text="8 bits")])
    table = pd.DataFrame({"method": ["int8", "imp-ft", "dense"], "level": [8.0, 90.0, 0.0]})
    assert with_levels(table, pies)["level_text"].tolist()[:2] == ["8 bits", "90 %"]
    assert len(with_levels(table, pies)) == 3


def test_what_is_said_of_seeds_is_said_of_reruns():
    said = {"finding": "more than other random seeds would", "rows": ["6 seeds", 3, None]}
    assert by_kind(said, "rerun") == {
        "finding": "more than other reruns would",
        "rows": ["6 reruns", 3, None],
    }
    kept = "luck is that of draws, and says nothing of other seeds."
    assert by_kind(kept, "draw") == kept
    assert by_kind(said, "seed") is said


def test_what_changes_answers_by_itself_is_named_for_what_models_differ_by():
    said = "1 version changes more answers than retraining would"
    assert by_kind(said, "rerun") == "1 version changes more answers than a rerun would"
    assert by_kind(said, "draw") == "1 version changes more answers than another draw would"
    assert by_kind({"class": "seedling"}, "rerun") == {"class": "seedling"}
