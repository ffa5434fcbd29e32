"""Draw the figures of scores and PIE shares from their tables."""

import json
from collections.abc import Sequence

import pandas as pd

from pielab import logs
from pielab.figures import scores as draw
from pielab.figures import style


def main(settings: dict, pies: str, scores: str, outputs: dict[str, Sequence[str]]) -> None:
    colours = style.method_colours(settings["methods"], settings["palette"])
    measures, cells = settings["measures"], pd.read_csv(pies).query("split == 'test'")
    with style.style():
        figures = {
            "score_by_sparsity": draw.score_by_sparsity(pd.read_csv(scores), measures, colours),
            "pie_share": draw.pie_share(cells, colours),
            "score_on_pies": draw.score_on_pies(cells, measures, colours),
        }
        for name, paths in outputs.items():
            style.save(figures[name], paths, settings["dpi"])


if "snakemake" in globals():
    with logs.job(snakemake.log[0]):
        main(
            json.loads(snakemake.params.settings),
            snakemake.input.pies,
            snakemake.input.scores,
            {name: list(paths) for name, paths in snakemake.output.items()},
        )
