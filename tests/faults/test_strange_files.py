"""Files that no accident makes: each is read or refused at once, in one line that names it."""

import io
import json
import os
import signal
import warnings
import zipfile

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as parquet
import pytest

from faults.test_doors import DOORS, MOST_MEMORY, ROWS, check, peak
from helpers.external_models import CLASSES, BagOfWords, card, save_bert, save_tokenizer, texts
from helpers.external_models import predict as predict_with

SECONDS = 30


@pytest.fixture(autouse=True)
def _soon():
    """End the test by force after a time, and refuse one that took much memory."""
    before = peak()
    signal.alarm(SECONDS)
    yield
    signal.alarm(0)
    assert peak() - before < MOST_MEMORY


def npz(**members):
    """Return a writer of an npz file with these members, arrays or bytes."""

    def write(path):
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
            for name, content in members.items():
                archive.writestr(
                    f"{name}.npy", content if isinstance(content, bytes) else npy(content)
                )

    return write


def npz_twice(path):
    with zipfile.ZipFile(path, "w") as archive:
        for name, array in (("ids", IDS), ("logits", TWO), ("logits", 0 * TWO)):
            with warnings.catch_warnings(action="ignore"):  # of zipfile, about the name
                archive.writestr(f"{name}.npy", npy(array))


def npy(array):
    file = io.BytesIO()
    np.lib.format.write_array(file, np.asanyarray(array))
    return file.getvalue()


def npy_head(shape, kind="<f4", order=False, version=1):
    """Return an array's head that claims a shape, without numbers."""
    said = f"{{'descr': {kind!r}, 'fortran_order': {order}, 'shape': {shape}, }}"
    text = said.encode() + b" " * (-(len(said) + 11) % 64) + b"\n"
    size = len(text).to_bytes(2 if version == 1 else 4, "little")
    return b"\x93NUMPY" + bytes([version, 0]) + size + text


def tensors(header, data=b"", size=None):
    """Return a writer of a safetensors file with this head."""

    def write(path):
        text = header if isinstance(header, bytes) else json.dumps(header).encode()
        path.write_bytes((size or len(text)).to_bytes(8, "little") + text + data)

    return write


def tensor(kind, shape, first, last):
    return {"dtype": kind, "shape": shape, "data_offsets": [first, last]}


def content(text):
    """Return a writer of text or bytes."""
    return lambda path: path.write_bytes(text if isinstance(text, bytes) else text.encode())


def table(**columns):
    return lambda path: parquet.write_table(pa.table(columns), path)


def with_dictionary(path):
    """Write a million rows whose column repeats one long text, in a few bytes."""
    long = pa.DictionaryArray.from_arrays(np.zeros(10**6, np.int32), ["x" * 10**5])
    parquet.write_table(pa.table({"id": long, "no": np.zeros(10**6)}), path)


def nested(depth, of=b"[", to=b"]"):
    return of * depth + to * depth


