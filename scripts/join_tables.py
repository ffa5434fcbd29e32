"""Join tables of single cells, or of single pairs of dataset and model, into one each."""

import pandas as pd

from pielab import csv_tables, files, jobs
from pielab.analysis.cell_tables import mark
from pielab.vocabulary import MODELS


def main(settings: dict, inputs: dict, outputs: dict[str, str]) -> None:
    """Write each output, from the input of its name.

    Parameters
    ----------
    settings : dict
        Perhaps `cells`, which name the rows of the parts, in their order.
    inputs : dict
        Perhaps with `cells`, pies.csv, by which the rows are marked.
    """
    for name, output in outputs.items():
        parts = [csv_tables.read_csv(path) for path in inputs[name]]
        if "cells" in settings:
            keys = pd.DataFrame(settings["cells"])[list(MODELS)]
            parts = [keys.iloc[[row]].merge(part, how="cross") for row, part in enumerate(parts)]
        table = pd.concat(parts, ignore_index=True)
        if "cells" in inputs:
            table = mark(table, csv_tables.read_csv(inputs["cells"]))
        files.write_frame(output, table)


if "snakemake" in globals():
    with jobs.job(snakemake) as job:
        main(job.settings, job.inputs, job.outputs)
