"""Claims 5 and 6 with other factors held fixed: odds ratios of causes.csv, beside the verdicts."""

import numpy as np
import pandas as pd
import pytest

import tabulate_claims
from pielab import csv_tables
from pielab.claims import adjusted


def cause(factor, ends, split="test", **changes):
    row = {"dataset": "news", "model": "bert", "split": split, "method": "all", "outcome": "pie"}
    row |= {"factor": factor}
    names = ("adjusted", "adjusted_low", "adjusted_high")
    return row | dict(zip(names, ends, strict=True)) | changes


CAUSES = pd.DataFrame(
    [
        cause("tokens", (1.2, 0.9, 1.6)),
        cause("flesch_reading_ease", (0.5, 0.4, 0.8)),
        cause("tokens", (9, 8, 10), split="train"),
        cause("tokens", (9, 8, 10), method="imp-ft"),
        cause("tokens", (9, 8, 10), outcome="negative flip"),
        cause("tokens", (9, 8, 10), model="bilstm"),
        cause("el2n", (1.5, 1.1, 2), split="train"),
        cause("grand", (1.1, 0.7, 1.7), split="train"),
    ]
)


def claim(number, **changes):
    row = {"dataset": "news", "model": "bert", "comparison": "primary", "claim": number}
    return row | {"matched_verdict": "inconclusive", "note": ""} | changes


BY_MEASURE = pd.DataFrame(
    [
        {"dataset": "news", "model": "bert", "influence_measure": name, "matched_verdict": "x"}
        for name in ("el2n", "grand", "forgetting")
    ]
)


def ends(row):
    return [row[name] for name in adjusted.COLUMNS]


def test_claim_6_has_the_weaker_of_length_and_difficulty():
    (row,) = adjusted.scorecard(pd.DataFrame([claim(6)]), CAUSES, BY_MEASURE).to_dict("records")
    assert ends(row) == [1.2, 0.9, 1.6, "tokens"]  # difficulty: 1 / 0.5, 1 / 0.8 to 1 / 0.4


def test_a_lower_reading_ease_is_harder_so_its_odds_are_turned_over():
    longer = CAUSES.assign(adjusted=CAUSES["adjusted"].where(CAUSES["factor"] != "tokens", 3.0))
    found = adjusted.scorecard(pd.DataFrame([claim(6)]), longer, BY_MEASURE).iloc[0]
    assert ends(found)[:3] == [2, 1.25, 2.5]
    assert found["adjusted_factor"] == "flesch_reading_ease"


def test_claim_5_has_the_odds_of_the_first_measure_and_the_other_table_of_each():
    table = pd.DataFrame([claim(5)])
    assert ends(adjusted.scorecard(table, CAUSES, BY_MEASURE).iloc[0]) == [1.5, 1.1, 2, "el2n"]
    by_measure = adjusted.by_measure(BY_MEASURE, CAUSES)
    assert by_measure["adjusted"].tolist()[:2] == [1.5, 1.1]
    assert np.isnan(by_measure["adjusted"].iloc[2])  # of which causes.csv has no row


@pytest.mark.parametrize(
    "changes", [{"claim": 4}, {"comparison": "dense"}, {"model": "other"}, {"dataset": "films"}]
)
def test_other_claims_baselines_and_models_have_none(changes):
    found = adjusted.scorecard(pd.DataFrame([claim(6) | changes]), CAUSES, BY_MEASURE)
    assert found[list(adjusted.COLUMNS)].isna().all(axis=None)


def test_if_length_or_difficulty_cannot_be_told_from_others_the_claim_has_none():
    unknown = CAUSES.assign(
        adjusted=CAUSES["adjusted"].where(CAUSES["factor"] != "flesch_reading_ease")
    )
    found = adjusted.scorecard(pd.DataFrame([claim(6)]), unknown, BY_MEASURE)
    assert found["adjusted"].isna().all()


def test_both_tables_are_joined_over_datasets_and_have_them_after_what_is_matched(tmp_path):
    films = claim(6, dataset="films")
    none = BY_MEASURE[:0][["dataset", "model", "influence_measure"]]
    paths = {"claims": [], "by_measure": []}
    for name, number, own in (
        ("news", pd.DataFrame([claim(5), claim(6)]), BY_MEASURE),
        ("films", pd.DataFrame([films]), none),
    ):
        number.to_csv(tmp_path / f"{name}.csv", index=False)
        own.to_csv(tmp_path / f"{name}.influence.csv", index=False)
        paths["claims"].append(str(tmp_path / f"{name}.csv"))
        paths["by_measure"].append(str(tmp_path / f"{name}.influence.csv"))
    CAUSES.to_csv(tmp_path / "causes.csv", index=False)
    outputs = {name: str(tmp_path / f"{name}.csv") for name in ("table", "by_measure")}
    tabulate_claims.main(paths | {"causes": str(tmp_path / "causes.csv")}, outputs)
    table = csv_tables.read_csv(outputs["table"])
    assert table["adjusted"].tolist()[:2] == [1.5, 1.2]
    assert list(table)[4:6] == ["matched_verdict", "adjusted"]
    assert len(csv_tables.read_csv(outputs["by_measure"])) == 3


def test_without_measures_of_influence_claim_5_has_none():
    empty = pd.DataFrame(columns=["dataset", "model", "seeds", "influence_measure"])
    assert adjusted.by_measure(empty, CAUSES).equals(empty)
    found = adjusted.scorecard(pd.DataFrame([claim(5)]), CAUSES, empty)
    assert found["adjusted"].isna().all()