CSV = ROWS.to_csv(index=False)
LINE = json.dumps({"id": "t0", "seed": 0, "no": 0.25, "yes": 0.75})
IDS, TWO = np.arange(9), np.ones((9, 2), np.float32)
STRANGE = {
    # csv
    "two million columns": ("scores.csv", content("a," * 2 * 10**6 + "\n" + "1," * 2 * 10**6)),
    "NUL bytes": ("scores.csv", content(CSV.replace("t3", "t\0003"))),
    "nothing but NUL bytes": ("scores.csv", content(bytes(10**6))),
    "UTF-16": ("scores.csv", content(CSV.encode("utf-16"))),
    "UTF-16 of texts": ("texts.csv", content(CSV.encode("utf-16-le"))),
    "UTF-32": ("texts.csv", content(CSV.encode("utf-32"))),
    "two marks of UTF-8": ("scores.csv", content(b"\xef\xbb\xbf" * 2 + CSV.encode())),
    "a line of 40 MB": ("texts.csv", content("id,text\n1," + "x" * 40_000_000 + "\n")),
    "a quote that never ends": ("scores.csv", content(CSV.replace("t3", '"t3') * 3)),
    "nothing but quotes": ("texts.csv", content('"' * 10**6)),
    "nothing but commas": ("texts.csv", content("," * 10_000 + "\n")),
    "nothing but line ends": ("texts.csv", content("\r\n\n\r" * 10**5)),
    "the head alone": ("texts.csv", content("id,text,label")),
    "equal names": ("scores.csv", content(CSV.replace("yes", "no"))),
    "a number of 5,000 digits": ("scores.csv", content(CSV.replace("0.25", "9" * 5000))),
    "hexadecimal": ("scores.csv", content(CSV.replace("0.25", "0x1p-2"))),
    "a thousand with a mark": ("scores.csv", content(CSV.replace("0.25", "1_000"))),
    "Arabic digits": ("scores.csv", content(CSV.replace("0.25", "٠.٢٥"))),
    "a directory of Excel": ("texts.csv", npz(sheet=bytes(10**8))),
    # jsonl
    "depth 100,000": ("texts.jsonl", content(nested(10**5))),
    "depth 100,000 in an object": ("scores.jsonl", content(nested(10**5, b'{"a":', b"}"))),
    "an integer of 100,000 digits": ("scores.jsonl", content(LINE.replace("0.25", "9" * 10**5))),
    "half a pair": ("texts.jsonl", content(LINE.replace("t0", "\\ud83d"))),
    "a key twice": ("scores.jsonl", content(LINE.replace("{", '{"id": "t1", '))),
    "no number": ("scores.jsonl", content(LINE.replace("0.25", "NaN"))),
    "true for a number": ("scores.jsonl", content(LINE.replace("0.25", "true"))),
    "an infinity": ("scores.jsonl", content(LINE.replace("0.25", "1e999"))),
    "a list of all lines": ("scores.jsonl", content(f"[{LINE},{LINE}]")),
    "other keys on each line": (
        "texts.jsonl",
        content("\n".join(json.dumps({f"k{row}": 1}) for row in range(5000))),
    ),
    "a gzipped file": ("texts.jsonl", content(b"\x1f\x8b\x08" + bytes(100))),
    # parquet
    "a text that repeats": ("scores.parquet", with_dictionary),
    "lists": ("scores.parquet", table(id=["a", "b"], no=[[1.0], [2.0]], yes=[[1.0], [2.0]])),
    "structures": ("scores.parquet", table(id=[{"a": 1}], no=[1.0], yes=[0.0])),
    "bytes": ("scores.parquet", table(id=[b"\xff\xfe"], no=[0.5], yes=[0.5])),
    "decimals": (
        "scores.parquet",
        table(id=["a"], no=pa.array([0.5]).cast(pa.decimal128(9, 3)), yes=[0.5]),
    ),
    "dates": ("scores.parquet", table(id=["a"], no=[pd.Timestamp("2026-01-01")], yes=[0.5])),
    "dates far away": ("texts.parquet", table(id=pa.array([2**52], pa.timestamp("ms")))),
    "times": ("scores.parquet", table(id=["a"], no=pa.array([1], pa.duration("s")), yes=[0.5])),
    "nulls": ("scores.parquet", table(id=[None], no=pa.nulls(1), yes=[0.5])),
    "3,000 columns": ("texts.parquet", table(**{f"c{at}": [1] for at in range(3000)})),
    "no columns": ("scores.parquet", table()),
    "no rows": ("scores.parquet", table(id=pa.array([], "str"), no=[], yes=[])),
    "names in emoji": ("texts.parquet", table(**{"😀": ["a"], "a\nb": ["c"], '"': ["d"]})),
    # npz
    "objects": ("scores.npz", npz(ids=IDS, logits=npy_head((9, 2), "|O") + b"cos\nsystem\n")),
    "a shape of terabytes": ("scores.npz", npz(ids=IDS, logits=npy_head((10**6, 10**6)))),
    "a shape that overflows": ("scores.npz", npz(ids=IDS, logits=npy_head((2**62, 4)))),
    "a negative shape": ("scores.npz", npz(ids=IDS, logits=npy_head((-9, -2)) + bytes(72))),
    "empty but large": ("scores.npz", npz(ids=IDS, logits=npy_head((0, 2**40)))),
    "texts of a gigabyte": ("scores.npz", npz(ids=npy_head((9,), f"<U{2**28}"), logits=TWO)),
    "code in a head": (
        "scores.npz",
        npz(ids=IDS, logits=npy_head((9, 2)).replace(b"False", b"exit()")),
    ),
    "a head of 60,000 brackets": (
        "scores.npz",
        npz(ids=IDS, logits=npy_head("(" * 60_000, version=2)),
    ),
    "records": ("scores.npz", npz(ids=IDS, logits=np.zeros((9, 2), [("a", "f4"), ("b", "i4")]))),
    "dates as logits": ("scores.npz", npz(ids=IDS, logits=np.zeros((9, 2), "M8[s]"))),
    "complex": ("scores.npz", npz(ids=IDS, logits=TWO.astype(complex))),
    "true and false": ("scores.npz", npz(ids=IDS, logits=TWO.astype(bool))),
    "a zip of zeros": ("scores.npz", npz(ids=IDS, logits=bytes(3 * 10**8))),
    "no array": ("scores.npz", npz(ids=IDS, logits=b"hello")),
    "a member twice": ("scores.npz", npz_twice),
    "names of members": (
        "scores.npz",
        npz(**{"../../ids": IDS, "/ids": IDS, "ids": IDS, "IDS": IDS, "😀": IDS, "logits": TWO}),
    ),
    "33 axes": ("scores.npz", npz(ids=IDS, logits=npy_head((1,) * 65) + bytes(4))),
    # safetensors
    "offsets that overlap": (
        "scores.safetensors",
        tensors(
            {"ids": tensor("I64", [9], 0, 72), "logits": tensor("F32", [9, 2], 0, 72)}, bytes(72)
        ),
    ),
    "offsets that go back": (
        "scores.safetensors",
        tensors({"ids": tensor("I64", [9], 72, 0)}, bytes(72)),
    ),
    "a hole": (
        "scores.safetensors",
        tensors({"ids": tensor("I64", [9], 8, 80)}, bytes(80)),
    ),
    "a head of an exabyte": ("scores.safetensors", tensors(b"{}", size=2**60)),
    "a shape of 10^36": (
        "scores.safetensors",
        tensors({"ids": tensor("I64", [2**60, 2**60], 0, 72)}, bytes(72)),
    ),
    "no bytes, large shape": (
        "scores.safetensors",
        tensors({"ids": tensor("I64", [0, 2**60], 0, 0), "logits": tensor("F32", [0, 2], 0, 0)}),
    ),
    "many arrays": (
        "scores.safetensors",
        tensors({f"a{at}": tensor("F32", [0], 0, 0) for at in range(20_000)}),
    ),
    "an unknown type": (
        "scores.safetensors",
        tensors({"ids": tensor("F4", [9], 0, 72)}, bytes(72)),
    ),
    "a head that is a list": ("scores.safetensors", tensors([1, 2])),
    "a head 100,000 deep": ("scores.safetensors", tensors(nested(10**5))),
    # logs and vectors
    "a log 100,000 deep": ("samples_answers_2026-01-01T00-00-00.jsonl", content(nested(10**5))),
    "a log that is a number": ("samples_answers_2026-01-01T00-00-00.jsonl", content("9" * 10**5)),
    "a log of NUL bytes": ("samples_choices_2026-01-01T00-00-00.jsonl", content(bytes(10**5))),
    "a vector of a million": ("vectors.txt", content("a" + " 1" * 10**6 + "\n")),
    "a line of spaces": ("vectors.txt", content(" " * 10**6 + "\n")),
    "vectors without line ends": ("vectors.txt", content(bytes(10**6))),
    # configs
    "a config 100,000 deep": ("study.yaml", content(nested(10**5))),
    "a config of UTF-16": ("study.yaml", content("seeds: 3".encode("utf-16"))),
    "a config that makes objects": ("study.yaml", content("a: !!python/object/new:os.system [ls]")),
    "a config of NUL bytes": ("study.yaml", content(bytes(1000))),
    "a config of a cycle": ("study.yaml", content("a: &a [*a]")),
    "a config with a date": ("study.yaml", content("datasets: 2026-01-01")),
}  # fmt: skip


