"""Write the report: one page with the claims' verdicts, all figures and links to all tables."""

import json
import os
from pathlib import Path

import pandas as pd

from pielab import files, logs
from pielab.analysis import effectiveness
from pielab.pages import render, report


def main(settings: dict, found: dict, page: dict, html: str) -> None:
    study = settings["study"]
    cards = {name: files.read_json(path) for name, path in found["cards"].items()}
    shown = [
        report.figure(path, caption, category, study)
        for path, caption, category in zip(
            found["figures"], found["captions"], settings["categories"], strict=True
        )
    ]
    folder = Path(html).parent
    pies = pd.read_csv(found["pies"]).query("split == 'test'")
    context = {
        "datasets": report.datasets(cards, study),
        "study": study,
        "methods": settings["methods"],
        "claims": report.claims(pd.read_csv(found["scorecard"])),
        "summary": report.summary(pies, {name: card["task"] for name, card in cards.items()}),
        "luck": report.luck(pies),
        "scores": effectiveness.display_rows(pd.read_csv(found["effectiveness"])),
        "figures": shown,
        "categories": list(dict.fromkeys(settings["categories"])),
        "tables": [report.table(path, os.path.relpath(path, folder)) for path in found["tables"]],
        "provenance": report.provenance(study),
    }
    styles = [page["common_style"], page["style"]]
    files.write_text(html, render.render(page["template"], context, styles))
    logs.logger.info("%d figures, %d tables", len(shown), len(context["tables"]))


if "snakemake" in globals():
    given, settings = snakemake.input, json.loads(snakemake.params.settings)
    with logs.job(snakemake.log[0]):
        main(
            settings,
            {
                "cards": dict(zip(settings["datasets"], given.cards, strict=True)),
                "figures": list(given.figures),
                "captions": list(given.captions),
                "tables": list(given.tables),
                "scorecard": given.scorecard,
                "pies": given.pies,
                "effectiveness": given.effectiveness,
            },
            dict(given.items()),
            snakemake.output.html,
        )
