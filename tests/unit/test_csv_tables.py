"""Tables that the workflow wrote are read as they were written."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from pielab import files
from pielab.csv_tables import TEXTS, join_names, read_csv, split_names
from pielab.pages.exhibits import read_columns

NAMES = [
    "NA",
    "None",
    "null",
    "nan",
    "n/a",
    "<NA>",
    "0009",
    "1e5",
    "1.0",
    "True",
    "a|b",
    'a "b", c',
]


@pytest.mark.parametrize("column", ["class", "example_id", "label", "slice", "text", "where"])
def test_names_that_look_like_nothing_or_numbers_stay_names(tmp_path, column):
    table = pd.DataFrame({column: NAMES, "p": np.arange(len(NAMES)) / 7, "pies": 3})
    files.write_frame(tmp_path / "t.csv", table)
    found = read_csv(tmp_path / "t.csv")
    assert found[column].tolist() == NAMES
    np.testing.assert_allclose(found["p"], table["p"])
    assert found["pies"].dtype == np.int64


def test_what_is_empty_is_missing(tmp_path):
    table = pd.DataFrame({"class": ["a", None], "p": [np.nan, 0.5], "primary": [True, False]})
    files.write_frame(tmp_path / "t.csv", table)
    found = read_csv(tmp_path / "t.csv")
    assert found["class"].isna().tolist() == [False, True]
    assert found["p"].isna().tolist() == [True, False]
    assert found["primary"].dtype == bool


def test_all_columns_of_names_and_words_are_read_as_text():
    described = read_columns(Path(__file__).parents[2] / "resources/columns.yaml")
    described.pop("example_tables")  # which are parquet
    tables = [one["columns"] for one in described.values()]
    texts = {
        name
        for columns in tables
        for name, (unit, _) in columns.items()
        if unit in ("name", "text")
    }
    assert texts <= set(TEXTS)


@pytest.mark.parametrize(
    ("names", "joined"),
    [
        (["neg", "pos"], "neg|pos"),
        (["a|b", "c"], r"a\|b|c"),
        (["a\\", "|", "b\\|c"], r"a\\|\||b\\\|c"),
        ([], ""),
    ],
)
def test_names_that_hold_a_bar_are_joined_and_split_again(names, joined):
    assert join_names(names) == joined
    assert split_names(joined) == names
