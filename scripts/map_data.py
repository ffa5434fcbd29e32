"""Map test texts by seeds, and training texts by epochs where these are kept, with their PIEs."""

import json

import numpy as np
import pandas as pd

from pielab import files, jobs
from pielab.analysis import data_map


def any_pie(paths: list[str]) -> np.ndarray:
    """Return which texts are PIEs of any of these cells, bool (texts,)."""
    return np.any([pd.read_parquet(path, columns=["pie"])["pie"] for path in paths], axis=0)


def of_pair(known: str, pies: dict[str, list[str]], influence: str | None) -> pd.DataFrame:
    """Return the maps of a dataset and model, one below the other."""
    texts, parts = pd.read_parquet(known), []
    if "label_doubt" in texts:
        sure, spread = 1 - texts["label_doubt"].to_numpy(), texts["doubt_spread"].to_numpy()
        parts.append(data_map.grid(sure, spread, any_pie(pies["test"]), data_map.MODELS))
    scores = pd.read_parquet(influence) if influence else pd.DataFrame()
    if {"confidence", "variability"} <= set(scores):
        own = 1 - scores["confidence"].to_numpy(), scores["variability"].to_numpy()
        parts.append(data_map.grid(*own, any_pie(pies["train"]), data_map.EPOCHS))
    return pd.concat(parts) if parts else pd.DataFrame(columns=list(data_map.COLUMNS))


def main(pairs: list[dict], inputs: dict[str, list[str]], table: str) -> None:
    queues = {name: iter(paths) for name, paths in inputs.items()}
    tables = []
    for pair in pairs:
        pies = {
            split: [next(queues[split]) for _ in range(pair["cells"])]
            for split in ("train", "test")
            if inputs[split]
        }
        names = {key: pair[key] for key in ("dataset", "model")}
        known, influence = next(queues["factors"]), next(queues["influence"], None)
        if pair["cells"]:
            tables.append(of_pair(known, pies, influence).assign(**names))
    order = ["dataset", "model", *data_map.COLUMNS]
    rows = pd.concat(tables, ignore_index=True) if tables else pd.DataFrame(columns=order)
    files.write_frame(table, rows[order])


if "snakemake" in globals():
    names = ("factors", "influence", "train", "test")
    with jobs.job(snakemake):
        main(
            json.loads(snakemake.params.settings)["pairs"],
            {name: list(snakemake.input[name]) for name in names},
            snakemake.output.table,
        )
