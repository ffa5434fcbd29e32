"""What `make bench` times: ours and its rivals, on texts and weights of the paper's shapes."""

import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from functools import partial

import numpy as np
import rivals
import torch
from random_study import draw_lengths, random_split, write_pretrained
from side_by_side import ROOT, Contender, Contest

from pielab.measures import describe
from pielab.pies.cell import Cell
from pielab.pies.decisions import decide
from pielab.training import batches, devices, loop, models, predict, processors, pruning

LAYER = [*([(768, 768)] * 4), (3072, 768), (768, 3072)]  # of BERT base, which has 12
BILSTM = {"architecture": "bilstm", "vectors": "a file"}
BERT = {
    "architecture": "encoder",
    "pretrained": "google-bert/bert-base-uncased",
    "revision": None,
    "layers": None,
    "freeze_embeddings": False,
    "freeze_layers": None,
}
START = """
import sys, train_dense
from pielab.training import devices, models
devices.make_deterministic(1)
models.build({model}, {path!r}, 2, 0)
"""
USUAL_START = {
    "bilstm": """
import sys, pandas, torch, rivals
from safetensors.torch import load_file
model = rivals.Tagger(load_file({path!r})["vectors"], 2, False)
torch.optim.Adam(model.parameters())
""",
    "encoder": """
import pandas, torch
from transformers import AutoModel
torch.optim.Adam(AutoModel.from_pretrained({folder!r}).parameters())
""",
}


def comparisons(scale: float) -> dict[str, Callable[[], AbstractContextManager[Contest]]]:
    """Return what prepares each comparison, by its name; `scale` of the sizes."""
    return {
        "prune": partial(pruning_step, scale),
        "random": partial(random_masks, scale),
        "bilstm": partial(bilstm, scale),
        "bert": partial(bert, scale),
        **({} if processors.why_no_bfloat16() else {"bert16": partial(bert, scale, "bfloat16")}),
        "predict": partial(prediction, scale),
        "start-bilstm": partial(start, BILSTM, 2.5),
        "start-bert": partial(start, BERT | {"layers": max(1, round(12 * scale))}, 4),
        "cell": partial(cell, scale),
    }


def doing(work: Callable[[], object], units: float = 1) -> Contender:
    """Return a contender that needs no preparation."""

    def timed() -> float:
        work()
        return units

    return lambda: timed


@contextmanager
def pruning_step(scale: float) -> Iterator[Contest]:
    """Prune half of the weights by magnitude."""
    shapes = LAYER * max(1, round(12 * scale))
    scores = [torch.randn(shape).abs_() for shape in shapes]
    masks = [torch.ones(shape, dtype=torch.bool) for shape in shapes]

    def by(prune: Callable) -> Contender:
        return doing(lambda: [prune(*pair, 0.5) for pair in zip(scores, masks, strict=True)])

    others = {
        "torch.kthvalue": by(rivals.prune_by_kthvalue),
        "numpy.percentile, ties stay": by(rivals.prune_by_percentile),
    }
    yield Contest("a pruning step, 85 M weights", by(pruning.prune_smallest), others, most=0.4)


@contextmanager
def random_masks(scale: float) -> Iterator[Contest]:
    """Draw masks at random."""
    shapes = LAYER * max(1, round(12 * scale))
    weights = {str(n): torch.nn.Parameter(torch.zeros(s)) for n, s in enumerate(shapes)}

    def ours() -> None:
        scores = pruning.score(weights, "random", {}, 0)
        for drawn in scores.values():
            pruning.prune_smallest(drawn, torch.ones_like(drawn, dtype=torch.bool), 0.5)

    others = {"torch.rand and topk": doing(lambda: [rivals.mask_at_random(s, 0.5) for s in shapes])}
    yield Contest("random masks, 85 M weights", doing(ours), others, most=0.6)


def training(
    build: Callable, data: batches.Encoded, batch_size: int, precision: str = "auto"
) -> Contender:
    """Return our training of a model that `build` makes, by text, after a batch to warm up."""
    settings = loop.Settings(1, 1e-5, batch_size)

    def prepare() -> Callable[[], float]:
        devices.make_deterministic(1, precision)
        devices.keep_memory()
        model, first = build(), random_split(data.lengths[:batch_size].tolist(), 2)
        loop.train(model, loop.Run(first, settings, 0), 0)

        def work() -> float:
            loop.train(model, loop.Run(data, settings, 0), 0)
            return len(data)

        return work

    return prepare


