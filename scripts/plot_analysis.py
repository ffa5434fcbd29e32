"""Draw the figures of classes, influence, text complexity, flips and claims from their tables."""

import json
from collections.abc import Sequence

import pandas as pd

from pielab import logs
from pielab.figures import claims, classes, influence, readability, scores, style


def main(settings: dict, tables: dict[str, str], outputs: dict[str, Sequence[str]]) -> None:
    colours = style.method_colours(settings["methods"], settings["palette"])
    several = {name: measure != "Accuracy" for name, measure in settings["measures"].items()}
    read = {name: pd.read_csv(path) for name, path in tables.items()}
    read["pies"] = read["pies"].query("split == 'test'")
    draw = {
        "class_score": lambda: classes.class_score(read["classes"], several),
        "class_pie_rate": lambda: classes.class_pie_rate(read["classes"]),
        "class_distribution": lambda: classes.class_distribution(read["classes"]),
        "influence_pies": lambda: influence.influence_pies(read["bins"]),
        "influence_loss_ratio": lambda: influence.influence_loss_ratio(read["bins"]),
        "influence_loss": lambda: influence.influence_loss(read["bins"]),
        "influence_top": lambda: influence.influence_top(read["top"]),
        "complexity_of_pies": lambda: readability.complexity_of_pies(
            read["complexity"], settings["drawn"]
        ),
        "tokens_of_pies": lambda: readability.tokens_of_pies(read["complexity"], colours),
        "flips": lambda: scores.flips(read["pies"], list(colours), settings["palette"]),
        "scorecard": lambda: claims.scorecard(read["scorecard"]),
    }
    with style.style():
        for name, paths in outputs.items():
            style.save(draw[name](), paths, settings["dpi"])


if "snakemake" in globals():
    with logs.job(snakemake.log[0]):
        main(
            json.loads(snakemake.params.settings),
            dict(snakemake.input.items()),
            {name: list(paths) for name, paths in snakemake.output.items()},
        )
