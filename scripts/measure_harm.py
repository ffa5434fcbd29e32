"""Measure what compression takes away from each cell of a data set and model, for the gate."""

import json
from pathlib import Path

import numpy as np
import pandas as pd

from pielab import files, logs
from pielab.analysis.harm import harm_table
from pielab.cells import Comparison
from pielab.pies.reading import read_cells


def main(
    settings: dict, card: str, frames: dict[str, str], paths: dict[str, list[str]], table: str
) -> None:
    """Write the losses of the comparisons in `settings`, from both splits' predictions."""
    names, tables = files.read_json(card)["classes"], []
    groups: dict[tuple[str, ...], dict[str, list[str]]] = {}
    for split, own in paths.items():
        for path in own:  # by method and level
            groups.setdefault(Path(path).parts[-3:-1], {}).setdefault(split, []).append(path)
    for each in settings["cells"]:
        sides = [groups[each["baseline"], "s00"], groups[each["method"], f"s{each['sparsity']}"]]
        cell = read_cells(settings, card, frames, sides)["test"]
        scores_known = settings.get("scores") != "labels"
        losses = harm_table(cell, names, np.random.default_rng(0), scores_known)
        tables.append(pd.DataFrame([Comparison(**each).row()]).merge(losses, how="cross"))
    files.write_frame(table, pd.concat(tables, ignore_index=True))


if "snakemake" in globals():
    inputs = snakemake.input
    with logs.job(snakemake.log[0]):
        splits = [split for split in ("train", "test") if inputs.get(split)]
        main(
            json.loads(snakemake.params.settings),
            inputs.card,
            {split: inputs[split] for split in splits},
            {split: list(inputs[f"{split}_predictions"]) for split in splits},
            snakemake.output.table,
        )
