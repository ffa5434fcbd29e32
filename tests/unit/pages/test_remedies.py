"""What mends it, in words."""

import pandas as pd
import pytest

from helpers.judged_cells import DENSE, cells
from helpers.report_page import write_report
from pielab.pages.remedies import BY_CONSTRUCTION, cost, remedy_steps, rows_of_page
from pielab.vocabulary import MODELS

ROW = {"dataset": "films", "model": "bert", "method": "imp-ft-focal", "level": 90.0}
ROW |= {"baseline": "control", "plain": "imp-ft", "remedy": "focal-distillation"}
ROW |= {"kind": "training", "sent": None}
ROW |= {"level_text": "90 %", "primary": True, "collapsed": False, "lost": None}
ROW |= {"stages": 4, "stages_plain": 4, "further_models": 0, "verdict": "yes"}
ROW |= {"nfr": 0.015, "nfr_plain": 0.023, "negative_flips": 7, "negative_flips_plain": 11}
ROW |= {"worst_class": "negative", "size_share": 0.1, "size_share_plain": 0.1}
for name, change in (
    *(("nfr", -0.008), ("other_nfr", -0.004), ("excess", -0.01)),
    *(("score", 0.001), ("worst_class", 0.02)),
):
    ROW |= {f"{name}_change": change, f"{name}_change_low": change - 0.002}
    ROW |= {f"{name}_change_high": change + 0.002}

SENTENCE = (
    "Train bert with imp-ft at 90 % by focal-distillation (imp-ft-focal): single models' negative "
    "flips fall from 2.3 % to 1.5 % of the texts (change −0.8 (−1.0 to −0.6) points), the score "
    "changes by +0.1 (−0.1 to +0.3) points, for as much training."
)


def table(*changes):
    return pd.DataFrame([ROW | change for change in changes])


def test_a_table_without_remedies_has_no_rows_on_the_page(tmp_path):
    table({})[:0].to_csv(tmp_path / "remedies.csv", index=False)
    empty = pd.read_csv(tmp_path / "remedies.csv")
    assert rows_of_page(empty) == []


def test_the_page_shows_a_remedy_with_its_changes_and_its_cost():
    (row,) = rows_of_page(table({}))
    assert (row["whose"], row["name"]) == ("films, bert", "imp-ft-focal at 90 %")
    assert row["nfr"] == "2.3 % → 1.5 %"
    assert row["nfr_change"] == "−0.8 (−1.0 to −0.6)"
    assert row["majority"] == "11 → 7"
    assert row["worst"] == "negative +2.0 (+1.8 to +2.2)"
    assert row["size"] == "0.10 → 0.10"


@pytest.mark.parametrize(
    ("stages", "further", "words"),
    [
        (4, 0, "as much training"),
        (9, 5, "9 stages instead of 4, with 5 further models"),
        (5, 1, "5 stages instead of 4, with 1 further model"),
    ],
)
def test_costs_are_said_in_stages_and_models(stages, further, words):
    assert cost(ROW | {"stages": stages, "further_models": further}) == words


SENT = {"kind": "fallback", "method": "imp-ft", "sent": 0.1, "nfr": 0.001}
SENT |= {"remedy": "fallback, 10 % of the texts"}
DENSE_LAYERS = {"kind": "layers", "method": "imp-ft", "remedy": "kept dense: lstm, hidden"}


def test_costs_of_remedies_that_train_nothing_are_said():
    assert cost(ROW | SENT) == "no training; both models answer 10 % of the texts"
    assert cost(ROW | DENSE_LAYERS) == "no training"


def test_fallbacks_are_advised_elsewhere_and_layers_here():
    assert remedy_steps(table(SENT), cells({})) == []
    said = remedy_steps(table(SENT, DENSE_LAYERS | {"nfr": 0.01}), cells({}))
    assert said[0].startswith("bert with imp-ft at 90 %, kept dense: lstm, hidden: single models'")


def test_the_page_shows_fallbacks_of_the_versions_with_the_most_negative_flips():
    plain = [SENT | {"level": 10.0 + n, "nfr_plain": 0.01 * n} for n in range(12)]
    others = [SENT | {"primary": False, "nfr_plain": 1}, SENT | {"collapsed": True, "nfr_plain": 1}]
    shown = rows_of_page(table({}, *plain, *others))
    assert len(shown) == 9
    assert (
        min(float(row["nfr"].split(" ")[0]) for row in shown if row["remedy"] == SENT["remedy"])
        == 4
    )


def test_the_best_remedy_of_a_version_is_advised():
    other = {"method": "imp-ft-own", "remedy": "distillation", "nfr": 0.018}
    assert remedy_steps(table(other, {}), cells({})) == [SENTENCE, BY_CONSTRUCTION]
    blocked = {tuple(ROW[name] for name in MODELS)}
    said = remedy_steps(table({}), cells({}), blocked)
    assert said[0] == f"{SENTENCE} The gate still blocks it."


@pytest.mark.parametrize(
    "change",
    [
        {"verdict": "unclear"},
        {"verdict": "worse"},
        {"lost": "score"},
        {"collapsed": True},
        DENSE,
    ],
)
def test_what_mends_nothing_or_makes_something_worse_is_not_advised(change):
    assert remedy_steps(table(change), cells({})) == []
    assert remedy_steps(None, cells({})) == []


def test_the_report_has_a_table_of_remedies_with_what_gets_worse(tmp_path):
    page = write_report(tmp_path).read_text(encoding="utf-8")
    table = page.split('<h2 id="mends">What mends it</h2>')[1].split("</section>")[0]
    assert "focal-distillation, beside imp-ft" in table
    assert '<span class="worse">worse</span> <small>also: score</small>' in table
    assert "<strong>films, bert</strong>: mended? worse 1" in table
    assert "9 stages instead of 4, with 5 further models" in table
    assert "<script>" not in table


def test_a_table_without_a_remedy_has_no_rows_whatever_its_types():
    empty = table({}).iloc[:0].astype(object)
    assert rows_of_page(empty) == []
