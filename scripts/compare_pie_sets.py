"""Compare the PIE sets of all cells of a dataset: their overlaps, and in how many an example is."""

import numpy as np
import pandas as pd

from pielab import csv_tables, files, jobs
from pielab.analysis.cell_tables import mark
from pielab.pies import sets
from pielab.vocabulary import KEYS

NAMES = list(KEYS[1:])


def main(settings: dict, inputs: dict, outputs: dict[str, str]) -> None:
    study, overlaps, persistent = pd.DataFrame(settings["cells"]), [], []
    study = study[list(KEYS)]  # canonical settings are sorted by key
    marked = mark(study, csv_tables.read_csv(inputs["cells"]))
    pies = pd.Series([pd.read_parquet(path, columns=["pie"])["pie"] for path in inputs["pies"]])
    for dataset, rows in marked.groupby("dataset", sort=False):
        names = rows[[*NAMES, "collapsed"]].assign(dataset=dataset)
        pairs = names.merge(names.drop(columns="dataset").add_prefix("other_"), how="cross")
        jaccard = sets.overlaps(np.stack(pies[rows.index]))
        overlaps.append(pairs.assign(jaccard=jaccard.ravel()))
        for model, cells_of_model in rows[rows["is_compressed"]].groupby("model", sort=False):
            for kept, without in ((cells_of_model, False), (_working(cells_of_model), True)):
                if len(kept):
                    table = sets.persistence(np.stack(pies[kept.index]))
                    names_of = {"dataset": dataset, "model": model, "without_collapsed": without}
                    persistent.append(table.assign(**names_of))
    files.write_frame(outputs["overlap"], pd.concat(overlaps))
    files.write_frame(outputs["persistence"], pd.concat(persistent))


def _working(cells: pd.DataFrame) -> pd.DataFrame:
    return cells[~cells["collapsed"]]


if "snakemake" in globals():
    with jobs.job(snakemake) as job:
        main(job.settings, job.inputs, job.outputs)
