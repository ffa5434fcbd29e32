"""The table of remedies: its columns, verdicts and sizes."""

import pandas as pd
import pytest
import yaml

import tabulate_remedies
from helpers.described_columns import DESCRIPTIONS
from pielab.analysis.remedies import COLUMNS, GIVEN
from pielab.vocabulary import KEYS

KEY = {"dataset": "films", "model": "minilm", "level": 90.0, "baseline": "dense"}


@pytest.fixture
def table(tmp_path):
    """The table of two remedies, of which the second does nothing."""
    numbers = dict.fromkeys([*GIVEN, *COLUMNS], 0.0) | {"plain": "imp-ft", "remedy": "focal"}
    numbers |= {"kind": "training", "lot_change": None, "more_bytes": None}
    numbers |= {"worst_class": "negative", "lost": "", "nfr": 0.01, "nfr_plain": 0.02}
    better = {"nfr_change_low": -0.015, "nfr_change_high": -0.005, "p": 0.001}
    nothing = {"nfr_change_low": -0.001, "nfr_change_high": 0.001, "p": 0.9}
    sent = {"kind": "fallback", "p": 0.04, "lot_change_low": -0.01, "lot_change_high": -0.001}
    rows = [
        KEY | {"method": "mends"} | numbers | better,
        KEY | {"method": "idle"} | numbers | nothing,
        KEY | {"method": "imp-ft"} | numbers | nothing | sent | {"lot_change": -0.005},
        KEY | {"method": "imp-ft"} | numbers | better | {"kind": "layers", "more_bytes": 50},
    ]
    pd.DataFrame(rows)[[*KEYS, *GIVEN, *COLUMNS]].to_csv(tmp_path / "measured.csv", index=False)
    described = {"primary": True, "level_unit": "percent", "level_text": "90 %"}
    described |= {"is_compressed": True, "collapsed": False}
    pies = [
        KEY | {"method": method, "split": split} | described
        for method in ("mends", "idle", "imp-ft")
        for split in ("train", "test")
    ]
    pd.DataFrame(pies).to_csv(tmp_path / "pies.csv", index=False)
    sizes = [
        KEY | {"method": method, "size_share": 0.13, "bytes": 65, "dense_bytes": 500}
        for method in ("mends", "imp-ft")
    ]
    pd.DataFrame(sizes).to_csv(tmp_path / "frontier.csv", index=False)
    inputs = {"remedies": [tmp_path / "measured.csv"], "fallback": []}
    inputs |= {"cells": tmp_path / "pies.csv", "frontier": tmp_path / "frontier.csv"}
    outputs = {name: tmp_path / f"{name}.csv" for name in ("remedies", "fallback")}
    tabulate_remedies.main(inputs, outputs)
    assert pd.read_csv(outputs["fallback"]).empty
    return pd.read_csv(outputs["remedies"])


def test_the_table_has_verdicts_and_sizes(table):
    # By itself the fallback changes nothing, but as many texts by lot would change more
    assert table["verdict"].tolist() == ["yes", "no", "yes", "yes"]
    assert table["q"].tolist() == [0.002, 0.9, 0.04, 0.001]
    assert table["size_share_plain"].tolist() == [0.13] * 4
    assert table["size_share"].isna().tolist() == [False, True, False, False]
    # A fallback keeps both models, dense layers take 50 bytes of 500 more
    assert table["size_share"].dropna().tolist() == pytest.approx([0.13, 1.13, 0.23])
    assert table["more_bytes"].dropna().tolist() == [500, 50]


def test_each_column_is_described(table):
    known = yaml.safe_load(DESCRIPTIONS.read_text())
    described = set(known["tables"]["remedies"]["columns"])
    assert set(table) - set(known["shared"]) == described
