"""Compare the PIE sets of all cells of a dataset: their overlaps, and in how many an example is."""

import json

import numpy as np
import pandas as pd

from pielab import files, logs
from pielab.pies import sets
from pielab.vocabulary import KEYS

NAMES = list(KEYS[1:])


def main(cells: list[dict], found: list[str], overlap: str, persistence: str) -> None:
    study, overlaps, persistent = pd.DataFrame(cells), [], []
    pies = pd.Series([pd.read_parquet(path, columns=["pie"])["pie"] for path in found])
    for dataset, rows in study.groupby("dataset", sort=False):
        jaccard = sets.overlaps(np.stack(pies[rows.index]))
        names = rows[NAMES].assign(dataset=dataset)
        pairs = names.merge(rows[NAMES].add_prefix("other_"), how="cross")
        overlaps.append(pairs.assign(jaccard=jaccard.ravel()))
        for model, own in rows[rows["compressed"]].groupby("model", sort=False):
            table = sets.persistence(np.stack(pies[own.index]))
            persistent.append(table.assign(dataset=dataset, model=model))
    files.write_frame(overlap, pd.concat(overlaps))
    files.write_frame(persistence, pd.concat(persistent))


if "snakemake" in globals():
    with logs.job(snakemake.log[0]):
        main(
            json.loads(snakemake.params.settings)["cells"],
            list(snakemake.input.pies),
            **dict(snakemake.output.items()),
        )
