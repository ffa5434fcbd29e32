"""Join what is known of all cells: PIEs, scores, agreement and curves of seeds, a table each."""

import pandas as pd

from pielab import csv_tables, files, jobs
from pielab.analysis.cell_tables import LEVELS, adjust_cells, mark
from pielab.measures import columns_of
from pielab.measures.quality import scores_per_seed
from pielab.vocabulary import KEYS


def main(cells: list[dict], inputs: dict[str, list[str]], outputs: dict[str, str]) -> None:
    rows, scores, curves = [], [], []
    paths = zip(*(inputs[name] for name in ("certainty", "scores", "seeds")), strict=True)
    for cell, of_cell in zip(cells, paths, strict=True):
        names = pd.DataFrame([{name: cell[name] for name in KEYS}])  # settings are sorted by key
        summary, by_model, curve = map(csv_tables.read_csv, of_cell)
        marks = {name: cell[name] for name in (*LEVELS, "primary")}
        rows.append(names.assign(**marks).merge(summary, how="cross"))
        scores.append(by_model)
        curves.append(names.merge(curve, how="cross"))
    table = adjust_cells(pd.concat(rows, ignore_index=True))
    for place, name in enumerate((*LEVELS, "split", "primary", "collapsed"), start=len(KEYS)):
        table.insert(place, name, table.pop(name))
    agreement = list(columns_of("agreement"))
    files.write_frame(outputs["pies"], table.drop(columns=agreement))
    keys = [*KEYS, "split", "primary", "collapsed", "seeds"]
    files.write_frame(outputs["agreement"], table[[*keys, *agreement]])
    files.write_frame(
        outputs["scores"], scores_per_seed(cells, scores).drop_duplicates(ignore_index=True)
    )
    files.write_frame(outputs["seeds"], mark(pd.concat(curves), table))


if "snakemake" in globals():
    with jobs.job(snakemake) as job:
        main(job.settings["cells"], job.inputs, job.outputs)
