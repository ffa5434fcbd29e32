"""Join what is known of the layers of all cells whose layers are put back."""

import json

import pandas as pd

from pielab import csv_tables, files, jobs
from pielab.vocabulary import MODELS


def main(cells: list[dict], inputs: dict[str, list[str]], outputs: dict[str, str]) -> None:
    for name, output in outputs.items():
        parts = [
            pd.DataFrame([{name: cell[name] for name in MODELS}]).merge(
                csv_tables.read_csv(path), how="cross"
            )
            for cell, path in zip(cells, inputs[name], strict=True)
        ]
        files.write_frame(output, pd.concat(parts))


if "snakemake" in globals():
    with jobs.job(snakemake):
        main(
            json.loads(snakemake.params.settings)["cells"],
            {name: list(paths) for name, paths in snakemake.input.items()},
            dict(snakemake.output.items()),
        )
