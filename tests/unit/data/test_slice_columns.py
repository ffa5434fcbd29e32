"""Columns that test examples are grouped by, carried from the source beside the data."""

import pandas as pd
import pytest

from pielab.data.slice_columns import slice_columns

SETTINGS = {"name": "reviews", "source": "files", "hub": None, "origin": None}


def read(tmp_path, columns, slice_by, ids, **files):
    paths = {}
    for split, text in files.items():
        paths[split] = str(tmp_path / f"{split}.csv")
        (tmp_path / f"{split}.csv").write_text(text)
    settings = SETTINGS | {"files": paths, "columns": columns, "slice_by": slice_by}
    return slice_columns(settings, pd.Series(ids))


CSV = "text,label,channel,id\na,x,web,r1\nb,y,,r2\nc,x,1.0,r3\n"


def test_rows_are_those_of_the_test_split_by_number_and_what_is_empty_is_missing(tmp_path):
    found = read(tmp_path, {"text": "text"}, ["channel"], [2, 0, 1], test=CSV)
    assert found["example_id"].tolist() == [2, 0, 1]
    assert found["channel"].isna().tolist() == [False, False, True]
    assert found["channel"].tolist()[:2] == ["1.0", "web"]


def test_rows_are_joined_by_the_ids_of_the_source(tmp_path):
    columns = {"text": "text", "id": "id"}
    other = "text,label,channel,id\nz,x,phone,r9\n"
    found = read(tmp_path, columns, ["channel"], ["r3", "r1"], train=other, test=CSV)
    assert found["channel"].tolist() == ["1.0", "web"]


def test_a_test_split_that_was_drawn_is_found_in_the_training_file(tmp_path):
    found = read(tmp_path, {}, ["channel"], [0], train=CSV)
    assert found["channel"].tolist() == ["web"]


def test_numbers_and_lists_of_a_jsonl_file_become_text(tmp_path):
    path = tmp_path / "a.jsonl"
    path.write_text('{"n": 3, "tags": ["a"], "ok": true}\n{"n": null, "tags": [], "ok": false}\n')
    settings = SETTINGS | {"files": {"test": str(path)}, "columns": {}}
    found = slice_columns(settings | {"slice_by": ["n", "tags", "ok"]}, pd.Series([0, 1]))
    assert found["n"].isna().tolist() == [False, True]
    assert found.loc[0, ["n", "tags", "ok"]].tolist() == ["3", "['a']", "True"]


def test_a_column_that_is_not_there_is_named(tmp_path):
    with pytest.raises(ValueError, match=r"test.csv: column 'town' \(columns.slice_by.town\)"):
        read(tmp_path, {}, ["town"], [0], test=CSV)


def test_an_example_that_the_source_no_longer_has_is_named(tmp_path):
    with pytest.raises(ValueError, match="reviews: example 7; expected it in the source"):
        read(tmp_path, {}, ["channel"], [0, 7], test=CSV)
