"""Models and texts of a study's shapes, with random numbers: nothing has to be downloaded."""

import sys
from dataclasses import replace
from itertools import accumulate
from pathlib import Path

import numpy as np
import torch

ROOT = Path(__file__).parents[1]
sys.path[:0] = [str(ROOT / "scripts"), str(ROOT / "benchmarks")]

from sizes import vector_dimensions  # noqa: E402

from fetch_encoder import locate  # noqa: E402
from pielab import files  # noqa: E402
from pielab.training import batches  # noqa: E402

MARKERS = 20  # words that tell a class, of each


def draw_lengths(mean: float, spread: float, most: int, count: int) -> list[int]:
    """Return lengths of texts in tokens, log-normal with this mean before they are cut at `most`.

    `spread`: the standard deviation of their logarithm.
    """
    drawn = np.random.default_rng(0).lognormal(np.log(mean) - spread**2 / 2, spread, count)
    return [int(length) for length in np.clip(np.round(drawn), 5, most)]


def write_pretrained(model: dict, folder: str, words: int = 1000) -> Path:
    """Write what a model starts from, in the size that the config names, with random numbers.

    `words`: with vectors, of a BiLSTM.
    """
    path = Path(folder) / "model.safetensors"
    if model.get("vectors") is not None:
        vectors = np.random.default_rng(0).normal(size=(words, vector_dimensions(model)))
        files.write_arrays(path, {"vectors": vectors.astype(np.float32)})
        return path
    from transformers import AutoConfig, AutoModel, BertConfig, logging

    logging.disable_progress_bar()
    source = locate(model["pretrained"] or model["folders"][0])
    # The defaults of BertConfig are BERT base: nothing has to be downloaded
    base = BertConfig() if source.endswith("bert-base-uncased") else None
    config = base or AutoConfig.from_pretrained(
        source, revision=model["revision"] or "main", trust_remote_code=False
    )
    config.num_hidden_layers = model["layers"] or config.num_hidden_layers
    if config.pad_token_id is None:  # as of decoders, which read a padded text up to its end
        config.pad_token_id = config.eos_token_id
    AutoModel.from_config(config).save_pretrained(folder)
    return path


def random_split(
    lengths: list[int], n_classes: int, multi_label: bool = False, width: int = 0, words: int = 1000
) -> batches.Encoded:
    """Return an encoded split of random tokens, of texts of these lengths.

    `width`: of the states of frozen layers, 0 for none. `words`: in the vocabulary.
    """
    generator, examples, tokens = torch.Generator().manual_seed(0), len(lengths), sum(lengths)
    shape = (examples, n_classes) if multi_label else (examples,)
    labels = torch.randint(0, 2, shape, generator=generator)
    return batches.Encoded(
        ids=torch.randint(5, words, (tokens,), generator=generator, dtype=torch.int32),
        offsets=torch.tensor([0, *accumulate(lengths)]),
        pair_start=torch.tensor(lengths, dtype=torch.int32),
        labels=labels.to(torch.uint8 if multi_label else torch.int64),
        n_classes=n_classes,
        multi_label=multi_label,
        states=torch.randn(tokens, width).half() if width else None,
    )


def easy_split(examples: int, seed: int) -> batches.Encoded:
    """Return texts of two classes, told by words that a tenth of the labels contradict."""
    rng = np.random.default_rng(seed)
    split = random_split(draw_lengths(20, 0.4, 40, examples), 2)
    ids, labels = split.ids.clone(), torch.from_numpy(rng.integers(0, 2, examples))
    for label, start in zip(labels.tolist(), split.offsets.tolist(), strict=False):
        told = label if rng.random() > 0.1 else 1 - label
        words = 5 + MARKERS * told + rng.integers(0, MARKERS, 3)
        ids[start : start + 3] = torch.from_numpy(words.astype(np.int32))
    return replace(split, ids=ids, labels=labels)


def write_narrow_bert(folder: Path) -> Path:
    """Write a BERT of two narrow layers without dropout."""
    from transformers import AutoModel, BertConfig

    config = BertConfig(
        vocab_size=1000,
        hidden_size=128,
        num_hidden_layers=2,
        num_attention_heads=4,
        intermediate_size=512,
        hidden_dropout_prob=0.0,
        attention_probs_dropout_prob=0.0,
    )
    torch.manual_seed(0)
    AutoModel.from_config(config).save_pretrained(folder / "bert")
    return folder / "bert/model.safetensors"
