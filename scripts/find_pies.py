"""Find the PIEs of a cell in both splits, and take all measures of it."""

import pandas as pd

from pielab import files, jobs, logs
from pielab.measures import describe
from pielab.pies.reading import read_cells
from pielab.vocabulary import SIDES

# Columns of one number a class or a seed
LISTS = (*(f"{side}_votes" for side in SIDES), "class_q", "pie_without", "replicate_harm")


def main(settings: dict, inputs: dict, outputs: dict[str, str]) -> None:
    splits = [split for split in ("train", "test") if split in inputs]
    cells = read_cells(
        settings,
        inputs["card"],
        {split: inputs[split] for split in splits},
        [{split: inputs[f"{side}_{split}"] for split in splits} for side in SIDES],
    )
    scores_known = settings.get("scores") != "labels"
    tables = {split: describe(cell, scores_known, split) for split, cell in cells.items()}
    for split, described in tables.items():
        pies = described["examples"]
        files.write_frame(outputs[split], pies, [name for name in LISTS if name in pies])
        logs.logger.info("%s: %d PIEs of %d examples", split, pies["pie"].sum(), len(pies))
    for name, output in {"scores": "scores", "row": "certainty", "seeds": "seeds"}.items():
        parts = [described[name].assign(split=split) for split, described in tables.items()]
        files.write_frame(outputs[output], pd.concat(parts))


if "snakemake" in globals():
    with jobs.job(snakemake) as job:
        main(job.settings, job.inputs, job.outputs)
