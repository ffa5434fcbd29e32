"""Tabulate what differs between runs of lm-evaluation-harness besides their answers."""

import json

import pandas as pd

from pielab import files, jobs, logs
from pielab.data.harness_rows import is_log
from pielab.external.harness_runs import differences
from pielab.vocabulary import MODELS

COLUMNS = (*MODELS, "dense_run", "run")


def main(settings: dict, table: str) -> None:
    rows = []
    for run in settings["runs"]:
        if is_log(run["dense_run"]) and is_log(run["run"]):
            for said in differences(run["dense_run"], run["run"]):
                logs.logger.warning("%s, %s: %s", run["dense_run"], run["run"], said)
                rows.append({name: run[name] for name in COLUMNS} | {"difference": said})
    files.write_frame(table, pd.DataFrame(rows, columns=[*COLUMNS, "difference"]))


if "snakemake" in globals():
    with jobs.job(snakemake):
        main(json.loads(snakemake.params.settings), snakemake.output.table)
