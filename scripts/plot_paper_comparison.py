"""Draw our scores against the published ones."""

import json
from collections.abc import Sequence

import pandas as pd

from pielab import logs, plots, plots_claims


def main(settings: dict, comparison: str, paths: Sequence[str]) -> None:
    colours = plots.method_colours(settings["methods"], settings["palette"])
    with plots.style():
        figure = plots_claims.paper_comparison(pd.read_csv(comparison), colours)
        plots.save(figure, paths, settings["dpi"])


if "snakemake" in globals():
    with logs.job(snakemake.log[0]):
        main(
            json.loads(snakemake.params.settings),
            snakemake.input.comparison,
            list(snakemake.output.paper_comparison),
        )
