"""Map test texts by seeds, and training texts by epochs where these are kept, with their PIEs."""

import numpy as np
import pandas as pd

from pielab import csv_tables, files, jobs
from pielab.analysis import data_map
from pielab.vocabulary import KEYS


def any_pie(paths: list[str], works: list[bool]) -> np.ndarray:
    """Return which texts are PIEs of any of these cells that has not collapsed, bool (texts,)."""
    if not any(works):
        return np.zeros(len(pd.read_parquet(paths[0], columns=["pie"])), dtype=bool)
    paths = [path for path, is_working in zip(paths, works, strict=True) if is_working]
    return np.any([pd.read_parquet(path, columns=["pie"])["pie"] for path in paths], axis=0)


def of_pair(
    known: str, pies: dict[str, list[str]], works: list[bool], influence: str | None
) -> pd.DataFrame:
    """Return the maps of a dataset and model, one below the other."""
    texts, parts = pd.read_parquet(known), []
    if "label_doubt" in texts:
        sure, spread = 1 - texts["label_doubt"].to_numpy(), texts["doubt_spread"].to_numpy()
        parts.append(data_map.grid(sure, spread, any_pie(pies["test"], works), data_map.MODELS))
    scores = pd.read_parquet(influence) if influence else pd.DataFrame()
    if {"confidence", "variability"} <= set(scores):
        axes = 1 - scores["confidence"].to_numpy(), scores["variability"].to_numpy()
        parts.append(data_map.grid(*axes, any_pie(pies["train"], works), data_map.EPOCHS))
    return pd.concat(parts) if parts else pd.DataFrame(columns=list(data_map.COLUMNS))


def main(settings: dict, inputs: dict, outputs: dict[str, str]) -> None:
    found = csv_tables.read_csv(inputs["cells"]).query("split == 'test'")
    found = found.set_index(list(KEYS))["collapsed"]
    queues = {name: iter(paths) for name, paths in inputs.items() if name != "cells"}
    tables = []
    for pair in settings["pairs"]:
        pies = {
            split: [next(queues[split]) for _ in pair["cells"]]
            for split in ("train", "test")
            if inputs[split]
        }
        names = {key: pair[key] for key in ("dataset", "model")}
        known, influence = next(queues["factors"]), next(queues["influence"], None)
        if pair["cells"]:
            works = [not found[tuple(cell[name] for name in KEYS)] for cell in pair["cells"]]
            tables.append(of_pair(known, pies, works, influence).assign(**names))
    order = ["dataset", "model", *data_map.COLUMNS]
    rows = pd.concat(tables, ignore_index=True) if tables else pd.DataFrame(columns=order)
    files.write_frame(outputs["table"], rows[order])


if "snakemake" in globals():
    with jobs.job(snakemake) as job:
        main(job.settings, job.inputs, job.outputs)
