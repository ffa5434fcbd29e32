"""Measure the influence of training examples by EL2N, and how pruning treats the influential."""

import json
from collections.abc import Callable, Iterator
from functools import lru_cache, partial
from pathlib import Path

import numpy as np
import pandas as pd

from pielab import files, jobs
from pielab.analysis import by_probability, influence
from pielab.analysis.losses import loss_change, losses_by_model
from pielab.cells import NOT_COMPRESSED
from pielab.data.labels import examples_digest, label_array

COLUMNS = ("pie", "baseline_margin", "pie_probability")


def measure_cells(
    scores: np.ndarray,
    labels: np.ndarray,
    settings: dict,
    paths: dict[str, list[str]],
    read: Callable[[list[str]], np.ndarray],
) -> Iterator[tuple[pd.DataFrame, pd.DataFrame]]:
    """Yield the tables of bins and of the top of each cell."""
    groups: dict[tuple[str, ...], list[str]] = {}
    for path in paths["predictions"]:
        groups.setdefault(Path(path).parts[-3:-1], []).append(path)  # by method and level

    @lru_cache(maxsize=3)  # what a cell and the next are compared with, and the cell
    def losses(method: str, level: str) -> np.ndarray:
        return losses_by_model(read(groups[method, level]), labels)

    for cell, path in zip(settings["cells"], paths["pies"], strict=True):
        level = Path(path).name.removesuffix(f".{cell['baseline']}.train.parquet")
        baseline = losses(cell["baseline"], NOT_COMPRESSED)
        compressed = losses(cell["method"], level)
        draws = len(compressed) // len(baseline)
        change = loss_change(np.repeat(baseline, draws, axis=0), compressed)
        pies = pd.read_parquet(path, columns=list(COLUMNS))
        pie, margin, probability = (pies[name].to_numpy() for name in COLUMNS)
        bins = influence.influence_bins(scores, settings["bins"])
        of_bins = influence.bin_table(scores, pie, change, settings["bins"])
        of_top = influence.top_table(scores, pie, margin)
        percents = of_top["top_percent"].tolist()
        tables = (
            of_bins.join(by_probability.of_bins(bins, probability)),
            of_top.join(by_probability.of_top(scores, probability, margin, percents)),
        )
        by_bin, by_top = (pd.DataFrame([cell]).merge(table, how="cross") for table in tables)
        yield by_bin, by_top


def main(settings: dict, inputs: dict, outputs: dict[str, str]) -> None:
    examples = pd.read_parquet(inputs["train"])
    labels = label_array(examples, len(files.read_json(inputs["card"])["classes"]))
    read = partial(files.read_logits, examples=examples_digest(examples, labels))
    scores = influence.el2n(read(inputs["early"]), labels)
    bins = influence.influence_bins(scores, settings["bins"])
    table = {"example_id": examples["example_id"], "el2n": scores, "bin": bins}
    files.write_frame(outputs["el2n"], pd.DataFrame(table))
    by_bin, of_top = zip(*measure_cells(scores, labels, settings, inputs, read), strict=True)
    files.write_frame(outputs["bins"], pd.concat(by_bin))
    files.write_frame(outputs["top"], pd.concat(of_top))


if "snakemake" in globals():
    inputs = {"card": snakemake.input.card, "train": snakemake.input.train}
    lists = {name: list(snakemake.input[name]) for name in ("early", "predictions", "pies")}
    with jobs.job(snakemake):
        main(json.loads(snakemake.params.settings), inputs | lists, dict(snakemake.output.items()))
