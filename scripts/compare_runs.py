"""Tabulate what differs between runs of lm-evaluation-harness besides their answers."""

import pandas as pd

from pielab import files, jobs, logs
from pielab.external.harness_runs import differences, in_one_only, only_once
from pielab.harness_folders import is_log
from pielab.vocabulary import MODELS

COLUMNS = (*MODELS, "dense_run", "run")


def main(settings: dict, table: str) -> None:
    rows = []
    for run in settings["runs"]:
        pairs = [pair for pair in run["logs"] if all(map(is_log, pair))]
        found = [differences(*pair) for pair in pairs]
        for sentence in [*only_once(found, run["tasks"]), *in_one_only(run["in_one_only"])]:
            logs.logger.warning("%s, %s: %s", run["dense_run"], run["run"], sentence)
            rows.append({name: run[name] for name in COLUMNS} | {"difference": sentence})
    files.write_frame(table, pd.DataFrame(rows, columns=[*COLUMNS, "difference"]))


if "snakemake" in globals():
    with jobs.job(snakemake) as job:
        main(job.settings, job.outputs["table"])
