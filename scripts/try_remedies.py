"""Try which versions that the gate stops would pass by a fallback, or with some layers dense."""

import json
from collections.abc import Iterator, Mapping, Sequence

import pandas as pd

from pielab import files, jobs
from pielab.analysis.untrained_remedies import KeptLayers, read_kept_layers
from pielab.cells import Comparison, read_level
from pielab.gate.fallback import may_be_helped, smallest_passing
from pielab.gate.judging import TABLES, check, findings, read_tables
from pielab.gate.layers import fewest_passing
from pielab.pies.cell import Cell
from pielab.pies.comparisons import PairFiles, pair_files, read_comparisons
from pielab.vocabulary import FALLBACK, KEYS, LAYERS

COLUMNS = [*KEYS, "kind", "share", "layers", "more_bytes", "verdict"]


def stopped(settings: dict, harms: str, paths: dict[str, str]) -> list[dict]:
    """Return the comparisons of a pair that the gate stops and that a remedy may help."""
    tables = read_tables([harms], paths)
    named = [
        (each, Comparison(**each).row() | {"level_text": read_level(each["level"]).text})
        for each in settings["cells"]
    ]
    for _, row in named:
        check(tables, row, harms, paths["cells"])
    return [each for each, row in named if may_be_helped(findings(settings, row, tables))]


def passing(
    settings: dict, cell: Cell, names: Sequence[str], kept: KeptLayers | None
) -> Iterator[dict]:
    """Yield with what a version passes: the smallest share of texts, the fewest layers."""
    limits = names, settings["rules"], settings["confidence"]
    if kept and (layers := fewest_passing(cell, kept, *limits)):
        yield layers._asdict() | {"kind": LAYERS}
    if found := smallest_passing(cell, *limits):
        yield dict(zip(("share", "verdict"), found, strict=True)) | {"kind": FALLBACK}


def main(
    settings: dict,
    pair: PairFiles,
    harms: str,
    paths: dict[str, str],
    table: str,
    kept: Mapping[tuple[str, str], KeptLayers] | None = None,
) -> None:
    """Write with what each version would pass that the gate stops.

    Parameters
    ----------
    harms : str
        The losses of the pair.
    paths : dict
        The tables by which its versions are judged.
    kept : mapping, optional
        What models with their best layers dense predict, by method and level.
    """
    rows, cells = [], []
    if settings.get("scores") != "labels":  # which do not show how sure a model is
        cells = stopped(settings, harms, paths)
    for comparison, cell in read_comparisons(settings | {"cells": cells}, pair):
        own = (kept or {}).get((comparison.method, comparison.level))
        rows += [comparison.row() | one for one in passing(settings, cell, pair.classes, own)]
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
            read_kept_layers(list(inputs.layers), list(inputs.layer_sizes)),
        )
