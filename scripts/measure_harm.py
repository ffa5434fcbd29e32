"""Measure what compression takes away from each cell of a data set and model, for the gate."""

import json

import numpy as np
import pandas as pd

from pielab import files, jobs
from pielab.analysis.harm import harm_table
from pielab.pies.comparisons import read_comparisons


def main(
    settings: dict, card: str, frames: dict[str, str], paths: dict[str, list[str]], table: str
) -> None:
    """Write the losses of the comparisons in `settings`, from both splits' predictions."""
    names, tables = files.read_json(card)["classes"], []
    for comparison, cell in read_comparisons(settings, card, frames, paths):
        scores_known = settings.get("scores") != "labels"
        losses = harm_table(cell, names, np.random.default_rng(0), scores_known)
        tables.append(pd.DataFrame([comparison.row()]).merge(losses, how="cross"))
    files.write_frame(table, pd.concat(tables, ignore_index=True))


if "snakemake" in globals():
    inputs = snakemake.input
    with jobs.job(snakemake):
        splits = [split for split in ("train", "test") if inputs.get(split)]
        main(
            json.loads(snakemake.params.settings),
            inputs.card,
            {split: inputs[split] for split in splits},
            {split: list(inputs[f"{split}_predictions"]) for split in splits},
            snakemake.output.table,
        )
