"""A tiny audit of labels that others predicted, so that nothing trains."""

import pandas as pd

AUDIT = {
    "datasets": {
        "reviews": {
            "source": "files",
            "files": {"test": "reviews.csv"},
            "columns": {"id": "id", "text": "text", "label": "label"},
        }
    },
    "models": {"ours": {"architecture": "external", "seeds": 1}},
    "methods": {"int8": {"compressor": "external", "bits": 8}},
    "predictions": {
        "files": {"dense": "dense.csv", "int8": "int8.csv"},
        "scores": "labels",
        "columns": {"id": "id", "label": "prediction"},
    },
    "figures": {"formats": ["svg"]},
}


def write_audit(folder):
    """Write texts, and what a dense and a much worse int8 model say of them."""
    names = ["no", "yes"] * 100
    texts = [f"Review {number} says {name}. It is short." for number, name in enumerate(names)]
    ids = [f"r{number}" for number in range(200)]
    reviews = pd.DataFrame({"id": ids, "text": texts, "label": names})
    reviews.to_csv(folder / "reviews.csv", index=False)
    reviews.assign(prediction=names).to_csv(folder / "dense.csv", index=False)
    worse = ["yes"] * 80 + names[80:]
    reviews.assign(prediction=worse).to_csv(folder / "int8.csv", index=False)
