"""Arrays of any origin are read, or refused in one line that names the file."""

import contextlib
import io
import json
import struct
import zipfile

import ml_dtypes
import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from safetensors.numpy import save

from pielab.external.arrays import load


@pytest.mark.parametrize(
    "kind", [ml_dtypes.bfloat16, ml_dtypes.float8_e4m3fn, ml_dtypes.float8_e5m2, np.float16]
)
def test_numbers_of_few_bits_are_read_as_what_they_are(tmp_path, kind):
    values = np.array([[0.5, -2.0], [1.5, 0.0]]).astype(kind)
    names = {"bfloat16": "BF16", "float8_e4m3fn": "F8_E4M3", "float8_e5m2": "F8_E5M2"}
    kind = names.get(np.dtype(kind).name, "F16")
    described = {"logits": {"dtype": kind, "shape": [2, 2], "data_offsets": [0, values.nbytes]}}
    header = json.dumps(described).encode()
    (tmp_path / "p.safetensors").write_bytes(
        struct.pack("<Q", len(header)) + header + values.tobytes()
    )
    assert load(str(tmp_path / "p.safetensors"))["logits"].tolist() == [[0.5, -2.0], [1.5, 0.0]]


def refusal(path):
    with pytest.raises(ValueError) as error:
        load(str(path))
    assert "\n" not in str(error.value)
    assert str(error.value).startswith(f"{path}: not a readable")
    return str(error.value)


def test_a_member_that_claims_more_than_it_holds_is_refused_before_it_is_read(tmp_path):
    header = (
        b"{'descr': '<f8', 'fortran_order': False, 'shape': (999999999999,), }".ljust(117) + b"\n"
    )
    with zipfile.ZipFile(tmp_path / "p.npz", "w") as archive:
        archive.writestr("ids.npy", b"\x93NUMPY\x01\x00" + struct.pack("<H", len(header)) + header)
    assert "claims the shape (999999999999,)" in refusal(tmp_path / "p.npz")


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_a_member_that_is_there_twice_is_refused(tmp_path):
    np.savez(tmp_path / "a.npz", a=np.ones(2))
    np.savez(tmp_path / "b.npz", a=np.zeros(2))
    with zipfile.ZipFile(tmp_path / "b.npz") as other:
        second = other.read("a.npy")
    with zipfile.ZipFile(tmp_path / "a.npz", "a") as archive:
        archive.writestr("a.npy", second)
    with pytest.raises(ValueError, match=r"a\.npz: .*: a\.npy is a member twice"):
        load(str(tmp_path / "a.npz"))


def test_a_member_that_is_no_array_and_one_of_objects_are_refused(tmp_path):
    with zipfile.ZipFile(tmp_path / "p.npz", "w") as archive:
        archive.writestr("ids", b"1, 2, 3")
    assert "member 'ids' is no array" in refusal(tmp_path / "p.npz")
    np.savez(tmp_path / "q.npz", ids=np.array([{}, None], dtype=object))
    refusal(tmp_path / "q.npz")


FILES = {"npz": io.BytesIO(), "safetensors": None}
np.savez_compressed(FILES["npz"], ids=np.arange(9), logits=np.ones((9, 2), np.float32))
WHOLE = {
    "npz": FILES["npz"].getvalue(),
    "safetensors": save({"ids": np.arange(9), "logits": np.ones((9, 2), np.float32)}),
}


@pytest.mark.parametrize("suffix", WHOLE)
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=150)
@given(data=st.data())
def test_whatever_byte_is_flipped_arrays_are_read_or_refused(tmp_path, suffix, data):
    content = bytearray(WHOLE[suffix])
    at = data.draw(st.integers(0, len(content) - 1))
    content[at] ^= data.draw(st.integers(1, 255))
    path = tmp_path / f"p.{suffix}"
    path.write_bytes(content)
    with contextlib.suppress(ValueError):  # a foreign error fails the test
        load(str(path))
