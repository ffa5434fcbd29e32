"""Say on one page what was run and what was found, for readers without statistics."""

import platform
from importlib import metadata

import numpy as np
import pandas as pd
import yaml

from pielab.analysis.excess import surely_above_seeds
from pielab.claims.effects import LEAST_RATIO
from pielab.pages.exhibits import number
from pielab.stats.subsets import half_size
from pielab.vocabulary import FEWEST, ONLY_UNMATCHED, SCORES, SIDES, TIES

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
                "pair": _pair_of_verdict(row),
                "verdict": row["verdict"],
                "effect": _rounded(row["effect"]),
                "low": _rounded(row["low"]),
                "high": _rounded(row["high"]),
                "matched": _matched(row),
                "by_probability": _rounded(row["effect_by_probability"]),
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


def _pair_of_verdict(row: dict) -> str:
    """Return the data and model that a verdict is on; where it is not the one to quote, say so."""
    against = ", against dense" if row["comparison"] == "dense" else ""
    return f"{row['dataset']}, {row['model']}{against}"


def _rounded(value: float) -> str:
    return number(float(f"{value:.3g}"))


def _matched(row: dict) -> str:
    """Return the verdict against matched examples, nothing of claims that have none."""
    if pd.isna(row["matched_verdict"]):
        return ""
    ends = (_rounded(row[name]) for name in ("matched", "matched_low", "matched_high"))
    return "{}, {} (95 % interval {} to {})".format(row["matched_verdict"], *ends)


def comparisons(pies: pd.DataFrame) -> list[tuple[str, pd.DataFrame]]:
    """Return the rows of pies.csv by what they compare with: models trained as long, and dense.

    Without a control there is one comparison only.
    """
    of_headline, of_dense = pies[pies["headline"]], pies[pies["baseline"] == "dense"]
    if (of_headline["baseline"] == "dense").all():
        return [("dense models", of_dense)]
    longer = [("models trained as long", of_headline)]
    return longer + [("dense models", of_dense)] * (not of_dense.empty)


def summary(pies: pd.DataFrame, tasks: dict[str, str]) -> list[dict]:
    """Return one row a dataset and model: how many PIEs there are and how the scores fall.

    Of the comparisons to quote, over the pruned cells that work; a control, at sparsity 0, is left
    out. Scores in percent.
    """
    rows = []
    quoted = pies[pies["headline"] & (pies["sparsity"] > 0)]
    for (dataset, model), cells in quoted.groupby(["dataset", "model"], sort=False):
        working = cells[~cells["collapsed"]]
        row = {
            "pair": f"{dataset}, {model}",
            "measure": SCORES[tasks[dataset]],
            "examples": int(cells["examples"].iloc[0]),
            "cells": len(working),
            "collapsed": len(cells) - len(working),
        }
        if len(working):
            most = working.loc[working["pie_share"].idxmax()]
            row["worst"] = f"{most['method']} at {most['level']}"
        names = [
            f"score_{side}{where}" for where in ("", "_on_pies", "_on_random") for side in SIDES
        ]
        row |= {name: percent(working[name].mean()) for name in names}
        row |= {"least": percent(working["pie_share"].min())}
        rows.append({"worst": "–"} | row | {"most": percent(working["pie_share"].max())})
    return rows


def luck(pies: pd.DataFrame) -> list[dict]:
    """Return one row a (dataset, model, baseline): how many of its PIEs seeds would have made.

    Means over the pruned cells that work, in percent of the test examples, of groups of half of
    the models; `longer` is the same of the controls, at sparsity 0, empty without one.
    """
    pies = pies.assign(
        **{name: pies[name] / pies["examples"] for name in ("half_pies", "noise_floor", "excess")}
    )
    longer = pies[pies["sparsity"] == 0].groupby(["dataset", "model"])["excess"].mean()
    rows = []
    for against, compared in comparisons(pies):
        pruned = compared[compared["sparsity"] > 0]
        for pair, cells in pruned.groupby(["dataset", "model"], sort=False):
            rows.append(_luck_row(cells) | {"pair": ", ".join(pair), "against": against})
            rows[-1]["longer"] = percent(longer.get(pair, np.nan))
    return sorted(rows, key=lambda row: row["pair"])


def _luck_row(cells: pd.DataFrame) -> dict:
    working, seeds = cells[~cells["collapsed"]], int(cells["seeds"].iloc[0])
    return {
        "seeds": seeds,
        "half_seeds": half_size(seeds) if seeds > 1 else 0,
        "pies": percent(working["half_pies"].mean()),
        "floor": percent(working["noise_floor"].mean()),
        "excess": percent(working["excess"].mean()),
        "belief": _belief(seeds, working),
        "expected": percent((working["expected_pies"] / working["examples"]).mean()),
        "shifted": percent((working["shifted"] / working["examples"]).mean()),
        **{name: int(working[name].sum()) for name in ("certain", "likely")},
        "all": int(working["pies"].sum()),
        "cells": len(working),
        "collapsed": len(cells) - len(working),
        "with_collapsed": percent(cells["excess"].mean()),
        "ties": list(dict.fromkeys(_spread(working, rule) for rule in TIES)),
    }


def _belief(seeds: int, cells: pd.DataFrame) -> str:
    """Return in plain words in how many cells pruning surely adds PIEs."""
    if cells.empty:
        return "nothing: all cells have collapsed"
    if seeds < FEWEST:
        return f"too few seeds to tell pruning from luck: {FEWEST} are needed"
    above = int(surely_above_seeds(cells).sum())
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
