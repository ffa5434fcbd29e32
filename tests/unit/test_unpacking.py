"""Small files that unpack to far more than such files hold are refused before they are read."""

import gzip
import json
import zipfile

import numpy as np
import pandas as pd
import pytest

import convert_inspect
from pielab import unpacking
from pielab.data import harness_rows, table_files
from pielab.external import arrays


@pytest.fixture(autouse=True)
def _small(monkeypatch):
    monkeypatch.setattr(unpacking, "LARGE", 2**20)
    monkeypatch.setattr(unpacking, "LARGE_TEXT", 2**16)


def refusal(read, path):
    with pytest.raises(ValueError, match="it unpacks to") as caught:
        read(str(path))
    assert str(path) in str(caught.value)
    assert len(str(caught.value)) < 400
    return str(caught.value)


def test_an_npz_file_is_held_to_the_sizes_of_all_its_members_together(tmp_path):
    path = tmp_path / "scores.npz"
    np.savez_compressed(path, **{f"a{number}": np.zeros(2**16) for number in range(3)})
    # Three arrays of 512 KiB, each with a header of 128 bytes
    said = refusal(arrays.load, path)
    assert f"it unpacks to {3 * (2**19 + 128):,} bytes or more; expected at most 1,048,576" in said
    np.savez_compressed(path, a=np.zeros(2**16))
    assert arrays.load(str(path))["a"].shape == (2**16,)


def test_a_file_of_its_own_size_may_be_large(tmp_path):
    path = tmp_path / "scores.npz"
    np.savez(path, a=np.zeros(2**18))
    assert arrays.load(str(path))["a"].shape == (2**18,)


@pytest.mark.parametrize(
    "column",
    [np.zeros(2**18, np.int64), ["x" * 2**10] * 2**11, [[0.0] * 2**9] * 2**8, [b"y" * 999] * 2**11],
    ids=["one number", "one text", "lists", "bytes"],
)
def test_a_parquet_file_that_repeats_a_value_is_refused(tmp_path, column):
    path = tmp_path / "texts.parquet"
    pd.DataFrame({"text": pd.Series(column)}).to_parquet(path)
    refusal(table_files.read_table, path)
    pd.DataFrame({"text": pd.Series(column[:9])}).to_parquet(path)
    assert len(table_files.read_table(str(path))) == 9


def test_a_parquet_file_of_several_groups_is_refused(tmp_path):
    path = tmp_path / "texts.parquet"
    frame = pd.DataFrame({"text": ["x" * 2**13] * 2**11})
    frame.to_parquet(path, row_group_size=500)
    refusal(table_files.read_table, path)


def test_a_gzipped_log_is_refused_once_it_is_too_long(tmp_path):
    path = tmp_path / "samples_task.jsonl.gz"
    path.write_bytes(gzip.compress(json.dumps({"doc": "x" * 2**17}).encode()))
    refusal(lambda path: list(harness_rows.read_rows(path)), path)
    path.write_bytes(gzip.compress(b'{"doc_id": 0}\n'))
    assert list(harness_rows.read_rows(str(path))) == [(1, {"doc_id": 0})]


def test_a_log_of_inspect_is_refused_before_inspect_reads_it(tmp_path):
    path = tmp_path / "run.eval"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("samples/1.json", "x" * 2**21)
    refusal(lambda path: convert_inspect.main(path, "table", "results"), path)
