import pandas as pd

from helpers.report_page import CAUSES
from pielab.pages import causes


def sentences(rows=CAUSES, **changes):
    (one,) = causes.why(pd.DataFrame(rows).assign(**changes))
    assert one["pair"] == "films, bert"
    return one["sentences"]


def test_five_sentences_tell_what_stands_and_what_does_not():
    stands, does_not, length, open_, labels = sentences()
    assert stands == (
        "Over 30 texts that are PIEs of some version, these matter by themselves, with others held "
        "fixed: logit margin of the baseline, odds times 0.25 (0.1 to 0.5)."
    )
    assert does_not == "These go with PIEs, but not once others are held fixed: tokens (log)."
    assert length == "Length: odds times 1.1 (0.8 to 1.5) for one deviation more."
    assert open_ == (
        "These texts cannot tell from other factors: SMOG and leave the odds of 1 factor uncertain "
        "by more than fourfold."
    )
    assert labels == (
        "Of the 30 PIEs, 2 may have wrong labels: most models of the baseline are sure of another "
        "one. Weak models are sure of wrong answers, too."
    )


def test_a_measure_of_readability_that_matters_is_named():
    rows = [*CAUSES, CAUSES[0] | {"factor": "ari", "factor_name": "ARI"}]
    assert "1 of 1 measures of readability matter by themselves (ARI)" in sentences(rows)[2]


def test_where_nothing_matters_it_is_said():
    stands, does_not, *_ = sentences(adjusted_low=0.5, adjusted_high=2.0, alone_low=0.5)
    assert "no factor matters by itself" in stands
    assert does_not.startswith("These go with PIEs, but not")  # the margin's interval ends below 1


def test_too_few_pies_leave_the_shift():
    few = [row | {"with_outcome": 3} for row in CAUSES]
    for row in few:
        row |= dict.fromkeys(("alone", "alone_low", "alone_high"))
        row |= dict.fromkeys(("adjusted", "adjusted_low", "adjusted_high"))
    shifts = [
        CAUSES[1] | {"outcome": "shift", "adjusted": 0.4, "adjusted_low": 0.1, "adjusted_high": 0.7}
    ]
    found = sentences([*few, *shifts])
    assert found == [
        "With 3 PIEs there are too few texts to tell what PIEs have in common.",
        "The shift of log odds goes with these, others held fixed: tokens (log).",
    ]


def test_without_scores_nothing_is_said_of_labels():
    assert len(sentences(doubted=None)) == 4
    assert sentences(doubted=0)[-1].startswith(
        "Most models of the baseline doubt the label of none"
    )


def test_no_pair_no_sentence():
    assert causes.why(pd.DataFrame(CAUSES).iloc[:0]) == []
