"""Measure what compression takes away from each cell of a dataset and model, for the gate."""

import numpy as np
import pandas as pd

from pielab import files, jobs
from pielab.analysis.harm import harm_table
from pielab.pies.comparisons import PairFiles, pair_files, read_comparisons


def main(settings: dict, pair: PairFiles, table: str) -> None:
    """Write the losses of the comparisons in `settings`, from both splits' predictions."""
    names, tables = pair.classes, []
    scores_known = settings.get("scores") != "labels"
    for comparison, cell in read_comparisons(settings, pair):
        losses = harm_table(cell, names, np.random.default_rng(0), scores_known)
        tables.append(pd.DataFrame([comparison.row()]).merge(losses, how="cross"))
    files.write_frame(table, pd.concat(tables, ignore_index=True))


if "snakemake" in globals():
    with jobs.job(snakemake) as job:
        main(job.settings, pair_files(job.inputs), **job.outputs)
