"""Tabulate what differs between runs of lm-evaluation-harness besides the models."""

import json

import pandas as pd

from pielab import files, logs
from pielab.data.harness_logs import is_log
from pielab.given.harness_runs import differences
from pielab.vocabulary import MODELS


def main(settings: dict, table: str) -> None:
    rows = []
    for run in settings["runs"]:
        if is_log(run["first"]) and is_log(run["run"]):
            for difference in differences(run["first"], run["run"]):
                logs.logger.warning("%s", difference)
                rows.append(
                    {name: run[name] for name in (*MODELS, "run")} | {"differs": difference}
                )
    files.write_frame(table, pd.DataFrame(rows, columns=[*MODELS, "run", "differs"]))


if "snakemake" in globals():
    with logs.job(snakemake.log[0]):
        main(json.loads(snakemake.params.settings), snakemake.output.table)
