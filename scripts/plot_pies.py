"""Draw the figures of scores and PIE shares from their tables."""

import json
from collections.abc import Sequence

import pandas as pd

from pielab import logs, plots


def main(settings: dict, pies: str, scores: str, outputs: dict[str, Sequence[str]]) -> None:
    colours = plots.method_colours(settings["methods"], settings["palette"])
    measures, cells = settings["measures"], pd.read_csv(pies).query("split == 'test'")
    with plots.style():
        figures = {
            "score_by_sparsity": plots.score_by_sparsity(pd.read_csv(scores), measures, colours),
            "pie_share": plots.pie_share(cells, colours),
            "score_on_pies": plots.score_on_pies(cells, measures, colours),
        }
        for name, paths in outputs.items():
            plots.save(figures[name], paths, settings["dpi"])


if "snakemake" in globals():
    with logs.job(snakemake.log[0]):
        main(
            json.loads(snakemake.params.settings),
            snakemake.input.pies,
            snakemake.input.scores,
            {name: list(paths) for name, paths in snakemake.output.items()},
        )
