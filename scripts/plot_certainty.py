"""Draw the figures of seed noise, certainty, overlaps and agreement from their tables."""

import json
from collections.abc import Sequence

import pandas as pd

from pielab import logs, plots
from pielab import plots_certainty as draw


def main(settings: dict, tables: dict[str, str], outputs: dict[str, Sequence[str]]) -> None:
    colours = plots.method_colours(settings["methods"], settings["palette"])
    read = {name: pd.read_csv(path) for name, path in tables.items()}
    for name in ("pies", "seeds", "agreement"):
        read[name] = read[name].query("split == 'test'")
    pies = read["pies"]
    with plots.style():
        figures = {
            "noise_floor": draw.noise_floor(pies, colours),
            "excess": draw.excess(pies, colours),
            "tiers": draw.tiers(pies, list(colours)),
            "seed_curve": draw.seed_curve(read["seeds"], pies),
            "pie_overlap": draw.pie_overlap(read["overlap"]),
            "persistence": draw.persistence(read["persistence"]),
            "complexity_effects": draw.complexity_effects(read["complexity"]),
            "agreement": draw.agreement(read["agreement"], colours),
        }
        for name, paths in outputs.items():
            plots.save(figures[name], paths, settings["dpi"])


if "snakemake" in globals():
    with logs.job(snakemake.log[0]):
        main(
            json.loads(snakemake.params.settings),
            dict(snakemake.input.items()),
            {name: list(paths) for name, paths in snakemake.output.items()},
        )
