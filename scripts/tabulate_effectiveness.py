"""Tabulate the mean scores of all cells, and hold them against the paper's."""

import json

from pielab import csv_tables, files, jobs
from pielab.analysis import effectiveness


def main(settings: dict, scores: str, published: str, table: str, comparison: str) -> None:
    ours = effectiveness.effectiveness_table(csv_tables.read_csv(scores), settings["units"])
    files.write_frame(table, ours)
    compared = effectiveness.compare_with_paper(
        ours, csv_tables.read_csv(published), settings["published_as"]
    )
    files.write_frame(comparison, compared)


if "snakemake" in globals():
    published = snakemake.params.untracked
    with jobs.job(snakemake):
        settings = json.loads(snakemake.params.settings)
        main(settings, snakemake.input.scores, published, **dict(snakemake.output.items()))
