"""Try which versions that the gate stops would pass if their least sure texts went elsewhere."""

import json

import pandas as pd

from pielab import files, jobs
from pielab.cells import Comparison, read_level
from pielab.gate.fallback import may_be_helped, smallest_passing
from pielab.gate.judging import TABLES, check, findings, read_tables
from pielab.pies.comparisons import PairFiles, pair_files, read_comparisons
from pielab.vocabulary import KEYS

COLUMNS = [*KEYS, "share", "verdict"]


def stopped(settings: dict, harms: str, paths: dict[str, str]) -> list[dict]:
    """Return the comparisons of a pair that the gate stops and that a fallback may help."""
    tables = read_tables([harms], paths)
    named = [
        (each, Comparison(**each).row() | {"level_text": read_level(each["level"]).text})
        for each in settings["cells"]
    ]
    for _, row in named:
        check(tables, row, harms, paths["cells"])
    return [each for each, row in named if may_be_helped(findings(settings, row, tables))]


def main(settings: dict, pair: PairFiles, harms: str, paths: dict[str, str], table: str) -> None:
    """Write a row for each version that would pass, with the smallest share of texts.

    Parameters
    ----------
    harms : str
        The losses of the pair.
    paths : dict
        The tables by which its versions are judged.
    """
    rows, cells = [], []
    if settings.get("scores") != "labels":  # which do not show how sure a model is
        cells = stopped(settings, harms, paths)
    for comparison, cell in read_comparisons(settings | {"cells": cells}, pair):
        found = smallest_passing(cell, pair.classes, settings["rules"], settings["confidence"])
        if found is not None:
            rows.append(comparison.row() | dict(zip(("share", "verdict"), found, strict=True)))
    files.write_frame(table, pd.DataFrame(rows, columns=COLUMNS))


if "snakemake" in globals():
    with jobs.job(snakemake):
        inputs = snakemake.input
        main(
            json.loads(snakemake.params.settings),
            pair_files(inputs),
            inputs.harms,
            {name: inputs[name] for name in TABLES if inputs.get(name)},
            snakemake.output.table,
        )
