"""Show on one page what was run and what was found, for readers without statistics."""

import platform
from importlib import metadata

import pandas as pd
import yaml

from pielab.analysis.classes import frequency_ratios
from pielab.claims import adjusted
from pielab.claims.effects import LEAST_RATIO
from pielab.pages.cells import cell_name, count, percent
from pielab.pages.exhibits import number
from pielab.pages.runs import listed
from pielab.pages.second_opinion import by_probability, disagreement
from pielab.vocabulary import ONLY_UNMATCHED, SCORES, SIDES, TIES

PACKAGES = (
    "snakemake",
    "torch",
    "transformers",
    "numpy",
    "pandas",
    "scipy",
    "scikit-learn",
    "textstat",
    "matplotlib",
)
MORE = {"tokens": "longer", "flesch_reading_ease": "harder to read"}  # of adjusted odds, by factor


def claims(scorecard: pd.DataFrame) -> list[dict]:
    """Return the claims in their order, each with its rule and a verdict for each pair."""
    judged = []
    for key, rows in scorecard.groupby("claim", sort=True):
        first = rows.iloc[0]
        verdicts = [
            {
                "pair": f"{row['dataset']}, {row['model']}",
                "against": row["comparison"],
                "verdict": row["verdict"],
                "effect": _rounded(row["effect"]),
                "low": _rounded(row["low"]),
                "high": _rounded(row["high"]),
                "matched": _matched(row),
                "adjusted": _adjusted(row),
                **by_probability(row),
                "only_unmatched": str(row["note"]).startswith(ONLY_UNMATCHED),
                "note": "" if pd.isna(row["note"]) else row["note"],
            }
            for _, pair in rows.groupby(["dataset", "model"], sort=False)
            for row in pair.to_dict("records")
        ]
        judged.append(
            {"number": key, "verdicts": verdicts, "disagreement": disagreement(verdicts)}
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


def _adjusted(row: dict) -> str:
    """Return the odds of a PIE with other factors held fixed, nothing where they are unknown."""
    if pd.isna(row["adjusted"]):
        return ""
    odds, low, high = (_rounded(row[name]) for name in adjusted.COLUMNS[:3])
    words = MORE.get(row["adjusted_factor"], "more influential")
    return (
        f"the odds of a PIE are {odds} times as high (95 % interval {low} to {high}) for a text "
        f"that is {words} by one standard deviation"
    )


def more_of_cells(table: pd.DataFrame, tasks: dict[str, str]) -> list[dict]:
    """Return the PIEs of each comparison and the scores on them, for reading.

    Parameters
    ----------
    table : DataFrame
        From cells.judged.
    tasks : dict
        Of each dataset, which says what its score is.
    """
    rows = table.to_dict("records")
    return [_more(row) | {"measure": SCORES[tasks[row["dataset"]]]} for row in rows]


def _more(row: dict) -> dict:
    scores = {
        where: " → ".join(percent(row[f"score_{side}{where}"]) for side in SIDES)
        for where in ("", "_on_pies", "_on_random")
    }
    ties = sorted({int(row[f"pies_{rule}"]) for rule in TIES})
    return {
        "pair": f"{row['dataset']}, {row['model']}",
        "name": cell_name(row),
        "against": row["against"],
        "sure": row["sure"],
        "pies": f"{row['pies']:,}",
        "ties": "" if len(ties) == 1 else f"{ties[0]:,} to {ties[-1]:,}",
        "tiers": f"{row['certain']:,}, {row['likely']:,}",
        "half_pies": percent(row["half_pies"] / row["examples"]),
        "floor": percent(row["noise_floor"] / row["examples"]),
        "expected": percent(row["expected_pies"] / row["examples"]),
        "shifted": percent(row["shifted"] / row["examples"]),
        "score": scores[""],
        "score_on_pies": scores["_on_pies"],
        "score_on_random": scores["_on_random"],
    }


BY_FREQUENCY = ("class_pie_rate", "class_distribution")  # figures that want rare classes


def hidden_figures(classes: pd.DataFrame) -> dict[str, str]:
    """Return why figures are not worth a look, by their names, of classes.csv."""
    ratios = frequency_ratios(classes)
    if (ratios >= LEAST_RATIO).any():
        return {}
    if not classes["train_examples"].any():
        return dict.fromkeys(
            BY_FREQUENCY, "Not shown: how often classes are trained on is unknown."
        )
    words = ", ".join(f"{name}: {ratio:.2f}" for name, ratio in ratios.items())
    reason = (
        "Not shown: it tells rare classes from frequent ones, and here all are about as frequent "
        f"(training texts of the largest class to those of the smallest, {words})."
    )
    return dict.fromkeys(BY_FREQUENCY, reason)


def sizes(table: pd.DataFrame) -> str:
    """Return how many texts and seeds each dataset and model has, those that are alike once."""
    pairs = table.drop_duplicates(["dataset", "model"])
    groups = pairs.assign(pair=pairs["dataset"] + ", " + pairs["model"]).groupby(
        ["examples", "seeds"], sort=False
    )
    words = [
        f"{listed(list(group['pair']))}: {examples:,} texts, {count(seeds, 'seed')}"
        for (examples, seeds), group in groups
    ]
    return "; ".join(words)


def trainings_a_seed(study: dict, methods: dict) -> dict[str, int]:
    """Return how many models, dense, compressed and controls, are trained for a seed, by model.

    None of those that were trained elsewhere.
    """
    if isinstance(study.get("predictions"), dict):
        return {}
    number = 1 + len(methods["pruning"]) * len(study["sparsities"]) + len(methods["controls"])
    found: dict[str, int] = {}
    for models in study["training"].values():
        for model in models:
            found[model] = found.get(model, 0) + number
    return found


def provenance(study: dict) -> dict:
    """Return what the page was made with: versions of packages, and the config as YAML."""
    versions = [("Python", platform.python_version())]
    for package in PACKAGES:
        try:
            versions.append((package, metadata.version(package)))
        except metadata.PackageNotFoundError:
            continue  # an environment for the analysis alone has no torch
    return {"versions": versions, "config": yaml.safe_dump(study, sort_keys=False, width=90)}
