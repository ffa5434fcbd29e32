"""Time what makes texts break for a large study, from simulated texts, models and embeddings.

By default of 25,000 texts in each split and 2 models, each by 2 methods at 2 levels with 5 seeds:
`measure_factors` (whose embeddings are drawn by lot, as large as those of the packaged encoder),
and `find_causes` for each model. `--texts-embedded 2000` embeds so many texts of at most 64 tokens
too, and tells how long all would take. Each part runs in a process of its own, with one thread,
and a row has its core seconds, its seconds and the most memory that it took.

    PYTHONPATH=scripts python benchmarks/causes.py
"""

import argparse
import json
import multiprocessing
import os
import resource
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ[name] = "1"

import numpy as np  # noqa: E402 - after the number of threads is set
import pandas as pd  # noqa: E402

sys.path.insert(0, str(Path(__file__).parents[1] / "scripts"))

from pielab import files  # noqa: E402
from pielab.data.labels import examples_digest, texts_digest  # noqa: E402
from pielab.vocabulary import COMPLEXITY  # noqa: E402

CLASSES, WIDTH, WORDS = 4, 384, 20_000
METHODS, LEVELS = ("imp-ft", "ibp-ai"), ("sparsity50", "sparsity90")
MINUTES, GIGABYTES = 2, 2  # that all but embedding may take


def draw_texts(rng: np.random.Generator, texts: int) -> pd.DataFrame:
    """Return texts of 20 to 80 words, common ones more often."""
    words = np.array([f"word{number}" for number in range(WORDS)])
    chosen = np.minimum(rng.zipf(1.3, (texts, 80)), WORDS) - 1
    lengths = rng.integers(20, 81, texts)
    said = [" ".join(words[row[:length]]) for row, length in zip(chosen, lengths, strict=True)]
    frame = pd.DataFrame({"example_id": np.arange(texts), "text": said, "text_pair": None})
    return frame.assign(label=rng.integers(0, CLASSES, texts))


def write_study(folder: Path, texts: int, models: int, seeds: int) -> None:
    """Write all that the jobs read: both splits' texts, their embeddings, and predictions."""
    rng = np.random.default_rng(0)
    (folder / "card.json").write_text(json.dumps({"classes": [f"c{n}" for n in range(CLASSES)]}))
    arrays: dict[str, np.ndarray] = {}
    header: dict[str, str] = {}
    for split in ("train", "test"):
        frame = draw_texts(rng, texts)
        frame.to_parquet(folder / f"{split}.parquet")
        header[split] = texts_digest(frame)
        labels = frame["label"].to_numpy()
        found = rng.normal(size=(texts, WIDTH)) + 1.5 * np.eye(CLASSES, WIDTH)[labels]
        arrays[split] = (found / np.linalg.norm(found, axis=1, keepdims=True)).astype(np.float16)
        arrays[f"{split}_fragmented"] = rng.random(texts)
        hard = rng.normal(size=texts)
        measured = {name: hard + rng.normal(size=texts) + 12 for name in COMPLEXITY}
        pd.DataFrame(measured).to_parquet(folder / f"{split}.complexity.parquet")
        influence = pd.DataFrame({"example_id": frame["example_id"], "el2n": np.exp(hard - 2)})
        influence.to_parquet(folder / "influence.parquet")
        digest = examples_digest(frame, labels)
        for model in range(models):
            for method, level in groups():
                lost = 0 if method == "dense" else 0.5
                logits = rng.normal(0, 0.6, (seeds, texts, CLASSES))
                logits[:, np.arange(texts), labels] += 2 - 0.7 * hard - lost * (1 + hard)
                path = folder / f"model{model}/{method}/{level}/seeds0-{seeds - 1}.{split}.st"
                path.parent.mkdir(parents=True, exist_ok=True)
                own: dict[str, np.ndarray] = {
                    "logits": logits.astype(np.float32),
                    "seeds": np.arange(seeds),
                }
                files.write_arrays(path, own, {"examples": digest})
    files.write_arrays(folder / "embeddings.safetensors", arrays, header)


