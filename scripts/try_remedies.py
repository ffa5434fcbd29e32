"""Try which versions that the gate stops would pass by a fallback, or with some layers dense."""

from collections.abc import Iterator, Sequence

import pandas as pd

from pielab import files, jobs
from pielab.analysis.untrained_remedies import KeptLayers, read_kept_layers
from pielab.cells import Comparison, read_level
from pielab.gate.fallback import may_be_helped, smallest_passing
from pielab.gate.judging import check, findings, read_tables
from pielab.gate.layers import fewest_passing
from pielab.pies.cell import Cell
from pielab.pies.comparisons import pair_files, read_comparisons
from pielab.vocabulary import FALLBACK, KEYS, LAYERS

COLUMNS = [*KEYS, "kind", "share", "layers", "more_bytes", "verdict"]


def stopped(settings: dict, inputs: dict) -> list[dict]:
    """Return the comparisons of a pair that the gate stops and that a remedy may help."""
    harms = inputs["harms"]
    tables = read_tables([harms], inputs)
    named = [
        (keys, Comparison(**keys).row() | {"level_text": read_level(keys["level"]).text})
        for keys in settings["cells"]
    ]
    for _, row in named:
        check(tables, row, harms, inputs["cells"])
    return [keys for keys, row in named if may_be_helped(findings(settings, row, tables))]


def passing(
    settings: dict, cell: Cell, names: Sequence[str], kept: KeptLayers | None
) -> Iterator[dict]:
    """Yield with what a version passes: the smallest share of texts, the fewest layers."""
    limits = names, settings["rules"], settings["confidence"]
    if kept and (layers := fewest_passing(cell, kept, *limits)):
        yield layers._asdict() | {"kind": LAYERS}
    if found := smallest_passing(cell, *limits):
        yield dict(zip(("share", "verdict"), found, strict=True)) | {"kind": FALLBACK}


def main(settings: dict, inputs: dict, outputs: dict[str, str]) -> None:
    """Write with what each version would pass that the gate stops."""
    pair, kept = pair_files(inputs), read_kept_layers(inputs["layers"], inputs["layer_sizes"])
    rows, cells = [], []
    if settings.get("scores") != "labels":  # which do not show how sure a model is
        cells = stopped(settings, inputs)
    for comparison, cell in read_comparisons(settings | {"cells": cells}, pair):
        layers = kept.get((comparison.method, comparison.level))
        rows += [comparison.row() | row for row in passing(settings, cell, pair.classes, layers)]
    files.write_frame(outputs["table"], pd.DataFrame(rows, columns=COLUMNS))


if "snakemake" in globals():
    with jobs.job(snakemake) as job:
        main(job.settings, job.inputs, job.outputs)
