"""A study of tiny classifiers that were trained elsewhere, as a user brings them."""

import numpy as np

from helpers.external_models import CLASSES, save_bert, texts

STUDY = {
    "datasets": {"films": {"source": "files", "files": {"test": "films.csv"}}},
    "models": {"ours": {"architecture": "transformer", "checkpoints": "models/seed*"}},
    "methods": {
        "int8": {"compressor": "quantise", "bits": 8},
        "wanda": {
            "compressor": "wanda",
            "calibration": {"file": "unlabelled.csv", "examples": 12, "draws": 2},
        },
        "heads": {"compressor": "structured", "what": "heads"},
    },
    "sparsities": [50],
    "figures": {"formats": ["svg"]},
}


def write(folder, seeds=(1, 2, 10), rows=60):
    """Write labelled texts, others without labels, and classifiers with labels in two orders."""
    frame = texts(rows, seed=5)
    frame["label"] = np.resize(CLASSES, len(frame))
    frame[["text", "label"]].to_csv(folder / "films.csv", index=False)
    texts(30, seed=6)[["text"]].to_csv(folder / "unlabelled.csv", index=False)
    for seed in seeds:
        order = CLASSES if seed == 1 else CLASSES[::-1]
        save_bert(folder / f"models/seed{seed}", order, seed)
