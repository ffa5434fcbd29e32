"""Measure what is left of negative flips if the least sure texts go to the baseline's models."""

import json

import numpy as np
import pandas as pd

from pielab import files, jobs
from pielab.analysis.fallback import fallback_table
from pielab.pies.comparisons import read_comparisons


def main(
    settings: dict, card: str, frames: dict[str, str], paths: dict[str, list[str]], table: str
) -> None:
    """Write a row for each comparison in `settings` and share of texts, from predictions."""
    scores_known = settings.get("scores") != "labels"
    settings = settings | {"ties": "lowest"}  # single models do not vote
    tables = [
        pd.DataFrame([comparison.row()]).merge(
            fallback_table(cell, np.random.default_rng(0), scores_known), how="cross"
        )
        for comparison, cell in read_comparisons(settings, card, frames, paths)
    ]
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
