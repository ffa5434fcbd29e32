"""A model and data small enough to train in a blink."""

import numpy as np
import torch

from pielab.seeds import derive_seed
from pielab.training import batches, loop
from pielab.training.architectures.bilstm import BiLSTM


def encoded(examples=24, seed=0):
    generator = np.random.default_rng(seed)
    lengths = generator.integers(2, 7, examples)
    offsets = np.concatenate([[0], lengths.cumsum()])
    return batches.Encoded(
        ids=torch.tensor(generator.integers(3, 20, lengths.sum()), dtype=torch.int32),
        offsets=torch.tensor(offsets),
        pair_start=torch.tensor(lengths, dtype=torch.int32),
        labels=torch.tensor(generator.integers(0, 2, examples)),
        n_classes=2,
        multi_label=False,
    )


SETTINGS = loop.Settings(epochs=1, learning_rate=0.01, batch_size=8)


def run(data=None, settings=SETTINGS, seed=0):
    return loop.Run(data or encoded(), settings, seed)


def bilstm(seed=0):
    torch.manual_seed(derive_seed(seed, "initialisation"))
    vectors = torch.randn(20, 5, generator=torch.Generator().manual_seed(9))
    return BiLSTM(vectors, 2)