def groups() -> list[tuple[str, str]]:
    """Return the method and level of each group of models, the dense ones first."""
    return [("dense", "none"), *((method, level) for method in METHODS for level in LEVELS)]


def factors(folder: Path) -> None:
    """Run measure_factors."""
    import measure_factors

    measure_factors.main(
        {split: str(folder / f"{split}.parquet") for split in ("train", "test")}
        | {
            "card": str(folder / "card.json"),
            "embeddings": [str(folder / "embeddings.safetensors")],
        },
        {split: str(folder / f"{split}.factors.parquet") for split in ("train", "test")},
    )


def explain(folder: Path, model: str) -> None:
    """Run find_causes for a model."""
    import find_causes

    names = {"dataset": "simulated", "model": model}
    cells = [
        names | {"method": method, "level": level, "baseline": "dense"}
        for method, level in groups()[1:]
    ]
    inputs: dict = {
        "card": str(folder / "card.json"),
        "influence": str(folder / "influence.parquet"),
    }
    for split in ("train", "test"):
        inputs[split] = str(folder / f"{split}.parquet")
        inputs[f"{split}_factors"] = str(folder / f"{split}.factors.parquet")
        inputs[f"{split}_complexity"] = str(folder / f"{split}.complexity.parquet")
        inputs[f"{split}_predictions"] = [
            str(p) for p in (folder / model).glob(f"*/*/*.{split}.st")
        ]
    find_causes.main(
        names | {"ties": "lowest", "cells": cells},
        inputs,
        {"table": str(folder / f"{model}.csv"), "factors": str(folder / f"{model}.parquet")},
    )


def embed(folder: Path, texts: int) -> None:
    """Embed so many texts of the test split by the packaged encoder."""
    import embed_texts

    frame = pd.read_parquet(folder / "test.parquet").head(texts)
    few = folder / "few.parquet"
    frame.to_parquet(few)
    settings = {"threads": 1, "device": "cpu"}
    embed_texts.main(settings, {"test": str(few)}, str(folder / "few.safetensors"))


def timed(function: Callable, *given: object) -> dict[str, float]:
    """Return what a function takes in a process of its own."""
    queue: multiprocessing.Queue = multiprocessing.get_context("spawn").Queue()
    process = multiprocessing.get_context("spawn").Process(
        target=_run, args=(queue, function, given)
    )
    process.start()
    found = queue.get()
    process.join()
    return found


def _run(queue: multiprocessing.Queue, function: Callable, given: tuple) -> None:
    start, core = time.perf_counter(), time.process_time()
    function(*given)
    used = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
    spent = {"core_seconds": time.process_time() - core, "seconds": time.perf_counter() - start}
    queue.put(spent | {"gigabytes": used})


def main(texts: int, models: int, seeds: int, embedded: int) -> None:
    """Print a row for each part."""
    print("part, core seconds, seconds, gigabytes")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        write_study(folder, texts, models, seeds)
        parts: dict[str, tuple[Any, ...]] = {"measure_factors": (factors, folder)}
        for number in range(models):
            parts[f"find_causes, model {number + 1}"] = (explain, folder, f"model{number}")
        spent = []
        for part, given in parts.items():
            spent.append(timed(*given))
            print(", ".join([part, *(f"{value:.2f}" for value in spent[-1].values())]), flush=True)
        total = sum(one["core_seconds"] for one in spent)
        most = max(one["gigabytes"] for one in spent)
        print(f"together {total:.0f} core seconds, of at most {60 * MINUTES}")
        print(f"{most:.2f} GB, of at most {GIGABYTES}")
        if embedded:
            took = timed(embed, folder, embedded)["core_seconds"]
            print(f"embed_texts: {took:.0f} core seconds for {embedded:,} texts")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--texts", type=int, default=25_000)
    parser.add_argument("--models", type=int, default=2)
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--texts-embedded", type=int, default=0)
    asked = parser.parse_args()
    main(asked.texts, asked.models, asked.seeds, asked.texts_embedded)
