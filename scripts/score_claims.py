"""Judge the paper's claims for each model of a dataset."""

from itertools import islice

import numpy as np
import pandas as pd

from pielab import csv_tables, files, jobs
from pielab.claims import scorecard
from pielab.claims.evidence import Evidence, read_evidence


def read_pairs(pairs: list[dict], inputs: dict, cells: pd.DataFrame) -> list[Evidence]:
    """Return the evidence of each model, from the files of all, which are in their order."""
    queues = {split: iter(inputs[f"{split}_pies"]) for split in ("train", "test")}
    evidence, measured = [], iter(inputs["influence"])
    for pair in pairs:
        influence = next(measured) if pair["influence"] else None
        pie_files = {
            split: list(islice(queue, len(pair["cells"]))) for split, queue in queues.items()
        }
        shared = {"card": inputs["card"], "complexity": inputs["complexity"]}
        if inputs.get("frame"):
            shared["frame"] = inputs["frame"][0]
        evidence.append(read_evidence(pair, shared | {"influence": influence}, pie_files, cells))
    return evidence


def by_measure(pairs: list[dict], evidence: list[Evidence], inputs: dict) -> pd.DataFrame:
    """Return claim 5's verdicts by each measure of influence, against the primary baseline."""
    rows: list[dict] = []
    known = [found for found in zip(pairs, evidence, strict=True) if found[0]["influence"]]
    for (pair, of_pair), path in zip(known, inputs["influence"], strict=True):
        scores, compared = pd.read_parquet(path), of_pair.compared("primary")
        names = {key: pair[key] for key in ("dataset", "model", "seeds")}
        for measure in pair["measures"]:
            judged = compared._replace(influence=scores[measure].to_numpy())
            found = scorecard.judge_influence(judged, np.random.default_rng(0))
            rows.append(names | {"influence_measure": measure} | found)
    columns = ["dataset", "model", "seeds", "influence_measure"]
    return pd.DataFrame(rows) if rows else pd.DataFrame(columns=columns)


def main(settings: dict, inputs: dict, outputs: dict[str, str]) -> None:
    pairs = settings["pairs"]
    evidence, tables = read_pairs(pairs, inputs, csv_tables.read_csv(inputs["pies"])), []
    files.write_frame(outputs["by_measure"], by_measure(pairs, evidence, inputs))
    for comparison in ("primary", "dense"):
        compared = [of_pair.compared(comparison) for of_pair in evidence]
        if comparison == "dense" and all(
            of_pair.cells["primary"].all() for of_pair in compared if len(of_pair.cells)
        ):
            continue  # the same cells once more
        for index, pair in enumerate(pairs):
            others = compared[:index] + compared[index + 1 :]
            judged = scorecard.judge(compared[index], others, np.random.default_rng(0))
            names = {key: pair[key] for key in ("dataset", "model", "seeds")}
            table_of_pair = pd.DataFrame([names | {"comparison": comparison}])
            tables.append(table_of_pair.merge(judged, how="cross"))
    files.write_frame(outputs["table"], pd.concat(tables))


if "snakemake" in globals():
    with jobs.job(snakemake) as job:
        main(job.settings, job.inputs, job.outputs)
