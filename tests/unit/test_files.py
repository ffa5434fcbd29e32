import os

import numpy as np
import pandas as pd
import pytest

from pielab import files


def names(folder):
    return sorted(path.name for path in folder.iterdir())


def test_a_file_appears_under_its_name_only_when_it_is_whole(tmp_path):
    with files.replacing(tmp_path / "a.txt") as temporary:
        temporary.write_text("half")
        assert names(tmp_path) == [temporary.name]
        assert temporary.name.startswith(".")
        assert temporary.suffix == ".txt"
    assert names(tmp_path) == ["a.txt"]


def test_what_a_killed_writer_left_goes_with_the_next_write_of_that_path_and_nothing_else(tmp_path):
    old = {".0123abcd.a.txt": True, ".0123abcd.b.txt": False, ".0123abcx.a.txt": False}
    old |= {"a.txt.0123abcd": False, ".0123abcd.a.txt.seed1": False}
    for name in old:
        (tmp_path / name).touch()
        os.utime(tmp_path / name, (0, 0))
    (tmp_path / ".4567abcd.a.txt").touch()  # of a writer that is at work
    files.write_text(tmp_path / "a.txt", "x")
    left = {name for name, goes in old.items() if not goes}
    assert set(names(tmp_path)) == left | {"a.txt", ".4567abcd.a.txt"}


def test_leftovers_of_a_name_with_signs_of_patterns_are_just_its_own(tmp_path):
    for name in (".0123abcd.[a]*.txt", ".0123abcd.a.txt"):
        (tmp_path / name).touch()
        os.utime(tmp_path / name, (0, 0))
    files.write_text(tmp_path / "[a]*.txt", "x")
    assert names(tmp_path) == [".0123abcd.a.txt", "[a]*.txt"]


def test_folders_are_made(tmp_path):
    files.write_text(tmp_path / "a" / "b" / "c.txt", "x")
    assert names(tmp_path / "a" / "b") == ["c.txt"]


@pytest.mark.parametrize("error", [ValueError, KeyboardInterrupt, SystemExit])
def test_a_failed_or_stopped_write_leaves_the_old_file_and_nothing_else(tmp_path, error):
    files.write_text(tmp_path / "a.txt", "old")

    def write():
        with files.replacing(tmp_path / "a.txt") as temporary:
            temporary.write_text("half")
            raise error

    with pytest.raises(error):
        write()
    assert names(tmp_path) == ["a.txt"]
    assert (tmp_path / "a.txt").read_text() == "old"


def test_two_writers_of_one_path_never_share_a_temporary_file(tmp_path):
    with files.replacing(tmp_path / "a") as one, files.replacing(tmp_path / "a") as other:
        assert one != other
        one.write_text("one")
        other.write_text("other")
    assert names(tmp_path) == ["a"]
    assert (tmp_path / "a").read_text() == "one"


def test_text_is_written_as_utf8_and_json_read_as_such(tmp_path):
    files.write_text(tmp_path / "a.json", '{"x": "\u00e9\u65e5"}')
    assert (tmp_path / "a.json").read_bytes() == '{"x": "\u00e9\u65e5"}'.encode()
    assert files.read_json(tmp_path / "a.json") == {"x": "\u00e9\u65e5"}


def test_frames_lose_their_index_and_keep_their_content(tmp_path):
    frame = pd.DataFrame({"i": [1, 2], "s": ["NA", "a\nb"], "l": [[1], []]}, index=[5, 9])
    files.write_frame(tmp_path / "a.parquet", frame)
    found = pd.read_parquet(tmp_path / "a.parquet")
    assert list(found.index) == [0, 1]
    assert [list(labels) for labels in found["l"]] == [[1], []]
    assert found["s"].tolist() == ["NA", "a\nb"]
    files.write_frame(tmp_path / "a.csv", frame[["i", "s"]])
    assert (tmp_path / "a.csv").read_text() == 'i,s\n1,NA\n2,"a\nb"\n'


def test_a_frame_that_cannot_be_written_leaves_nothing(tmp_path):
    with pytest.raises(UnicodeEncodeError):
        files.write_frame(tmp_path / "a.parquet", pd.DataFrame({"s": ["\ud800"]}))
    assert names(tmp_path) == []


@pytest.mark.parametrize(
    "array",
    [
        np.arange(6, dtype=np.int32).reshape(2, 3).T,
        np.arange(10.0)[::2],
        np.zeros((0, 3), np.float32),
        np.array(5, np.int64),
        np.array([True, False]),
        np.array([np.nan, -0.0, np.inf], np.float32),
    ],
)
def test_arrays_of_any_shape_and_layout_come_back_with_their_header(tmp_path, array):
    files.write_arrays(tmp_path / "a.safetensors", {"x": array, "y": array}, {"k": "v"})
    arrays, header = files.read_arrays(tmp_path / "a.safetensors")
    assert header == {"k": "v"}
    for name in ("x", "y"):
        assert arrays[name].dtype == array.dtype
        assert arrays[name].shape == array.shape
        np.testing.assert_array_equal(arrays[name], array)


def test_arrays_without_a_header_come_back_with_an_empty_one(tmp_path):
    files.write_arrays(tmp_path / "a.safetensors", {"x": np.zeros(1)})
    assert files.read_arrays(tmp_path / "a.safetensors")[1] == {}