# These are read; where ids or columns are not those of a dataset, that is noticed later
READ = {"NUL bytes", "a line of 40 MB", "nothing but quotes", "nothing but commas"}
READ |= {"the head alone", "Arabic digits", "structures", "bytes", "decimals", "dates far away"}
READ |= {"3,000 columns", "no rows", "names in emoji", "names of members", "a vector of a million"}


@pytest.mark.parametrize("name", STRANGE)
def test_a_strange_file_is_read_or_refused_in_one_line_that_names_it(tmp_path, name):
    door, write = STRANGE[name]
    write(path := tmp_path / door)
    assert (check(path, DOORS[door][1]) is None) == (name in READ)


KINDS = {
    "a folder": os.mkdir,
    "a pipe": os.mkfifo,
    "a link to itself": lambda path: os.symlink(path, path),
    "a link to nothing": lambda path: os.symlink("nowhere", path),
    "a device without end": lambda path: os.symlink("/dev/zero", path),
    "a device without bytes": lambda path: os.symlink("/dev/null", path),
}


@pytest.mark.parametrize("door", DOORS)
@pytest.mark.parametrize("kind", KINDS)
def test_what_is_no_file_is_refused_in_one_line_that_names_it(tmp_path, kind, door):
    KINDS[kind](path := tmp_path / door)
    with pytest.raises((ValueError, OSError), match=door):
        DOORS[door][1](path)