@contextmanager
def bilstm(scale: float) -> Iterator[Contest]:
    """Train a BiLSTM over 300 dimensions on texts as long as IMDB's."""
    count, batch_size, words = max(4, round(192 * scale)), 64, 20_000
    lengths = draw_lengths(230, 0.65, 512, count)
    data = random_split(lengths, 2, words=words)
    texts = [" ".join(f"w{i}" for i in part.tolist()) for part in data.ids.split(lengths)]
    vocabulary = {f"w{index}": index for index in range(words)}
    with tempfile.TemporaryDirectory() as folder:
        path = write_pretrained(BILSTM, folder, words)

        def rival(packs: bool, pad_to: int | None, own: int) -> Contender:
            def prepare() -> Callable[[], float]:
                vectors = models.build(BILSTM, path, 2, 0).get_parameter("embedding.weight")
                model = rivals.Tagger(vectors.detach(), 2, packs)
                train = partial(rivals.train_tagger, model, vocabulary=vocabulary)
                train(texts[:batch_size], data.labels, batch_size=batch_size, pad_to=pad_to)

                def work() -> float:
                    train(texts[:own], data.labels, batch_size=batch_size, pad_to=pad_to)
                    return own

                return work

            return prepare

        others = {
            "padded to 512, batches in Python": rival(False, 512, max(2, count // 3)),
            "packed, batches in Python": rival(True, None, max(2, count // 3)),
        }
        ours = training(partial(models.build, BILSTM, path, 2, 0), data, batch_size)
        what = f"BiLSTM, a text of {np.mean(lengths):.0f} tokens"
        goals = dict(zip(others, (2.7, 8), strict=True))
        yield Contest(what, ours, others, goals=goals)


@contextmanager
def bert(scale: float, precision: str = "float32") -> Iterator[Contest]:
    """Train BERT base on texts as long as SNLI's pairs; its rivals always in float32."""
    import transformers.models.bert.modeling_bert  # noqa: F401  (once, before the forks)

    layers, count, batch_size = max(1, round(12 * scale)), max(4, round(32 * scale)), 16
    data = random_split(draw_lengths(27, 0.35, 128, count), 2)
    texts = list(data.ids.long().split(data.lengths.tolist()))
    settings = BERT | {"layers": layers}
    with tempfile.TemporaryDirectory() as folder:
        path = write_pretrained(settings, folder)

        def rival(pad_to: int | None, own: int) -> Contender:
            def prepare() -> Callable[[], float]:
                model = rivals.build_bert(2, layers)
                rivals.train_bert(model, texts[:batch_size], data.labels, batch_size, pad_to)

                def work() -> float:
                    rivals.train_bert(model, texts[:own], data.labels, batch_size, pad_to)
                    return own

                return work

            return prepare

        tokens = int(data.lengths.sum())
        products = partial(rivals.multiply, LAYER * layers, tokens, max(1, count // batch_size))
        others = {
            "padded to 128, fp32": rival(128, count // 2),  # all batches cost the same
            "as Hugging Face's Trainer, grouped by length": rival(None, count),
            "its products alone, by torch": doing(products, count),
        }
        build = partial(models.build, settings, path, 2, 0)
        ours = training(build, data, batch_size, precision)
        what = f"BERT base, {precision}, a text of {data.lengths.float().mean():.0f} tokens"
        targets = (8, 1.8, 0.75) if precision == "bfloat16" else (5, 1.2, 0.75)
        goals = dict(zip(others, targets, strict=True))
        yield Contest(what, ours, others, goals=goals)


@contextmanager
def prediction(scale: float) -> Iterator[Contest]:
    """Predict with BERT base on texts as long as SNLI's pairs."""
    layers, count = max(1, round(12 * scale)), max(4, round(128 * scale))
    data = random_split(draw_lengths(27, 0.35, 128, count), 2)
    texts = list(data.ids.long().split(data.lengths.tolist()))
    settings = BERT | {"layers": layers}
    with tempfile.TemporaryDirectory() as folder:
        path = write_pretrained(settings, folder)

        def ours() -> Callable[[], float]:
            model = models.build(settings, path, 2, 0)
            return lambda: len(predict.predict(model, data))

        def rival() -> Callable[[], float]:
            return partial(rivals.predict_bert, rivals.build_bert(2, layers), texts, 64)

        what = f"BERT base predicts, a text of {data.lengths.float().mean():.0f} tokens"
        yield Contest(what, ours, {"sorted by length, inference_mode": rival})


@contextmanager
def start(model: dict, most: float) -> Iterator[Contest]:
    """Start python and build the first model."""
    kind = model["architecture"]
    with tempfile.TemporaryDirectory() as folder:
        path = str(write_pretrained(model, folder, 20_000))
        where = os.pathsep.join(str(ROOT / name) for name in ("scripts", "benchmarks"))

        def running(code: str) -> Contender:
            command = [sys.executable, "-c", code.format(model=model, path=path, folder=folder)]
            environment = os.environ | {"PYTHONPATH": where}
            return doing(lambda: subprocess.run(command, env=environment, check=True))

        usual = {"as usually written": running(USUAL_START[kind])}
        name = "BiLSTM" if kind == "bilstm" else "BERT base"
        yield Contest(f"a job's start, {name}", running(START), usual, most=most)


@contextmanager
def cell(scale: float) -> Iterator[Contest]:
    """PIEs and all certainty of a cell of 30 + 30 models."""
    rng, shape = np.random.default_rng(0), (max(60, round(25_000 * scale)), 2)
    base = rng.normal(0, 1.5, shape).astype(np.float32)
    logits = [base + rng.standard_normal((30, *shape), dtype=np.float32) for _ in range(2)]
    labels = base.argmax(axis=1)

    def ours() -> None:
        dense, pruned = (decide({"train": side}, labels)["train"] for side in logits)
        describe(Cell(dense, pruned, labels, np.arange(len(labels)), "lowest"), split="train")

    yield Contest("PIEs and certainty of a cell, 25,000 x 2", doing(ours), {}, most=1)
