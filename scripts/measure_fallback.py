"""Measure what is left of negative flips if the least sure texts go to the baseline's models."""

import json

import numpy as np
import pandas as pd

from pielab import files, jobs
from pielab.analysis.fallback import fallback_table
from pielab.pies.comparisons import PairFiles, pair_files, read_comparisons


def main(settings: dict, pair: PairFiles, table: str) -> None:
    """Write a row for each comparison in `settings` and share of texts, from predictions."""
    scores_known = settings.get("scores") != "labels"
    settings = settings | {"ties": "lowest"}  # single models do not vote
    tables = [
        pd.DataFrame([comparison.row()]).merge(
            fallback_table(cell, np.random.default_rng(0), scores_known), how="cross"
        )
        for comparison, cell in read_comparisons(settings, pair)
    ]
    files.write_frame(table, pd.concat(tables, ignore_index=True))


if "snakemake" in globals():
    with jobs.job(snakemake):
        settings = json.loads(snakemake.params.settings)
        main(settings, pair_files(snakemake.input), snakemake.output.table)
