"""Say on one page what was run and what was found, for readers without statistics."""

import platform
from importlib import metadata

import pandas as pd
import yaml

from pielab.claims.effects import LEAST_RATIO
from pielab.pages.exhibits import number
from pielab.vocabulary import FDR, FEWEST, ONLY_UNMATCHED, SCORES, TIES

PACKAGES = (
    *("snakemake", "torch", "transformers", "numpy", "pandas"),
    *("scipy", "scikit-learn", "textstat", "matplotlib"),
)


def claims(scorecard: pd.DataFrame) -> list[dict]:
    """Return the claims in their order, each with its rule and a verdict for each pair."""
    judged = []
    for key, rows in scorecard.groupby("claim", sort=True):
        first = rows.iloc[0]
        verdicts = [
            {
                "pair": f"{row['dataset']}, {row['model']}",
                "verdict": row["verdict"],
                "effect": _rounded(row["effect"]),
                "low": _rounded(row["low"]),
                "high": _rounded(row["high"]),
                "matched": _matched(row),
                "only_unmatched": str(row["note"]).startswith(ONLY_UNMATCHED),
                "note": "" if pd.isna(row["note"]) else row["note"],
            }
            for row in rows.to_dict("records")
        ]
        judged.append(
            {"number": key, "verdicts": verdicts}
            | {name: first[name] for name in ("name", "effect_name", "rule")}
        )
    return judged


def _rounded(value: float) -> str:
    return number(float(f"{value:.3g}"))


def _matched(row: dict) -> str:
    """Return the verdict against matched examples, nothing of claims that have none."""
    if pd.isna(row["matched_verdict"]):
        return ""
    ends = (_rounded(row[name]) for name in ("matched", "matched_low", "matched_high"))
    return "{}, {} (95 % interval {} to {})".format(row["matched_verdict"], *ends)


def summary(pies: pd.DataFrame, tasks: dict[str, str]) -> list[dict]:
    """Return one row a dataset and model: how many PIEs there are and how the scores fall.

    Means are over the pruned cells; a control, at sparsity 0, is left out. Scores in percent.
    """
    rows = []
    for (dataset, model), cells in pies.query("sparsity > 0").groupby(
        ["dataset", "model"], sort=False
    ):
        worst = cells.loc[cells["pie_share"].idxmax()]
        scores = (
            "score_baseline",
            "score_compressed",
            "score_baseline_on_pies",
            "score_compressed_on_pies",
        )
        rows.append(
            {
                "pair": f"{dataset}, {model}",
                "measure": SCORES[tasks[dataset]],
                "examples": int(worst["examples"]),
                "cells": len(cells),
                "least": percent(cells["pie_share"].min()),
                "most": percent(cells["pie_share"].max()),
                "worst": f"{worst['method']} at {worst['sparsity']:g} %",
                **{name: percent(cells[name].mean()) for name in scores},
            }
        )
    return rows


def luck(pies: pd.DataFrame) -> list[dict]:
    """Return one row a (dataset, model): how many of its PIEs seeds alone would have made.

    Means over the pruned cells, in percent of the test examples, of groups of half of the models;
    `longer` is the same of the controls, at sparsity 0, empty without one.
    """
    pies = pies.assign(
        **{name: pies[name] / pies["examples"] for name in ("half_pies", "noise_floor", "excess")}
    )
    rows = []
    for (dataset, model), of_pair in pies.groupby(["dataset", "model"], sort=False):
        cells, controls = of_pair[of_pair["sparsity"] > 0], of_pair[of_pair["sparsity"] == 0]
        seeds = int(of_pair["seeds"].iloc[0])
        rows.append(
            {
                "pair": f"{dataset}, {model}",
                "seeds": seeds,
                "half_seeds": seeds // 2,
                "pies": percent(cells["half_pies"].mean()),
                "floor": percent(cells["noise_floor"].mean()),
                "excess": percent(cells["excess"].mean()),
                "longer": percent(controls["excess"].mean()),
                "belief": _belief(seeds, cells),
                **{name: int(cells[name].sum()) for name in ("certain", "likely")},
                "all": int(cells["pies"].sum()),
                "cells": len(cells),
                "ties": list(dict.fromkeys(_spread(cells, rule) for rule in TIES)),
            }
        )
    return rows


def _belief(seeds: int, cells: pd.DataFrame) -> str:
    """Return in plain words what the permutation test of each cell says, at a FDR of 5 %."""
    if seeds < FEWEST:
        return f"too few seeds to tell pruning from luck: {FEWEST} are needed"
    above = int((cells["q"] <= FDR).sum())
    if not above:
        return "no sign that pruning adds PIEs to those of luck"
    return f"pruning adds PIEs in {above} of {len(cells)} combinations of method and sparsity"


def _spread(cells: pd.DataFrame, rule: str) -> str:
    return percent((cells[f"pies_{rule}"] / cells["examples"]).mean())


BY_FREQUENCY = ("class_pie_rate", "class_distribution")  # figures that want rare classes


def hidden_figures(classes: pd.DataFrame) -> dict[str, str]:
    """Return why figures are not worth a look, by their names, of classes.csv."""
    counts = classes.groupby("dataset")["train_examples"].agg(["max", "min"])
    ratios = counts["max"] / counts["min"].clip(lower=1)
    if (ratios >= LEAST_RATIO).any():
        return {}
    words = ", ".join(f"{name}: {ratio:.2f}" for name, ratio in ratios.items())
    reason = (
        "Not shown: it tells rare classes from frequent ones, and here all are about as frequent "
        f"(training texts of the largest class to those of the smallest, {words})."
    )
    return dict.fromkeys(BY_FREQUENCY, reason)


def percent(share: float) -> str:
    """Return a fraction in percent, one decimal."""
    return "–" if pd.isna(share) else f"{100 * share:.1f} %"


def datasets(cards: dict[str, dict], study: dict) -> list[dict]:
    """Return what was run on: each dataset's size and task, and its models with their seeds."""
    return [
        {
            "name": name,
            "task": card["task"],
            "classes": len(card["classes"]),
            "train": card["counts"]["train"]["examples"],
            "test": card["counts"]["test"]["examples"],
            "models": [
                f"{model} ({study['models'][model]['seeds']} seeds)"
                for model in study["training"][name]
            ],
        }
        for name, card in cards.items()
    ]


def provenance(study: dict) -> dict:
    """Return what the page was made with: versions of packages, and the config as YAML."""
    versions = [("Python", platform.python_version())]
    for package in PACKAGES:
        try:
            versions.append((package, metadata.version(package)))
        except metadata.PackageNotFoundError:
            continue  # an environment for the analysis alone has no torch
    return {"versions": versions, "config": yaml.safe_dump(study, sort_keys=False, width=90)}
