import os

import numpy as np
import pandas as pd
import pytest
from pyarrow import parquet

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


def test_what_a_killed_job_left_goes_when_it_is_a_day_old_and_no_sooner(tmp_path):
    left = {
        name: tmp_path / name for name in (".0a1b2c3d.a.txt", ".9a1b2c3d.a.txt", ".9a1b2c3d.b.txt")
    }
    for name, path in left.items():
        path.touch()
        if not name.startswith(".0"):
            os.utime(path, (0, 0))
    files.write_text(tmp_path / "a.txt", "x")
    assert names(tmp_path) == [".0a1b2c3d.a.txt", ".9a1b2c3d.b.txt", "a.txt"]


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


def test_equal_arrays_give_equal_bytes_in_whatever_order_they_are_named(tmp_path):
    arrays = {"b": np.arange(3, dtype=np.uint8), "a": np.ones((2, 2)), "c": np.zeros(3, np.float16)}
    files.write_arrays(tmp_path / "1", arrays, {"y": "1", "x": "\u00e9"})
    files.write_arrays(tmp_path / "2", dict(reversed(arrays.items())), {"x": "\u00e9", "y": "1"})
    assert (tmp_path / "1").read_bytes() == (tmp_path / "2").read_bytes()


def test_rows_can_be_put_one_after_another(tmp_path):
    shapes = {"x": (np.dtype("float16"), (4, 2)), "y": (np.dtype("int64"), ())}
    with files.writing_arrays(tmp_path / "a", shapes) as put:
        put("x", np.full((1, 2), 3.0), 3)
        put("y", np.array(7))
        put("x", np.full((2, 2), 1.0))
        assert names(tmp_path) != ["a"]
    arrays, _ = files.read_arrays(tmp_path / "a")
    assert arrays["x"].tolist() == [[1, 1], [1, 1], [0, 0], [3, 3]]
    assert arrays["y"] == 7


def test_arrays_can_be_read_by_whom_the_umask_lets(tmp_path):
    before = os.umask(0o027)
    try:
        files.write_arrays(tmp_path / "a", {"x": np.zeros(1)})
    finally:
        os.umask(before)
    assert (tmp_path / "a").stat().st_mode & 0o777 == 0o640


def write_block(path, seeds=(0, 1), examples="abcdefghij"):
    arrays = {"logits": np.ones((2, 3, 2), np.float32), "seeds": np.array(seeds)}
    files.write_arrays(path, arrays, {"examples": examples})
    return str(path)


def test_predictions_of_all_blocks_are_joined(tmp_path):
    paths = [
        write_block(tmp_path / "seeds0-1.test.safetensors"),
        write_block(tmp_path / "seeds2-3.test.safetensors", (2, 3)),
    ]
    assert files.read_logits(paths, "abcdefghij").shape == (4, 3, 2)


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"examples": "xyz"}, "predictions for examples xyz; expected abcdefgh"),
        ({"seeds": (40, 41)}, "seeds [40, 41]; expected 0 to 1"),
        ({"seeds": (1, 0)}, "seeds [1, 0]; expected 0 to 1"),
    ],
)
def test_predictions_for_other_examples_or_of_other_seeds_are_refused(tmp_path, values, said):
    path = write_block(tmp_path / "seeds0-1.test.safetensors", **values)
    with pytest.raises(ValueError) as caught:
        files.read_logits([path], "abcdefghij")
    assert str(caught.value).startswith(f"{path}: {said}")


@pytest.mark.parametrize("length", [0, 7, 100, -1])
def test_a_torn_file_is_named_with_what_to_do(tmp_path, length):
    path = tmp_path / "seeds0-1.test.safetensors"
    write_block(path)
    path.write_bytes(path.read_bytes()[:length])
    with pytest.raises(ValueError) as caught:
        files.read_logits([str(path)], "abcdefghij")
    line = str(caught.value)
    assert line.startswith(str(path))
    assert line.endswith("delete it and run the same command again")
    assert "\n" not in line


def test_arrays_without_a_header_come_back_with_an_empty_one(tmp_path):
    files.write_arrays(tmp_path / "a.safetensors", {"x": np.zeros(1)})
    assert files.read_arrays(tmp_path / "a.safetensors")[1] == {}


def test_lists_of_one_length_are_kept_as_one_array_and_read_back(tmp_path):
    votes = np.arange(12, dtype=np.uint8).reshape(4, 3)
    frame = pd.DataFrame({"id": range(4), "votes": list(votes), "words": list("abcd")})
    files.write_frame(tmp_path / "a.parquet", frame, ["votes"])
    schema = parquet.read_schema(tmp_path / "a.parquet")
    assert schema.names == ["id", "votes", "words"]
    assert schema.field("votes").type.list_size == 3
    found = files.read_lists(tmp_path / "a.parquet", "votes")
    assert found.dtype == np.uint8
    np.testing.assert_array_equal(found, votes)
    read = pd.read_parquet(tmp_path / "a.parquet")
    np.testing.assert_array_equal(np.stack(list(read["votes"])), votes)


def test_a_table_without_rows_keeps_its_lists(tmp_path):
    frame = pd.DataFrame({"votes": pd.Series([], dtype=object)})
    files.write_frame(tmp_path / "a.parquet", frame, ["votes"])
    assert len(files.read_lists(tmp_path / "a.parquet", "votes")) == 0


def test_a_full_disk_is_named_with_the_file(tmp_path):
    def write():
        with files.replacing(tmp_path / "a.csv"):
            raise OSError("80000 requested and 13968 written")  # as NumPy has it

    with pytest.raises(OSError, match=r"a\.csv: not written: 80000 requested"):
        write()
    assert not list(tmp_path.iterdir())
