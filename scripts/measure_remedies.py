"""Measure what each remedy changes, against the same method without it."""

import json
from collections.abc import Iterator

import pandas as pd

from pielab import files, jobs
from pielab.analysis.remedies import COLUMNS, remedy_row
from pielab.pies.cell import Cell
from pielab.pies.comparisons import PairFiles, pair_files, read_comparisons
from pielab.vocabulary import KEYS

GIVEN = ("plain", "remedy", "further_models", "stages", "stages_plain")  # by the study


def pairs(settings: dict, pair: PairFiles) -> Iterator[tuple[dict, dict, Cell, Cell]]:
    """Yield each remedy's row of names, what the study says of it, and both cells."""
    for each in settings["cells"]:
        given = {name: each[name] for name in GIVEN}
        own = {name: each[name] for name in KEYS}
        both = settings | {"cells": [own, own | {"method": each["plain"]}]}
        (comparison, cell), (_, plain) = read_comparisons(both, pair)
        yield comparison.row(), given, cell, plain


def main(settings: dict, pair: PairFiles, table: str) -> None:
    """Write a row for each remedy in `settings`, on the test split."""
    rows = [
        row | given | remedy_row(cell, plain, pair.classes)
        for row, given, cell, plain in pairs(settings, pair)
    ]
    files.write_frame(table, pd.DataFrame(rows, columns=[*KEYS, *GIVEN, *COLUMNS]))


if "snakemake" in globals():
    with jobs.job(snakemake):
        settings = json.loads(snakemake.params.settings)
        main(settings, pair_files(snakemake.input), snakemake.output.table)
