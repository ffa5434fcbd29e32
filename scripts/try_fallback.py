"""Try which versions that the gate stops would pass if their least sure texts went elsewhere."""

import json

import pandas as pd

from pielab import files, jobs
from pielab.cells import Comparison
from pielab.gate.fallback import may_be_helped, smallest_passing
from pielab.pies.comparisons import PairFiles, pair_files, read_comparisons
from pielab.vocabulary import KEYS

COLUMNS = [*KEYS, "share", "verdict"]


def stopped(cells: list[dict], gate: dict) -> list[dict]:
    """Return the comparisons that a fallback may help, of a pair's."""
    may = [one for one in gate["versions"] if may_be_helped(one)]
    names = {tuple(str(one[key]) for key in KEYS) for one in may}
    numbered = [(each, Comparison(**each).row()) for each in cells]
    return [each for each, row in numbered if tuple(str(row[key]) for key in KEYS) in names]


def main(settings: dict, pair: PairFiles, gate: str, table: str) -> None:
    """Write a row for each version that would pass, with the smallest share of texts."""
    rows = []
    cells = stopped(settings["cells"], files.read_json(gate))
    if settings.get("scores") == "labels":  # which do not show how sure a model is
        cells = []
    for comparison, cell in read_comparisons(settings | {"cells": cells}, pair):
        found = smallest_passing(cell, pair.classes, settings["rules"], settings["confidence"])
        if found is not None:
            rows.append(comparison.row() | dict(zip(("share", "verdict"), found, strict=True)))
    files.write_frame(table, pd.DataFrame(rows, columns=COLUMNS))


if "snakemake" in globals():
    with jobs.job(snakemake):
        settings = json.loads(snakemake.params.settings)
        main(settings, pair_files(snakemake.input), snakemake.input.gate, snakemake.output.table)
