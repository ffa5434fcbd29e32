"""Embed texts with the packaged sentence encoder, for what they mean and not for training."""

from collections.abc import Iterator
from typing import Any

import numpy as np
import pandas as pd
import torch
from tokenizers import Tokenizer
from tqdm import tqdm

from pielab.training import devices

MAX_TOKENS = 64
BATCH = 16  # more would not stay in a core's cache from one operation to the next
ENOUGH = 10 * MAX_TOKENS  # characters that nearly always hold as many tokens


def read_tokenizer(folder: str) -> Tokenizer:
    """Return the tokenizer of a folder, without importing transformers for seconds."""
    tokenizer = Tokenizer.from_file(f"{folder}/tokenizer.json")
    tokenizer.no_padding()
    tokenizer.enable_truncation(MAX_TOKENS)
    return tokenizer


def token_ids(frame: pd.DataFrame, tokenizer: Any, chunk: int = 1000) -> Iterator[tuple[int, ...]]:
    """Yield the first 64 tokens of each example, of a pair those of both texts together.

    Of a long text its start is read first, up to a space, where no word of this tokenizer goes on.
    """
    for start in range(0, len(frame), chunk):
        rows = frame.iloc[start : start + chunk]
        texts, pairs = rows["text"].tolist(), rows["text_pair"].tolist()
        given = [
            (text, pair) if isinstance(pair, str) else _start(text)
            for text, pair in zip(texts, pairs, strict=True)
        ]
        read = tokenizer.encode_batch(given)
        for text, part, found in zip(texts, given, read, strict=True):
            is_short = isinstance(part, str) and part != text and len(found.ids) < MAX_TOKENS
            yield tuple((tokenizer.encode(text) if is_short else found).ids)


def _start(text: str) -> str:
    return text[: max(text.rfind(" ", 0, ENOUGH), 0)] or text if len(text) > ENOUGH else text


@torch.inference_mode()
def embed(frame: pd.DataFrame, encoder: Any, tokenizer: Any, device: str = "cpu") -> np.ndarray:
    """Return the mean of each example's token states, of length 1, float32 (examples, width).

    Of the first 64 tokens; of a pair the two texts together. Examples with the same tokens are
    embedded once.

    Source: Reimers and Gurevych 2019, arXiv 1908.10084.
    """
    encoder = encoder.eval().to(device)
    places: dict[tuple[int, ...], int] = {}
    of_example = [places.setdefault(own, len(places)) for own in token_ids(frame, tokenizer)]
    ids = list(places)
    order = np.argsort([len(own) for own in ids], kind="stable")[::-1]
    found = np.zeros((len(ids), encoder.config.hidden_size), dtype=np.float32)
    batches = [order[start : start + BATCH] for start in range(0, len(order), BATCH)]
    for rows in tqdm(batches, desc="embed", disable=None, leave=False):
        longest = len(ids[rows[0]])
        mask = torch.zeros(len(rows), longest, dtype=torch.long)
        padded = torch.zeros(len(rows), longest, dtype=torch.long)
        for place, row in enumerate(rows):
            padded[place, : len(ids[row])] = torch.tensor(ids[row])
            mask[place, : len(ids[row])] = 1
        with devices.fast_linears(torch.device(device)):
            states = encoder(input_ids=padded.to(device), attention_mask=mask.to(device))
        weights = mask.to(device)[:, :, None]
        mean = (states.last_hidden_state * weights).sum(dim=1) / weights.sum(dim=1)
        found[rows] = torch.nn.functional.normalize(mean, dim=1).float().cpu().numpy()
    return found[of_example]


def fragmented_share(texts: list[list[str]], tokenizer: Any) -> np.ndarray:
    """Return the share of each text's words that the tokenizer cuts or does not know, 0 to 1.

    Parameters
    ----------
    texts : list of list of str
        The words of each text; NaN for a text without any.
    """
    known: dict[str, bool] = {}
    words = sorted({word for text in texts for word in text})
    unknown = tokenizer.token_to_id("[UNK]")
    for start in range(0, len(words), 10_000):
        part = words[start : start + 10_000]
        pieces = tokenizer.encode_batch(part, add_special_tokens=False)
        known |= {
            word: len(encoded.ids) == 1 and encoded.ids[0] != unknown
            for word, encoded in zip(part, pieces, strict=True)
        }
    shares = [
        1 - sum(known[word] for word in text) / len(text) if text else np.nan for text in texts
    ]
    return np.array(shares, dtype=np.float64)