@pytest.mark.parametrize("name", ["a\nb", "a'b\"c", "😀", "a b", "-rf", "$(touch x)", "é", "%s{x}"])
@pytest.mark.parametrize(
    "door", ["texts.csv", "scores.npz", "scores.parquet", "scores.safetensors"]
)
def test_a_file_of_a_strange_name_is_read(tmp_path, door, name):
    path = tmp_path / f"{name}.{door}"
    DOORS[door][0](path)
    assert check(path, DOORS[door][1]) is None


def replaced(pattern, content, times=1):
    """Return a normalizer that replaces a pattern with a text again and again."""
    step = {"type": "Replace", "pattern": {"String": pattern}, "content": content}
    return {"type": "Sequence", "normalizers": [step] * times}


def split_by(regex):
    return {"type": "Split", "pattern": {"Regex": regex}, "behavior": "Isolated", "invert": False}


TOKENIZERS = {
    "a text grows a thousandfold, and again": {"normalizer": replaced("e", "e" * 1000, 4)},
    "a text doubles 40 times": {"normalizer": replaced("e", "ee", 40)},
    "a regex that goes back": {"pre_tokenizer": split_by("(e+)+$")},
    "a regex that goes back in a normalizer": {
        "normalizer": {"type": "Replace", "pattern": {"Regex": "(e+)+$"}, "content": ""}
    },
    "a regex that is none": {"pre_tokenizer": split_by("(((")},
    "a token of a terabyte": {"truncation": {"max_length": 2**40, "stride": 2**39,
                                             "direction": "Right", "strategy": "LongestFirst"}},
    "padding of a terabyte": {"padding": {"strategy": {"Fixed": 2**34}, "direction": "Right",
                              "pad_to_multiple_of": None, "pad_id": 0, "pad_type_id": 0,
                              "pad_token": "[PAD]"}},
    "padding to multiples": {"padding": {"strategy": "BatchLongest", "direction": "Right",
                             "pad_to_multiple_of": 2**34, "pad_id": 0, "pad_type_id": 0,
                             "pad_token": "[PAD]"}},
}  # fmt: skip


@pytest.mark.parametrize("name", TOKENIZERS)
def test_a_hostile_tokenizer_encodes_or_is_refused_in_one_line(tmp_path, name):
    folder = save_bert(tmp_path / "model", CLASSES)
    path = folder / "tokenizer.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | TOKENIZERS[name]))
    frame = texts(2)
    frame["text"] = ["the " + "e" * 5000 + "!", "a film"]

    def read(folder):
        predict_with(folder, frame, card())

    assert (check(folder, read) is None) == ("of a terabyte" in name or "multiples" in name)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("member", ["config.json", "tokenizer.json", "model.safetensors"])
def test_a_member_of_a_model_that_is_no_file_is_refused(tmp_path, member, kind):
    folder = save_bert(tmp_path / "model", CLASSES)
    (folder / member).unlink()
    KINDS[kind](folder / member)
    assert check(folder, lambda path: predict_with(path, texts(2), card()))


@pytest.mark.parametrize("kind", KINDS)
def test_an_onnx_file_that_is_none_is_refused(tmp_path, kind):
    save_tokenizer(tmp_path)
    KINDS[kind](path := tmp_path / "model.onnx")
    assert check(path, lambda path: predict_with(path, texts(2), card()))


@pytest.mark.parametrize("place", ["/dev/zero", "../secret", "data\0", "x" * 5000, "model.onnx"])
def test_weights_of_an_onnx_file_lie_beside_it(tmp_path, place):
    import onnx

    save_tokenizer(tmp_path)
    (tmp_path.parent / "secret").write_bytes(bytes(10**5))
    path = BagOfWords(3).save(tmp_path / "model.onnx")
    model = onnx.load(path)
    (ids,) = [each for each in model.graph.initializer if each.name == "ids"]
    ids.ClearField("raw_data")
    ids.data_location = onnx.TensorProto.EXTERNAL
    for key, value in {"location": place, "offset": "0", "length": str(14 * 3 * 4)}.items():
        entry = ids.external_data.add()
        entry.key, entry.value = key, value
    path.write_bytes(model.SerializeToString())
    said = check(path, lambda path: predict_with(path, texts(2), card()))
    assert said or place == "model.onnx"
