"""The gate of made-up tables."""

import json

import numpy as np
import pandas as pd

import judge_gate
from helpers.cells import cell_of
from pielab.analysis.harm import harm_table
from pielab.measures.collapse import collapse_row

KEY = {"dataset": "films", "model": "bert", "method": "imp-ft", "level": 90.0}
KEY |= {"baseline": "dense"}
RULES = {
    "negative_flips": {"block": 1.0, "warn": 0.5},
    "score": {"block": 2.0, "warn": 1.0},
    "worst_class": {"block": 5.0, "warn": 3.0},
    "worst_slice": {"block": 10.0, "warn": 5.0},
    "calibration": {"block": 5.0, "warn": 3.0},
}
HARD = "\x1b[31mred\x1b[0m ]]> <b>&amp; \x00 \ud7ff \ufffe line\nbreak\ttab 🎉 \u202eleft \x85 é"


def cell(lost, examples=3000, seeds=5):
    """Return a cell whose compressed models all get `lost` of the texts wrong."""
    labels = np.arange(examples) % 3
    before = np.where(np.arange(examples) % 10 == 0, 0, labels)
    after = np.where(np.arange(examples) % examples < lost, (before + 1) % 3, before)
    return cell_of([before] * seeds, [after] * seeds, labels)


def bound_rows(methods, **row):
    """Return rows of results/gate/slices.csv in which nothing is lost, and little can be."""
    row = {"slice": "class = a", "searched": 20, "texts": 4000, "loss": 0.0, "replicates": 5} | row
    row = {"example_variance": 2e-6, "replicate_variance": 0.0, "examples": 3000.0} | row
    return pd.DataFrame([KEY | {"method": method} | row for method in methods])


def write_gate(
    folder, cells, fail_on="BLOCK", rules=RULES, slices=None, bounds=None, text=HARD, **known
):
    """Judge cells by method and return the paths of what is written, and gate.json."""
    differences, tried = known.pop("differences", None), known.pop("tried", [])
    keys = {method: KEY | {"method": method} for method in cells}
    harms = [
        pd.DataFrame([keys[method]]).merge(
            harm_table(each, ["None", "a|b", HARD], np.random.default_rng(0), **known), how="cross"
        )
        for method, each in cells.items()
    ]
    pd.concat(harms).to_csv(folder / "harms.csv", index=False)
    marks = [
        keys[method]
        | {"split": split, "differ_by": each.differ_by, "replicates": each.n_replicates}
        | {"examples": len(each.ids)} | collapse_row(each)
        for method, each in cells.items() for split in ("train", "test")
    ]  # fmt: skip
    pd.DataFrame(marks).to_csv(folder / "pies.csv", index=False)
    shown = {"label": "a|b", "baseline_label": "a|b", "compressed_label": None, "tier": "certain"}
    shown |= {"flip": "negative", "vote_change": 1.0, "text": text, "text_pair": None}
    texts = [key | shown | {"example_id": n, "surest": n} for key in keys.values() for n in (2, 1)]
    texts[0]["flip"] = "positive"
    pd.DataFrame(texts).to_csv(folder / "examples.csv", index=False)
    paths = {"cells": folder / "pies.csv", "examples": folder / "examples.csv"}
    slices = slice_rows("none").head(0) if slices is None else slices
    slices.to_csv(folder / "slices.csv", index=False)
    paths["slices"] = folder / "slices.csv"
    bounds = bound_rows(cells) if bounds is None else bounds
    bounds.to_csv(folder / "limits.csv", index=False)
    paths["slice_limits"] = folder / "limits.csv"
    if differences is not None:
        paths["differences"] = folder / "external_differences.csv"
        differences.to_csv(paths["differences"], index=False)
    settings = {"versions": [key | {"level_text": "90 %"} for key in keys.values()], "rules": rules}
    settings |= {"confidence": 0.95, "fail_on": fail_on}
    outputs = {"json": "gate.json", "junit": "gate.xml", "screen": "gate.txt"}
    outputs = {name: folder / file for name, file in outputs.items()}
    columns = [*KEY, "kind", "share", "layers", "more_bytes", "verdict"]
    pd.DataFrame(tried, columns=columns).to_csv(folder / "tried.csv", index=False)
    by_pair = {"harms": [folder / "harms.csv"], "tried": [folder / "tried.csv"]}
    judge_gate.main(settings, paths | by_pair, outputs)
    return outputs, json.loads(outputs["json"].read_text(encoding="utf-8"))


def difference_rows(*rows):
    """Return rows of external_differences.csv, of (method, level, kind, words)."""
    names = ["method", "level", "kind", "difference"]
    table = pd.DataFrame(rows, columns=names).assign(dataset="films", model="bert")
    return table[["dataset", "model", *names]]


def slice_rows(method, **row):
    """Return a row of slices.csv."""
    row = {"slice": "tokens: 9-20", "examples": 400, "tested": 200, "confirmed": True} | row
    row = {"excess": 0.3, "low": 0.2, "high": 0.4, "p_replicates": 0.01} | row
    return pd.DataFrame([KEY | {"method": method} | row])
