"""Judge the paper's claims for each model of a dataset."""

import json
from itertools import islice

import numpy as np
import pandas as pd

from pielab import csv_tables, files, jobs
from pielab.claims import scorecard
from pielab.claims.evidence import Evidence, read_evidence


def read_pairs(pairs: list[dict], inputs: dict, cells: pd.DataFrame) -> list[Evidence]:
    """Return the evidence of each model, from the files of all, which are in their order."""
    queues = {split: iter(inputs[f"{split}_pies"]) for split in ("train", "test")}
    evidence = []
    for pair, el2n in zip(pairs, inputs["el2n"], strict=True):
        pie_files = {
            split: list(islice(queue, len(pair["cells"]))) for split, queue in queues.items()
        }
        shared = {"card": inputs["card"], "complexity": inputs["complexity"]}
        evidence.append(read_evidence(pair, shared | {"el2n": el2n}, pie_files, cells))
    return evidence


def main(pairs: list[dict], inputs: dict, table: str) -> None:
    evidence, tables = read_pairs(pairs, inputs, csv_tables.read_csv(inputs["pies"])), []
    for comparison in ("primary", "dense"):
        compared = [each.compared(comparison) for each in evidence]
        if comparison == "dense" and all(
            each.cells["primary"].all() for each in compared if len(each.cells)
        ):
            continue  # the same cells once more
        for index, pair in enumerate(pairs):
            others = compared[:index] + compared[index + 1 :]
            judged = scorecard.judge(compared[index], others, np.random.default_rng(0))
            names = {key: pair[key] for key in ("dataset", "model", "seeds")}
            table_of_pair = pd.DataFrame([names | {"comparison": comparison}])
            tables.append(table_of_pair.merge(judged, how="cross"))
    files.write_frame(table, pd.concat(tables))


if "snakemake" in globals():
    with jobs.job(snakemake):
        main(
            json.loads(snakemake.params.settings)["pairs"],
            dict(snakemake.input.items()),
            snakemake.output.table,
        )
