"""Tabulate the mean scores of all cells, and hold them against the paper's."""

from pielab import csv_tables, files, jobs
from pielab.analysis import effectiveness


def main(settings: dict, scores: str, table: str, comparison: str) -> None:
    ours = effectiveness.effectiveness_table(csv_tables.read_csv(scores), settings["units"])
    files.write_frame(table, ours)
    compared = effectiveness.compare_with_paper(
        ours, csv_tables.read_csv(settings["published"]), settings["published_as"]
    )
    files.write_frame(comparison, compared)


if "snakemake" in globals():
    with jobs.job(snakemake) as job:
        main(job.settings, **job.inputs, **job.outputs)
