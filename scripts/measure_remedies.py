"""Measure what each remedy changes, against the same method without it."""

import json
from collections.abc import Iterator

import pandas as pd

from pielab import files, jobs
from pielab.analysis.remedies import COLUMNS, remedy_row
from pielab.pies.cell import Cell
from pielab.pies.comparisons import read_comparisons
from pielab.vocabulary import KEYS

GIVEN = ("plain", "remedy", "further_models", "stages", "stages_plain")  # by the study


def pairs(
    settings: dict, card: str, frames: dict[str, str], paths: dict[str, list[str]]
) -> Iterator[tuple[dict, dict, Cell, Cell]]:
    """Yield each remedy's row of names, what the study says of it, and both cells."""
    for each in settings["cells"]:
        given = {name: each[name] for name in GIVEN}
        own = {name: each[name] for name in KEYS}
        both = settings | {"cells": [own, own | {"method": each["plain"]}]}
        (comparison, cell), (_, plain) = read_comparisons(both, card, frames, paths)
        yield comparison.row(), given, cell, plain


def main(
    settings: dict, card: str, frames: dict[str, str], paths: dict[str, list[str]], table: str
) -> None:
    """Write a row for each remedy in `settings`, on the test split."""
    names = [str(name) for name in files.read_json(card)["classes"]]
    rows = [
        row | given | remedy_row(cell, plain, names)
        for row, given, cell, plain in pairs(settings, card, frames, paths)
    ]
    files.write_frame(table, pd.DataFrame(rows, columns=[*KEYS, *GIVEN, *COLUMNS]))


if "snakemake" in globals():
    inputs = snakemake.input
    with jobs.job(snakemake):
        splits = [split for split in ("train", "test") if inputs.get(split)]
        main(
            json.loads(snakemake.params.settings),
            inputs.card,
            {split: inputs[split] for split in splits},
            {split: list(inputs[f"{split}_predictions"]) for split in splits},
            snakemake.output.table,
        )
