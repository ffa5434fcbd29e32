"""Measure the words of texts: how rare, how diverse, negated and numeric they are.

Negations are English ones; all else fits any language that puts spaces between words. A number
that cannot be known of a text, since it has no words, is NaN.
"""

import re
from collections import Counter
from collections.abc import Iterable, Sequence

import numpy as np
import pandas as pd

WORDS = re.compile(r"\w+(?:['’]\w+)*")
FEW_TEXTS = 5  # a word is rare if fewer training texts have it
TYPE_TOKEN_RATIO = 0.72  # at which a run of words ends, McCarthy and Jarvis 2010
NEGATIONS = {
    "no",
    "not",
    "never",
    "none",
    "nobody",
    "nothing",
    "neither",
    "nor",
    "nowhere",
    "cannot",
    "without",
    "hardly",
    "scarcely",
    "barely",
}


def split_words(text: str) -> list[str]:
    """Return the words of a text in lower case, with their apostrophes; numbers are words."""
    return WORDS.findall(text.lower().replace("’", "'"))


def joined_texts(frame: pd.DataFrame) -> list[str]:
    """Return each example's text, of a pair both with a space between them."""
    pairs = frame["text_pair"].fillna("")
    return [f"{one} {two}".strip() for one, two in zip(frame["text"], pairs, strict=True)]


def mtld(words: Sequence[str]) -> float:
    """Return the measure of textual lexical diversity: words that a run lasts, mean both ways.

    A run ends where the share of different words in it falls to 0.72; what is left at the end
    counts in proportion. A text that repeats no word has endless diversity: its number of words
    stands for it, which is the least that it can be.

    Source: McCarthy and Jarvis 2010, Behavior Research Methods 42.
    """
    if not words:
        return float("nan")
    return (_one_way(words) + _one_way(words[::-1])) / 2


def _one_way(words: Sequence[str]) -> float:
    runs, length, seen, ratio = 0.0, 0, set(), 1.0
    for word in words:
        length += 1
        seen.add(word)
        ratio = len(seen) / length
        if ratio <= TYPE_TOKEN_RATIO:
            runs, length, seen, ratio = runs + 1, 0, set(), 1.0
    runs += (1 - ratio) / (1 - TYPE_TOKEN_RATIO)
    return len(words) / runs if runs else float(len(words))


def negations(words: Sequence[str]) -> float:
    """Return the English negations among 100 words."""
    return _percent([word in NEGATIONS or word.endswith("n't") for word in words])


def numbers(words: Sequence[str]) -> float:
    """Return the words with a digit among 100 words."""
    return _percent([any(letter.isdigit() for letter in word) for word in words])


def _percent(found: Sequence[bool]) -> float:
    return 100 * sum(found) / len(found) if found else float("nan")


# Each a function of a text's words, by the name of its factor
OF_WORDS = {
    "lexical_diversity": mtld,
    "negations": negations,
    "numbers": numbers,
}


def text_counts(texts: Iterable[Sequence[str]]) -> Counter[str]:
    """Return how many texts have each word."""
    counts: Counter[str] = Counter()
    for words in texts:
        counts.update(set(words))
    return counts


def rare_share(words: Sequence[str], counts: Counter[str], own: int = 0) -> float:
    """Return the share of a text's words that few training texts have, 0 to 1.

    Parameters
    ----------
    counts : Counter
        From text_counts, of the training split.
    own : int
        1 if the text itself is counted, which is taken off.
    """
    if not words:
        return float("nan")
    return sum(counts[word] - own < FEW_TEXTS for word in words) / len(words)


def measure(frame: pd.DataFrame, counts: Counter[str], is_counted: bool) -> pd.DataFrame:
    """Return the lexical factors of examples: `rare_words`, and those of OF_WORDS.

    Parameters
    ----------
    is_counted : bool
        Whether `counts` are of these examples: those of the training split.
    """
    texts = [split_words(text) for text in joined_texts(frame)]
    known = bool(counts)
    rare = [rare_share(words, counts, int(is_counted)) if known else np.nan for words in texts]
    columns = {name: [function(words) for words in texts] for name, function in OF_WORDS.items()}
    return pd.DataFrame({"rare_words": rare} | columns, dtype=np.float64)
