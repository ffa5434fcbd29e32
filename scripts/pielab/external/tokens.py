"""Encode texts with the tokenizer of a model that was made elsewhere, batch by batch."""

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from pielab.external.classifier import Classifier
from pielab.training import foreign_models

CHUNK = 2**14  # texts that are encoded, and sorted by length, at a time
LONGEST = 512  # tokens of a text where neither tokenizer nor config says what the model reads
LEAST_TOKENS = 3  # the marks of a text's start and end, and one word
NO_LIMIT = 10**6  # a tokenizer that knows no limit says a far larger number
FILES = (
    "tokenizer.json",
    "vocab.txt",
    "vocab.json",
    "tokenizer.model",
    "spiece.model",
    "spm.model",
    "sentencepiece.bpe.model",
)

MORE_FILES = ("merges.txt", "added_tokens.json", "special_tokens_map.json", "tokenizer_config.json")
DIGITS = 12  # of a digest


def read_tokenizer(folders: Sequence[Path], model: str | Path) -> Any:
    """Return the tokenizer in the first of these folders that has one.

    Raises
    ------
    ValueError
        If there is none, or none that can be read.
    """
    from transformers import AutoTokenizer

    there = [folder for folder in folders if any((folder / name).is_file() for name in FILES)]
    if not there:  # from a config.json alone transformers makes one that knows no word
        places = " or ".join(map(str, folders))
        raise ValueError(
            f"{model}: no tokenizer in {places}; expected tokenizer.json or another of its files "
            "there, or their folder as predictions.tokenizer"
        )
    foreign_models.check_growth(there[0])
    with foreign_models.naming(f"{there[0]}: no tokenizer that can be read"):
        # Left open, the library asks the terminal whether to trust code of a model's makers
        return AutoTokenizer.from_pretrained(
            there[0], local_files_only=True, trust_remote_code=False
        )


# Model types whose positions are counted on from the padding's id, which uses up that many
COUNTED_FROM_PADDING = (
    "roberta",
    "camembert",
    "xlm-roberta",
    "xlm-roberta-xl",
    "longformer",
    "mpnet",
    "data2vec-text",
    "roberta-prelayernorm",
    "xmod",
    "ibert",
    "luke",
    "mluke",
    "esm",
    "lilt",
    "markuplm",
    "layoutlmv3",
)
POSITIONS = ("max_position_embeddings", "n_positions", "max_seq_len", "n_ctx")


def positions(described: Mapping) -> int | None:
    """Return the tokens that a model has positions for, None if its config.json names none."""
    stated = next((described[name] for name in POSITIONS if described.get(name)), None)
    if not isinstance(stated, int) or described.get("model_type") not in COUNTED_FROM_PADDING:
        return stated if isinstance(stated, int) else None
    padding = described.get("pad_token_id")
    return stated - (1 if padding is None else padding) - 1


def longest(
    tokenizer: Any, limits: Iterable[int | None], wanted: int | None, model: str | Path
) -> int:
    """Return to how many tokens texts are cut: `wanted`, or what the model reads.

    Parameters
    ----------
    limits : iterable of int or None
        What the model itself says of the longest text that it reads.

    Raises
    ------
    ValueError
        If the model reads fewer than `wanted`.
    """
    stated = tokenizer.model_max_length
    if not isinstance(stated, int | float) or stated != int(stated) or stated < LEAST_TOKENS:
        raise ValueError(
            f"{model}: the tokenizer's model_max_length is {stated!r}; expected a number of "
            f"tokens, {LEAST_TOKENS} or more"
        )
    all_limits = (int(stated), *limits)
    most = min((number for number in all_limits if number and number < NO_LIMIT), default=None)
    if wanted and most and wanted > most:
        raise ValueError(
            f"predictions.max_tokens: {wanted}; expected at most {most}, which {model} reads"
        )
    return wanted or most or LONGEST


def describe_reading(frame: pd.DataFrame, tokenizer: Any, max_tokens: int) -> dict[str, str]:
    """Return what is known of a tokenizer and of what it cuts, as text.

    Returns
    -------
    dict
        `tokenizer` and `tokens`, the first digits of the SHA-256 of its files and of the tokens of
        all texts before any is cut; `token_limit`; `truncated`, the number of texts over it.
    """
    read, cut, paired = hashlib.sha256(), 0, frame["text_pair"].notna().any()
    for start in range(0, len(frame), CHUNK):
        part = frame.iloc[start : start + CHUNK]
        pairs = part["text_pair"].tolist() if paired else None
        # Not verbose: it warns of each text that is longer than the model reads
        for ids in tokenizer(part["text"].tolist(), pairs, verbose=False)["input_ids"]:
            read.update(np.asarray([len(ids), *ids], np.int64).tobytes())
            cut += len(ids) > max_tokens
    files_read = hashlib.sha256()
    for name in (*FILES, *MORE_FILES):
        if (path := Path(tokenizer.name_or_path) / name).is_file():
            files_read.update(name.encode() + path.read_bytes())
    return {
        "tokenizer": files_read.hexdigest()[:DIGITS],
        "tokens": read.hexdigest()[:DIGITS],
        "token_limit": str(max_tokens),
        "truncated": str(cut),
    }


def token_batches(
    frame: pd.DataFrame, model: Classifier, max_tokens: int, batch_size: int
) -> Iterator[tuple[np.ndarray, dict[str, np.ndarray]]]:
    """Yield the rows of each batch, texts of like length, and what a model reads of them.

    Parameters
    ----------
    frame : DataFrame
        The examples, `text` and `text_pair`.

    Yields
    ------
    rows : int64 array (rows,)
    batch : dict of int64 array (rows, tokens)
        Ids, attention mask and perhaps segments, by the names of the model's inputs.
    """
    tokenizer, paired = model.tokenizer, frame["text_pair"].notna().any()
    padding: bool | str = "max_length" if model.pad_to else batch_size > 1
    cannot = f"{tokenizer.name_or_path}: its tokenizer cannot encode the texts"
    for start in range(0, len(frame), CHUNK):
        part = frame.iloc[start : start + CHUNK]
        with foreign_models.naming(cannot):  # such as for want of a word for unknown ones
            encoded = tokenizer(
                part["text"].tolist(),
                part["text_pair"].tolist() if paired else None,
                truncation=True,
                max_length=max_tokens,
                return_token_type_ids=model.segments,
            )
        largest = max(map(max, filter(None, encoded["input_ids"])), default=0)
        known = model.described.get("vocab_size")
        if isinstance(known, int) and largest >= known:
            raise ValueError(
                f"{tokenizer.name_or_path}: its tokenizer gives the token {largest}; expected less "
                f"than {known}, the model's vocab_size"
            )
        read = {name: lists for name, lists in encoded.items() if name in model.reads}
        order = np.argsort([len(ids) for ids in read["input_ids"]], kind="stable")
        for rows in np.split(order, range(batch_size, len(order), batch_size)):
            of_batch = {name: [lists[row] for row in rows] for name, lists in read.items()}
            # By the tokenizer, which knows on which side its model wants it
            with foreign_models.naming(cannot):
                batch = tokenizer.pad(of_batch, padding, model.pad_to, return_tensors="np")
                # The tokenizer may add an attention mask that the model does not read
                numbers = {
                    name: array.astype(np.int64)
                    for name, array in batch.items()
                    if name in model.reads
                }
            yield start + rows, numbers
