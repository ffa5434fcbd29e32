"""Judge the paper's claims for each dataset and model."""

import json
from itertools import islice

import numpy as np
import pandas as pd

from pielab import files, logs
from pielab.claims import scorecard
from pielab.claims.evidence import read_evidence


def main(pairs: list[dict], paths: dict[str, list[str]], pies: str, table: str) -> None:
    cells = pd.read_csv(pies)
    queues, found = {name: iter(listed) for name, listed in paths.items()}, []
    for pair in pairs:
        own = {name: next(queues[name]) for name in ("cards", "complexity", "el2n")}
        for name in ("train_pies", "test_pies"):
            own[name] = list(islice(queues[name], len(pair["cells"])))
        found.append(read_evidence(pair, own, cells))
    tables = []
    for pair, own in zip(pairs, found, strict=True):
        others = [
            other
            for rival, other in zip(pairs, found, strict=True)
            if rival["dataset"] == pair["dataset"] and rival["model"] != pair["model"]
        ]
        judged = scorecard.judge(own, others, np.random.default_rng(0))
        names = pd.DataFrame([{key: pair[key] for key in ("dataset", "model", "seeds")}])
        tables.append(names.merge(judged, how="cross"))
    files.write_frame(table, pd.concat(tables))


if "snakemake" in globals():
    with logs.job(snakemake.log[0]):
        main(
            json.loads(snakemake.params.settings)["pairs"],
            {name: list(paths) for name, paths in snakemake.input.items() if name != "pies"},
            snakemake.input.pies,
            snakemake.output.table,
        )
