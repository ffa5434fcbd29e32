"""Find the PIEs of a cell in both splits, score its models on them, and say how sure they are."""

import json

import numpy as np
import pandas as pd

from pielab import files, jobs, logs
from pielab.analysis import certainty, shifts
from pielab.analysis.collapse import collapse_row
from pielab.analysis.held_out import held_out
from pielab.analysis.quality import quality_table
from pielab.pies.cell import Cell
from pielab.pies.find import find_pies, unit_harm
from pielab.pies.reading import read_cells
from pielab.pies.scores import random_scores, summarise
from pielab.stats.negative_flips import negative_flip_row
from pielab.vocabulary import SIDES

OF_LOGITS = (
    *shifts.CELL_COLUMNS,
    *shifts.EXAMPLE_COLUMNS,
    *("loss", "probability_loyalty", "kl_divergence"),
    *(f"calibration_error_{side}" for side in SIDES),
    *("precision_probability", "brier_probability"),
)
# Columns of one number a class or a seed
LISTS = (*(f"{side}_votes" for side in SIDES), "class_q", "pie_without", "unit_harm")


def describe(cell: Cell, scores_known: bool = True) -> dict[str, pd.DataFrame]:
    """Return the tables of a cell: its PIEs, scores, certainty and what fewer seeds would find.

    Parameters
    ----------
    scores_known : bool
        False if models that others made said labels only: what logits tell is NaN then.
    """
    rng = np.random.default_rng(0)
    margins = shifts.cell_margins(cell)
    shifted = shifts.example_shifts(cell, margins)
    pies = pd.concat([find_pies(cell), certainty.example_tests(cell), shifted], axis=1)
    pies["pie_without"] = list(certainty.pies_without(cell, pies))
    pies["unit_harm"] = list(unit_harm(cell))
    scores = quality_table(cell, pies)
    row = certainty.cell_row(cell, pies, rng)
    summary = summarise(pies, scores) | row | random_scores(cell, int(pies["pie"].sum()), rng)
    summary |= shifts.shift_row(cell, margins, shifted, pies["pie"].to_numpy())
    summary |= collapse_row(cell) | certainty.agreement_row(cell)
    seeds = certainty.seed_rows(cell, row, rng)
    foreseen = held_out(cell, seeds["seeds"].tolist(), np.random.default_rng(0))
    summary |= negative_flip_row(cell, np.random.default_rng(0))
    summary |= certainty.pair_row(cell) | {"members": cell.members, "units": cell.n_units}
    tables = {
        "pies": pies,
        "scores": scores,
        "certainty": pd.DataFrame([summary]),
        "seeds": seeds.join(foreseen.drop(columns="seeds")),
    }
    if not scores_known:
        for name, table in tables.items():
            tables[name] = table.assign(**dict.fromkeys(set(OF_LOGITS) & set(table), np.nan))
        tables["certainty"]["expected_note"] = "labels say nothing of how sure a model is"
    return tables


def main(cells: dict[str, Cell], outputs: dict[str, str], scores_known: bool = True) -> None:
    tables = {split: describe(cell, scores_known) for split, cell in cells.items()}
    for split, described in tables.items():
        pies = described.pop("pies")
        files.write_frame(outputs[split], pies, [name for name in LISTS if name in pies])
        logs.logger.info("%s: %d PIEs of %d examples", split, pies["pie"].sum(), len(pies))
    for name in ("scores", "certainty", "seeds"):
        parts = [described[name].assign(split=split) for split, described in tables.items()]
        files.write_frame(outputs[name], pd.concat(parts))


if "snakemake" in globals():
    inputs = snakemake.input
    with jobs.job(snakemake):
        settings = json.loads(snakemake.params.settings)
        splits = [split for split in ("train", "test") if inputs.get(split)]
        main(
            read_cells(
                settings,
                inputs.card,
                {split: inputs[split] for split in splits},
                [{split: list(inputs[f"{side}_{split}"]) for split in splits} for side in SIDES],
            ),
            dict(snakemake.output.items()),
            settings.get("scores") != "labels",
        )
