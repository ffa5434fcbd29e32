"""Write the report: one page with the claims' verdicts, all figures and links to all tables."""

import json
import os
from pathlib import Path

import pandas as pd

from pielab import files, logs
from pielab.analysis import effectiveness
from pielab.figures.catalogue import FIGURES
from pielab.pages import alternatives, exhibits, render, report, second_opinion


def test_rows(table: pd.DataFrame) -> pd.DataFrame:
    """Return a table's rows of the test split, all if it has but one split."""
    return table[table["split"] == "test"] if "split" in table else table


def show_figures(settings: dict, inputs: dict, tables: dict[str, str]) -> list[dict]:
    """Return the figures for the template, with links to their files and tables."""
    needed = {name for entry in FIGURES.values() for name in entry.tables} & set(tables)
    read = {name: test_rows(pd.read_csv(tables[name])) for name in needed}
    hidden = report.hidden_figures(read["classes"]) if "classes" in read else {}
    hidden |= second_opinion.hidden_figures(read["seeds"]) if "seeds" in read else {}
    shown = []
    for path, caption, category in zip(
        inputs["figures"], inputs["captions"], settings["categories"], strict=True
    ):
        figure = exhibits.figure(path, caption, category, settings["study"])
        formats = settings["study"]["figures"]["formats"]
        figure["files"] = {name: Path(path).with_suffix(f".{name}") for name in formats}
        drawn = FIGURES[figure["name"]].tables
        figure["tables"] = {name: tables[name] for name in drawn if name in tables}
        figure["extremes"] = alternatives.extremes(figure["name"], read)
        shown.append(figure | {"hidden": hidden.get(figure["name"])})
    return shown


def main(settings: dict, inputs: dict, page: dict, html: str) -> None:
    study, folder = settings["study"], Path(html).parent
    cards = {name: files.read_json(path) for name, path in inputs["cards"].items()}
    tables = {Path(path).stem: str(path) for path in inputs["tables"]}
    described = exhibits.read_columns(page["columns"])
    shown = show_figures(settings, inputs, tables)
    pies = test_rows(pd.read_csv(inputs["pies"]))
    context = {
        "datasets": report.datasets(cards, study),
        "study": study,
        "methods": settings["methods"],
        "claims": report.claims(pd.read_csv(inputs["scorecard"])),
        "summary": report.summary(pies, {name: card["task"] for name, card in cards.items()}),
        "luck": report.luck(pies),
        "scores": effectiveness.display_rows(pd.read_csv(inputs["effectiveness"])),
        "figures": shown,
        "categories": list(dict.fromkeys(settings["categories"])),
        "tables": [
            exhibits.table(path, os.path.relpath(path, folder), described)
            for path in tables.values()
        ],
        "example_tables": described["example_tables"],
        "relative": lambda path: os.path.relpath(path, folder),
        "provenance": report.provenance(study),
    }
    styles = [page["common_style"], page["style"]]
    files.write_text(html, render.render(page["template"], context, styles))
    logs.logger.info("%d figures, %d tables", len(shown), len(tables))


if "snakemake" in globals():
    inputs, settings = snakemake.input, json.loads(snakemake.params.settings)
    with logs.job(snakemake.log[0]):
        main(
            settings,
            {
                "cards": dict(zip(settings["datasets"], inputs.cards, strict=True)),
                "figures": list(inputs.figures),
                "captions": list(inputs.captions),
                "tables": list(inputs.tables),
                "scorecard": inputs.scorecard,
                "pies": inputs.pies,
                "effectiveness": inputs.effectiveness,
            },
            dict(inputs.items()),
            snakemake.output.html,
        )
