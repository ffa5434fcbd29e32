"""Join the PIE sets and scores of all cells into one table each."""

import json

import pandas as pd

from pielab import files, logs, pies

NAMES = ("dataset", "model", "method", "sparsity")


def main(
    cells: list[dict], found: list[str], scores: list[str], pies_csv: str, scores_csv: str
) -> None:
    rows, per_seed = [], []
    for cell, found_path, scores_path in zip(cells, found, scores, strict=True):
        cell = {name: cell[name] for name in NAMES}  # canonical settings are sorted by key
        table = pd.read_csv(scores_path).query("split == 'test'")
        rows.append(cell | pies.summarise(pd.read_parquet(found_path), table))
        per_seed.append(pies.scores_per_seed(cell, table))
    files.write_frame(pies_csv, pd.DataFrame(rows))
    files.write_frame(scores_csv, pd.concat(per_seed).drop_duplicates(ignore_index=True))


if "snakemake" in globals():
    with logs.job(snakemake.log[0]):
        main(
            json.loads(snakemake.params.settings)["cells"],
            list(snakemake.input.pies),
            list(snakemake.input.scores),
            snakemake.output.pies,
            snakemake.output.scores,
        )
