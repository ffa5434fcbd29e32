"""Measure what each remedy changes, and what a fallback leaves for each share of texts."""

from collections.abc import Iterator, Mapping, Sequence

import numpy as np
import pandas as pd

from pielab import files, jobs
from pielab.analysis.fallback import fallback_table
from pielab.analysis.remedies import COLUMNS, GIVEN, remedy_row
from pielab.analysis.untrained_remedies import (
    KeptLayers,
    fallback_row,
    layer_rows,
    read_kept_layers,
)
from pielab.cells import Comparison
from pielab.pies.cell import Cell
from pielab.pies.comparisons import pair_files, read_comparisons
from pielab.vocabulary import KEYS, TRAINING


def pairs(settings: dict) -> Iterator[tuple[dict, Comparison, Comparison]]:
    """Yield each remedy in training: its description, and the comparisons with and without."""
    for described in settings["trained"]:
        given = {name: described[name] for name in GIVEN if name in described} | {"kind": TRAINING}
        comparison = Comparison(*(described[name] for name in Comparison._fields))
        yield given, comparison, comparison._replace(method=described["plain"])


def untrained(
    comparison: Comparison, cell: Cell, names: Sequence[str], kept: Mapping[tuple, KeptLayers]
) -> Iterator[dict]:
    """Yield the rows of a comparison's fallback, and of layers that are kept dense, if any."""
    yield fallback_row(cell, names)
    if layers := kept.get((comparison.method, comparison.level)):
        yield from layer_rows(cell, layers, names)


def main(settings: dict, inputs: dict, outputs: dict[str, str]) -> None:
    """Write the rows of remedies and of fallbacks of the comparisons in `settings`."""
    pair = pair_files(inputs)
    scores_known = settings.get("scores") != "labels"
    comparisons = [Comparison(**keys) for keys in settings["cells"]]
    twins = [comparison for _, *both in pairs(settings) for comparison in both]
    needed = {"cells": [used._asdict() for used in dict.fromkeys([*comparisons, *twins])]}
    cells = dict(read_comparisons(settings | needed, pair))
    rows = [
        mended.row() | remedy_row(cells[mended], cells[plain], pair.classes) | given
        for given, mended, plain in pairs(settings)
    ]
    read, tables = read_kept_layers(inputs["layers"], inputs["layer_sizes"]), []
    for comparison in comparisons:
        cell = cells[comparison]
        left = fallback_table(cell, np.random.default_rng(0), scores_known)
        tables.append(pd.DataFrame([comparison.row()]).merge(left, how="cross"))
        if settings["primary"].get(comparison.method) != comparison.baseline or not scores_known:
            continue  # labels do not show how sure a model is
        stages = settings["stages"][comparison.method]
        given = {"plain": comparison.method, "further_models": 0}
        given |= {"stages": stages, "stages_plain": stages}
        found = untrained(comparison, cell, pair.classes, read)
        rows += [comparison.row() | row | given for row in found]
    files.write_frame(outputs["fallback"], pd.concat(tables, ignore_index=True))
    files.write_frame(outputs["table"], pd.DataFrame(rows, columns=[*KEYS, *GIVEN, *COLUMNS]))


if "snakemake" in globals():
    with jobs.job(snakemake) as job:
        main(job.settings, job.inputs, job.outputs)
