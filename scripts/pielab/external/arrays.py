"""Read named arrays from npz and safetensors files of any origin, without running their code."""

import math
import zipfile
from pathlib import Path

import numpy as np
from numpy.lib import format as npy

from pielab import unpacking

SUFFIXES = (".npz", ".safetensors")
SAFETENSORS = {
    **{"F64": "float64", "F32": "float32", "F16": "float16", "BOOL": "bool"},
    **{f"{kind}{bits}": f"{word}{bits}" for kind, word in (("I", "int"), ("U", "uint"))
       for bits in (8, 16, 32, 64)},
    **{"BF16": "bfloat16", "F8_E4M3": "float8_e4m3fn", "F8_E5M2": "float8_e5m2"},
}  # fmt: skip


def load(path: str) -> dict[str, np.ndarray]:
    """Return the arrays of a file by name; bfloat16 and float8 as float32.

    Raises
    ------
    ValueError
        Naming the file, if it is damaged, holds objects, or holds other types of numbers.
    """
    read = _read_safetensors if Path(path).suffix.lower() == ".safetensors" else _read_npz
    try:
        return read(path)
    except Exception as error:  # a damaged file ends in errors of four libraries
        reason = str(error).splitlines()[0][:200] if str(error) else type(error).__name__
        raise ValueError(
            f"{path}: not a readable {Path(path).suffix.lower()} file without objects: {reason}"
        ) from error


def _read_npz(path: str) -> dict[str, np.ndarray]:
    unpacking.check_zip(path)
    with zipfile.ZipFile(path) as archive:
        for member in archive.infolist():
            _check_member(archive, member)
        names = archive.namelist()
        if len(set(names)) < len(names):
            raise ValueError(f"{max(names, key=names.count)} is a member twice")
    with np.load(path, allow_pickle=False) as arrays:
        found = {name: arrays[name] for name in arrays.files}
    for name, array in found.items():
        if not isinstance(array, np.ndarray):
            raise ValueError(f"member {name!r} is no array")
    return found


def _check_member(archive: zipfile.ZipFile, member: zipfile.ZipInfo) -> None:
    """Refuse a member whose header claims more than it holds."""
    with archive.open(member) as file:
        if file.read(6) != npy.MAGIC_PREFIX:
            raise ValueError(f"member {member.filename!r} is no array")
        version = tuple(file.read(2))
        read_header = npy.read_array_header_1_0 if version == (1, 0) else npy.read_array_header_2_0
        shape, _, dtype = read_header(file)
    if math.prod(shape) * dtype.itemsize > member.file_size:
        raise ValueError(f"{member.filename} claims the shape {shape}, more than it holds")


def _read_safetensors(path: str) -> dict[str, np.ndarray]:
    import ml_dtypes
    import safetensors

    found = {}
    for name, tensor in safetensors.deserialize(Path(path).read_bytes()):
        dtype = SAFETENSORS.get(tensor["dtype"])
        if dtype is None:
            raise ValueError(f"array {name!r} of {tensor['dtype']}; expected numbers")
        small_float = getattr(ml_dtypes, dtype, None)
        array = np.frombuffer(tensor["data"], small_float or dtype).reshape(tensor["shape"])
        found[name] = array.astype(np.float32) if small_float else array
    return found
