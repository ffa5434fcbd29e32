"""Judge the paper's claims for each dataset and model."""

import json
from itertools import islice

import numpy as np
import pandas as pd

from pielab import certainty, claims, classes, files, logs, scorecard


def read_evidence(
    pair: dict, paths: dict[str, str | list[str]], beyond_seeds: np.ndarray
) -> claims.Evidence:
    """Return what the files of a dataset and model say."""
    card = files.read_json(paths["cards"])
    found = [pd.read_parquet(path) for path in paths["test_pies"]]
    truth = classes.truth_array(found[0], len(card["classes"]))
    scores = [
        [
            claims.example_scores(np.stack(table[f"{side}_votes"]), truth, pair["seeds"])
            for side in ("dense", "pruned")
        ]
        for table in found
    ]
    train = [pd.read_parquet(path, columns=["pie", "dense_margin"]) for path in paths["train_pies"]]
    measures = pd.read_parquet(paths["complexity"])
    counts = [card["counts"]["train"]["classes"][name] for name in card["classes"]]
    return claims.Evidence(
        pair["architecture"],
        pair["seeds"],
        pd.DataFrame(pair["cells"]),
        pie=np.stack([table["pie"] for table in found]),
        fall=np.stack([dense - pruned for dense, pruned in scores]),
        frequency=claims.rarest_frequency(truth, np.array(counts)),
        tokens=measures["tokens"].to_numpy(dtype=np.float64),
        difficulty=-measures["flesch_reading_ease"].to_numpy(dtype=np.float64),
        margin=found[0]["dense_margin"].to_numpy(),
        beyond_seeds=beyond_seeds,
        train_pie=np.stack([table["pie"] for table in train]),
        el2n=pd.read_parquet(paths["el2n"])["el2n"].to_numpy(),
        train_margin=train[0]["dense_margin"].to_numpy(),
    )


def beyond_seeds(pair: dict, cells: pd.DataFrame) -> np.ndarray:
    """Return in which of a pair's cells there are more PIEs than seeds alone make, bool."""
    tested = cells[cells["split"] == "test"].set_index(["dataset", "model", "method", "sparsity"])
    keys = [(pair["dataset"], pair["model"], *cell.values()) for cell in pair["cells"]]
    return tested.loc[keys, "q"].to_numpy() <= certainty.FDR


def main(pairs: list[dict], paths: dict[str, list[str]], pies: str, table: str) -> None:
    cells = pd.read_csv(pies)
    queues, evidence = {name: iter(listed) for name, listed in paths.items()}, []
    for pair in pairs:
        own = {name: next(queues[name]) for name in ("cards", "complexity", "el2n")}
        for name in ("train_pies", "test_pies"):
            own[name] = list(islice(queues[name], len(pair["cells"])))
        evidence.append(read_evidence(pair, own, beyond_seeds(pair, cells)))
    tables = []
    for pair, own in zip(pairs, evidence, strict=True):
        others = [
            other
            for rival, other in zip(pairs, evidence, strict=True)
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
