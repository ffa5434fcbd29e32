"""What is known of a classifier that was made elsewhere, whatever format it is in."""

from collections.abc import Callable, Collection, Mapping
from typing import Any, NamedTuple

import numpy as np


class Classifier(NamedTuple):
    """A model, its tokenizer, what its config.json says, and how it wants its texts."""

    run: Callable[[dict[str, np.ndarray]], np.ndarray]  # int64 (rows, tokens) -> (rows, outputs)
    reads: Collection[str]  # the names of its inputs
    tokenizer: Any
    described: Mapping
    computed: dict[str, str]  # on what device, and how exactly
    batch_size: int
    one_by_one: bool  # it reads no larger batch
    segments: bool | None = None  # whether the tokenizer marks second texts; None: as it is set up
    pad_to: int | None = None  # tokens of every text
    gives: str | None = "logits"  # see onnx_graphs.meaning; None if nothing says it
