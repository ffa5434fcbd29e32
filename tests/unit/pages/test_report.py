import pandas as pd
import pytest

from pielab.pages import report
from pielab.vocabulary import TIES


def test_claims_come_in_order_with_a_verdict_for_each_pair():
    row = {"dataset": "d", "model": "a", "name": "n", "effect_name": "e", "rule": "r"}
    row |= {"matched_verdict": None, "comparison": "headline", "effect_by_probability": 0.1}
    rows = [
        row | {"claim": 2, "effect": 0.12345, "low": 0.1, "high": 0.2, "verdict": "reproduced"},
        row | {"claim": 1, "effect": None, "low": None, "high": None, "verdict": "inconclusive"},
        row | {"claim": 2, "effect": -1, "low": -2, "high": 0, "verdict": "not reproduced"},
    ]
    rows[1]["note"] = "one model only"
    first, second = report.claims(pd.DataFrame(rows))
    assert (first["number"], second["number"]) == (1, 2)
    assert first["verdicts"][0]["effect"] == "–"
    assert first["verdicts"][0]["note"] == "one model only"
    assert [one["verdict"] for one in second["verdicts"]] == ["reproduced", "not reproduced"]
    assert second["verdicts"][0]["effect"] == "0.123"


def test_the_summary_takes_means_over_pruned_cells_and_leaves_the_control_out():
    pies = pd.DataFrame(
        {
            "dataset": "d",
            "model": "a",
            "method": ["m", "m", "control"],
            "sparsity": [50.0, 90.0, 0.0],
            "level": ["50 %", "90 %", "0 %"],
            "baseline": "dense",
            "headline": True,
            "collapsed": False,
            "examples": 200,
            "pie_share": [0.01, 0.25, 0.9],
            "score_baseline": 0.8,
            "score_compressed": [0.8, 0.7, 0.1],
            "score_baseline_on_pies": [None, 0.6, 0.1],
            "score_compressed_on_pies": [None, 0.4, 0.1],
            "score_baseline_on_random": 0.8,
            "score_compressed_on_random": 0.7,
        }
    )
    (row,) = report.summary(pies, {"d": "multi-label"})
    assert (row["least"], row["most"], row["worst"]) == ("1.0 %", "25.0 %", "m at 90 %")
    assert (row["score_baseline"], row["score_compressed"]) == ("80.0 %", "75.0 %")
    assert row["score_compressed_on_pies"] == "40.0 %"
    assert row["measure"] == "macro-F1"


@pytest.mark.parametrize(
    ("seeds", "q", "words"),
    [
        (5, [0.01, 0.01], "too few seeds"),
        (30, [0.1, None], "no sign"),
        (30, [0.1, 0.05], "in 1 of 2 combinations"),
    ],
)
def test_what_to_believe_follows_the_tests_of_the_cells(seeds, q, words):
    cells = pd.DataFrame({"dataset": "d", "model": "a", "sparsity": [50.0, 90.0], "seeds": seeds})
    cells = cells.assign(baseline="dense", headline=True, collapsed=False)
    counts = ("half_pies", "noise_floor", "excess", "excess_low", "certain", "likely", "pies")
    counts += ("expected_pies", "shifted")
    ties = [f"pies_{rule}" for rule in TIES]
    cells = cells.assign(examples=100, q=q, **dict.fromkeys([*counts, *ties], 10))
    (row,) = report.luck(cells)
    assert words in row["belief"]
    assert (row["floor"], row["longer"], row["ties"]) == ("10.0 %", "–", ["10.0 %"])


def made_cells():
    """Return a pruned cell against both baselines, one that has collapsed, and the control."""
    rows = [
        {"sparsity": 50.0, "baseline": "control", "headline": True, "excess": 1},
        {"sparsity": 50.0, "baseline": "dense", "headline": False, "excess": 11},
        {
            "sparsity": 99.0,
            "baseline": "control",
            "headline": True,
            "excess": 45,
            "collapsed": True,
        },
        {"sparsity": 99.0, "baseline": "dense", "headline": False, "excess": 55, "collapsed": True},
        {"sparsity": 0.0, "baseline": "dense", "headline": True, "excess": 10},
    ]
    shared = {"dataset": "d", "model": "a", "seeds": 10, "examples": 100, "q": 0.01}
    shared |= {"collapsed": False, "half_pies": 20, "noise_floor": 10, "excess_low": 0.5}
    shared |= {"expected_pies": 12, "shifted": 30}
    shared |= dict.fromkeys(["certain", "likely", "pies", *(f"pies_{rule}" for rule in TIES)], 10)
    return pd.DataFrame([shared | row for row in rows])


def test_pies_are_held_against_models_trained_as_long_and_against_dense_ones():
    as_long, dense = report.luck(made_cells())
    assert (as_long["against"], as_long["excess"]) == ("models trained as long", "1.0 %")
    assert (dense["against"], dense["excess"]) == ("dense models", "11.0 %")
    assert dense["longer"] == "10.0 %"


def test_collapsed_cells_are_left_out_of_means_counted_and_shown_beside():
    as_long, _ = report.luck(made_cells())
    assert (as_long["cells"], as_long["collapsed"]) == (1, 1)
    assert as_long["with_collapsed"] == "23.0 %"
    (row, _) = report.luck(made_cells().assign(collapsed=True))
    assert row["belief"] == "nothing: all cells have collapsed"


def test_provenance_has_versions_and_the_config_but_no_date():
    made = report.provenance({"datasets": {"films": {"source": "files"}}})
    assert "numpy" in dict(made["versions"])
    assert made["config"] == "datasets:\n  films:\n    source: files\n"


@pytest.mark.parametrize(
    ("rarest", "names"), [(90, {"class_pie_rate", "class_distribution"}), (50, set())]
)
def test_figures_by_frequency_are_hidden_where_classes_are_as_frequent(rarest, names):
    classes = pd.DataFrame({"dataset": "films", "train_examples": [100, rarest]})
    hidden = report.hidden_figures(classes)
    assert set(hidden) == names
    assert all("films: 1.11" in reason for reason in hidden.values())
