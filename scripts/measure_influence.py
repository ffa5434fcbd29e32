"""Measure the influence of training examples by EL2N, and how pruning treats the influential."""

import json
from collections.abc import Iterator

import numpy as np
import pandas as pd

from pielab import files, logs
from pielab.analysis import influence
from pielab.data.labels import label_array


def measure_cells(
    scores: np.ndarray, labels: np.ndarray, settings: dict, paths: dict[str, list[str]]
) -> Iterator[tuple[pd.DataFrame, pd.DataFrame]]:
    """Yield the tables of bins and of the top of each cell."""
    dense, blocks = files.read_logits(paths["dense"]), len(paths["dense"])
    for index, (cell, found) in enumerate(zip(settings["cells"], paths["pies"], strict=True)):
        pruned = files.read_logits(paths["pruned"][index * blocks : (index + 1) * blocks])
        losses = influence.loss_change(dense, pruned, labels)
        pies = pd.read_parquet(found, columns=["pie", "baseline_margin"])
        pie, margin = (pies[name].to_numpy() for name in pies)
        tables = (
            influence.bin_table(scores, pie, losses, settings["bins"]),
            influence.top_table(scores, pie, margin),
        )
        yield tuple(pd.DataFrame([cell]).merge(table, how="cross") for table in tables)


def main(
    settings: dict,
    card: str,
    train: str,
    paths: dict[str, list[str]],
    el2n: str,
    bins: str,
    top: str,
) -> None:
    examples = pd.read_parquet(train)
    labels = label_array(examples, len(files.read_json(card)["classes"]))
    scores = influence.el2n(files.read_logits(paths["early"]), labels)
    members = influence.influence_bins(scores, settings["bins"])
    table = {"example_id": examples["example_id"], "el2n": scores, "bin": members}
    files.write_frame(el2n, pd.DataFrame(table))
    by_bin, of_top = zip(*measure_cells(scores, labels, settings, paths), strict=True)
    files.write_frame(bins, pd.concat(by_bin))
    files.write_frame(top, pd.concat(of_top))


if "snakemake" in globals():
    given = snakemake.input
    with logs.job(snakemake.log[0]):
        main(
            json.loads(snakemake.params.settings),
            given.card,
            given.train,
            {name: list(given[name]) for name in ("early", "dense", "pruned", "pies")},
            **dict(snakemake.output.items()),
        )
