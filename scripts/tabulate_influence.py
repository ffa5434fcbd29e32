"""Join the influence of all pairs of dataset and model into one table each."""

import pandas as pd

from pielab import files, logs


def main(inputs: dict[str, list[str]], outputs: dict[str, str]) -> None:
    for name, paths in inputs.items():
        files.write_frame(outputs[name], pd.concat(map(pd.read_csv, paths)))


if "snakemake" in globals():
    with logs.job(snakemake.log[0]):
        main(
            {name: list(paths) for name, paths in snakemake.input.items()},
            dict(snakemake.output.items()),
        )
