"""Say on one page what was run and what was found, for readers without statistics."""

import base64
import platform
import re
from importlib import metadata
from pathlib import Path
from types import SimpleNamespace

import pandas as pd
import yaml
from docutils.core import publish_parts
from jinja2 import Environment, StrictUndefined
from markupsafe import Markup

from pielab.vocabulary import FDR, FEWEST, ONLY_UNMATCHED, SCORES, TIES

MEDIA = {".svg": "image/svg+xml", ".png": "image/png"}


PACKAGES = (
    *("snakemake", "torch", "transformers", "numpy", "pandas"),
    *("scipy", "scikit-learn", "textstat", "matplotlib"),
)


PREVIEW = 5  # rows of a table that the page shows


def caption(text: str, config: dict) -> Markup:
    """Return a figure's caption as HTML: Jinja2, then reStructuredText, as Snakemake reads it.

    Raises
    ------
    ValueError
        If the reStructuredText is wrong; its message names the line.
    """
    environment = Environment(undefined=StrictUndefined)
    filled = environment.from_string(text).render(snakemake=SimpleNamespace(config=config))
    safe = {"raw_enabled": False, "file_insertion_enabled": False}
    quiet = {"report_level": 5, "halt_level": 2, "traceback": True, "_disable_config": True}
    try:
        parts = publish_parts(filled, writer="html5", settings_overrides=safe | quiet)
    except Exception as error:
        raise ValueError(f"caption {text[:40]!r}: {error}") from None
    return Markup(parts["body"])


def figure(path: str | Path, caption_path: str | Path, category: str, config: dict) -> dict:
    """Return a figure for the template: its title, its caption and itself as a data URI.

    Raises
    ------
    ValueError
        If the caption is wrong; the message names its file.
    """
    path = Path(path)
    try:
        words = caption(Path(caption_path).read_text(encoding="utf-8"), config)
    except ValueError as error:
        raise ValueError(f"{caption_path}: {error}") from None
    data = base64.b64encode(path.read_bytes()).decode("ascii")
    return {
        "title": title(path),
        "name": path.stem,
        "category": category,
        "caption": words,
        "uri": f"data:{MEDIA[path.suffix]};base64,{data}",
    }


def title(path: str | Path) -> str:
    """Return a file's name as words."""
    words = Path(path).stem.replace("_", " ")
    return re.sub(r"\bpie(s?)\b", r"PIE\1", words[0].upper() + words[1:], flags=re.IGNORECASE)


def table(path: str | Path, href: str) -> dict:
    """Return a table for the template: its name, its size, its address and its first rows."""
    frame = pd.read_csv(path)
    cells = frame.head(PREVIEW).astype(object).to_numpy().tolist()
    return {
        "title": title(path),
        "href": href,
        "rows": len(frame),
        "columns": list(frame.columns),
        "head": [[number(cell) for cell in row] for row in cells],
    }


def number(value: object) -> str:
    """Return a table's value for reading: four digits of a fraction, a dash for what is absent."""
    if pd.isna(value):
        return "–"
    return f"{value:.4g}" if isinstance(value, float) else str(value)


def claims(scorecard: pd.DataFrame) -> list[dict]:
    """Return the claims in their order, each with its rule and a verdict for each pair."""
    found = []
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
        found.append(
            {"number": key, "verdicts": verdicts}
            | {name: first[name] for name in ("name", "effect_name", "rule")}
        )
    return found


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
        scores = ("score_dense", "score_pruned", "score_dense_on_pies", "score_pruned_on_pies")
        rows.append(
            {
                "pair": f"{dataset}, {model}",
                "measure": SCORES[tasks[dataset]],
                "examples": int(worst["examples"]),
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
        **{name: pies[name] / pies["examples"] for name in ("counterpart", "noise_floor", "excess")}
    )
    rows = []
    for (dataset, model), own in pies.groupby(["dataset", "model"], sort=False):
        cells, controls = own[own["sparsity"] > 0], own[own["sparsity"] == 0]
        seeds = int(own["seeds"].iloc[0])
        rows.append(
            {
                "pair": f"{dataset}, {model}",
                "seeds": seeds,
                "half": seeds // 2,
                "pies": percent(cells["counterpart"].mean()),
                "floor": percent(cells["noise_floor"].mean()),
                "excess": percent(cells["excess"].mean()),
                "longer": percent(controls["excess"].mean()),
                "belief": _belief(seeds, cells),
                **{name: int(cells[name].sum()) for name in ("certain", "likely")},
                "all": int(cells["pies"].sum()),
                "ties": [_spread(cells, rule) for rule in TIES],
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
    found = [("Python", platform.python_version())]
    for package in PACKAGES:
        try:
            found.append((package, metadata.version(package)))
        except metadata.PackageNotFoundError:
            continue  # an environment for the analysis alone has no torch
    return {"versions": found, "config": yaml.safe_dump(study, sort_keys=False, width=90)}
