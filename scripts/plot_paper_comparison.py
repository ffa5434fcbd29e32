"""Draw our scores against the published ones."""

import json
from collections.abc import Sequence

import pandas as pd

from pielab import logs
from pielab.figures import claims, style


def main(settings: dict, comparison: str, paths: Sequence[str]) -> None:
    colours = style.method_colours(settings["methods"], settings["palette"])
    with style.style():
        figure = claims.paper_comparison(pd.read_csv(comparison), colours)
        style.save(figure, paths, settings["dpi"])


if "snakemake" in globals():
    with logs.job(snakemake.log[0]):
        main(
            json.loads(snakemake.params.settings),
            snakemake.input.comparison,
            list(snakemake.output.paper_comparison),
        )
