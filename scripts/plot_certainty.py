"""Draw the figures of seed noise, certainty, overlaps and agreement from their tables."""

import json
from collections.abc import Sequence

import pandas as pd

from pielab import logs
from pielab.figures import certainty, readability, scores, style


def main(settings: dict, tables: dict[str, str], outputs: dict[str, Sequence[str]]) -> None:
    colours = style.method_colours(settings["methods"], settings["palette"])
    read = {name: pd.read_csv(path) for name, path in tables.items()}
    for name in ("pies", "seeds", "agreement"):
        read[name] = read[name].query("split == 'test'")
    pies = read["pies"]
    with style.style():
        figures = {
            "noise_floor": certainty.noise_floor(pies, colours),
            "excess": certainty.excess(pies, colours),
            "tiers": certainty.tiers(pies, list(colours)),
            "seed_curve": certainty.seed_curve(read["seeds"], pies),
            "pie_overlap": scores.pie_overlap(read["overlap"]),
            "persistence": scores.persistence(read["persistence"]),
            "complexity_effects": readability.complexity_effects(read["complexity"]),
            "agreement": scores.agreement(read["agreement"], colours),
        }
        for name, paths in outputs.items():
            style.save(figures[name], paths, settings["dpi"])


if "snakemake" in globals():
    with logs.job(snakemake.log[0]):
        main(
            json.loads(snakemake.params.settings),
            dict(snakemake.input.items()),
            {name: list(paths) for name, paths in snakemake.output.items()},
        )
