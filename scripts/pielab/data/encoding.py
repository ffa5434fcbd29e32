"""Turn texts into flat token ids that training reads memory-mapped.

An encoded split is a safetensors file: `ids` int32 (tokens,), all examples end to end; `offsets`
int64 (examples + 1,), where each starts; `pair_start` int32 (examples,), the position in its
example at which the second text of a pair starts (its length if there is none); `labels` as in
label_array; for an encoder with frozen layers also `states` float16 (tokens, width), their output.
"""

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from tqdm import tqdm

from pielab.data.labels import examples_digest, label_array
from pielab.data.vectors import SEPARATOR, UNKNOWN

ENDLESS = 10**6  # tokens: what tokenizers say that know no longest text
LONGEST = 512  # tokens that are read of a text where nothing says how many
# The conventions of the Penn Treebank, which GloVe's vocabulary follows: do n't, it 's
WORDS = re.compile(r"\w+(?=n't\b)|n't\b|'(?:s|m|d|re|ve|ll)\b|\w+|[^\w\s]", re.IGNORECASE)


def split_words(text: str, lowercase: bool) -> list[str]:
    """Return the words and punctuation marks of a text."""
    return WORDS.findall(text.lower() if lowercase else text)


def split_basic_english(text: str) -> list[str]:
    """Return a text's words as torchtext's tokenizer basic_english does, lower-cased.

    Apostrophes, dots, commas, brackets, ! and ? are words of their own; double quotes go, and
    so do semicolons, colons and <br />, which end a word. Hyphens stay inside theirs.
    """
    text = text.lower().replace('"', "").replace("<br />", " ")
    return re.sub(r"(['.,()!?])", r" \1 ", re.sub(r"[;:]", " ", text)).split()


def splitter(tokenizer: str, lowercase: bool) -> Callable[[str], list[str]]:
    """Return the function that splits texts into words.

    `tokenizer`: penn_treebank, or basic_english, which lowers the case in any case.
    """
    if tokenizer == "basic_english":
        return split_basic_english
    return partial(split_words, lowercase=lowercase)


def word_ids(
    frame: pd.DataFrame,
    vocabulary: dict[str, int],
    split: Callable[[str], list[str]],
    max_tokens: int,
) -> Iterator[tuple[list[int], int]]:
    """Yield each example's ids, cut to `max_tokens`, and where its second text starts.

    Of a pair the longer text is cut first, as Hugging Face tokenizers do it. A text without words
    is one unknown word.
    """

    def look_up(text: str) -> list[int]:
        return [vocabulary.get(word, UNKNOWN) for word in split(text)] or [UNKNOWN]

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


def read_tokenizer(folder: str | Path) -> Any:
    """Return the tokenizer of a fetched folder."""
    from transformers import AutoTokenizer

    return AutoTokenizer.from_pretrained(folder, trust_remote_code=False)


def subword_ids(
    frame: pd.DataFrame, tokenizer, max_tokens: int | None, chunk: int = 1000
) -> Iterator[tuple[list[int], int]]:
    """Yield each example's ids by a Hugging Face tokenizer and where its second text starts.

    `max_tokens`: None for as many as the model reads.

    Raises
    ------
    ValueError
        If the model cannot read `max_tokens`, special ones included, or its tokenizer gives the
        texts of a pair, or one without words, as no model can tell.
    """
    most = tokenizer.model_max_length if tokenizer.model_max_length < ENDLESS else LONGEST
    max_tokens = max_tokens or most
    if max_tokens > tokenizer.model_max_length:
        raise ValueError(
            f"max_tokens: {max_tokens}; expected at most {tokenizer.model_max_length}, "
            f"which is what {tokenizer.name_or_path} reads"
        )
    paired = frame["text_pair"].notna().any()
    if paired and None not in tokenizer("a", "b").sequence_ids()[1:-1]:
        raise ValueError(
            f"{tokenizer.name_or_path}: its tokenizer puts nothing between the two texts of a "
            "pair; expected single texts for this model"
        )
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
            if not ids:
                text = rows["text"].iloc[index]
                raise ValueError(
                    f"example {rows['example_id'].iloc[index]}: {text!r} has no tokens; expected a "
                    f"text with some for {tokenizer.name_or_path}"
                )
            sequences = batch.sequence_ids(index)
            yield ids, sequences.index(1) if 1 in sequences else len(ids)


def encode(
    examples: Iterable[tuple[list[int], int]], frame: pd.DataFrame, card: dict
) -> tuple[dict[str, np.ndarray], dict[str, str]]:
    """Return the arrays of an encoded split, labels included, and its header.

    The header has the task, the number of classes and the digest of the examples.
    """
    rows = list(tqdm(examples, total=len(frame), desc="encode", disable=None))
    lengths = [len(ids) for ids, _ in rows]
    n_classes = len(card["classes"])
    labels = label_array(frame, n_classes)
    arrays: dict[str, np.ndarray] = {
        "ids": np.fromiter((i for ids, _ in rows for i in ids), np.int32, sum(lengths)),
        "offsets": np.concatenate([[0], np.cumsum(lengths)]).astype(np.int64),
        "pair_start": np.array([start for _, start in rows], dtype=np.int32),
        "labels": labels,
    }
    header = {"task": card["task"], "n_classes": str(n_classes)}
    return arrays, header | {"examples": examples_digest(frame, labels)}


def find_words(frames: Iterable[pd.DataFrame], split: Callable[[str], list[str]]) -> Counter[str]:
    """Return the words of all texts with their counts."""
    words: Counter[str] = Counter()
    for frame in frames:
        for text in pd.concat([frame["text"], frame["text_pair"].dropna()]):
            words.update(split(text))
    return words
