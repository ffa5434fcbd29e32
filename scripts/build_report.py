"""Write the report: one page with the claims' verdicts, all figures and links to all tables."""

import json
import os
from collections.abc import Mapping
from pathlib import Path

import pandas as pd

from pielab import csv_tables, digests, endings, files, jobs, logs
from pielab.analysis.cell_tables import with_levels
from pielab.figures.catalogue import FIGURES
from pielab.gate.mending import passes_with
from pielab.gate.screen import deciding_rules, first_line, version_name, worst_first
from pielab.gate.verdicts import BLOCK
from pielab.pages import (
    advice,
    alternatives,
    causes,
    cells,
    exhibits,
    fallback,
    first_table,
    glossary,
    recommendations,
    remedies,
    render,
    report,
    runs,
    scores,
    second_opinion,
    slices,
    texts,
)
from pielab.stats.confidence import MEANING, MENDS, OF_GATE, OF_TEXTS, SHORTLY
from pielab.vocabulary import BY_ITSELF, KEYS, MODELS, SCORES

# The first screen's tables
READ = (
    "pies",
    "agreement",
    "classes",
    "examples",
    "effectiveness",
    "scorecard",
    "frontier",
    "weights",
    "fallback",
    "remedies",
    "slices",
    "slice_texts",
    "causes",
    "run_differences",
    "external_differences",
    "external_models",
)


def test_rows(table: pd.DataFrame) -> pd.DataFrame:
    """Return a table's rows of the test split, all if it has but one split."""
    table = csv_tables.of_first_measure(table)
    return table[table["split"] == "test"] if "split" in table else table


def show_figures(settings: dict, inputs: dict, tables: dict[str, str]) -> list[dict]:
    """Return the figures for the template, with links to their files and tables."""
    needed = {name for entry in FIGURES.values() for name in entry.tables} & set(tables)
    read = {name: test_rows(csv_tables.read_csv(tables[name])) for name in needed}
    if "pies" in read:
        read = {name: with_levels(table, read["pies"]) for name, table in read.items()}
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


def first_screen(
    settings: dict, cards: dict, tables: dict[str, pd.DataFrame], verdicts: Mapping[tuple, str]
) -> dict:
    """Return what was run and found, in words and by cell, for the template."""
    study, methods = settings["study"], settings["methods"]
    blocked = {key[:-1] for key, verdict in verdicts.items() if verdict == BLOCK}
    longer = {name for name in methods["pruning"] if is_longer(study["methods"][name])}
    table = cells.judged(tables["pies"], tables["agreement"], tables["classes"], longer)
    if isinstance(study["predictions"], dict):
        table["against"] = table["baseline"]  # how long others trained is not known
    table = table.merge(tables["frontier"][[*MODELS, "size_share"]], on=list(MODELS), how="left")
    shown = texts.surest_texts(tables["examples"], table, study["report"]["splits"])
    # Of models that all differ by reruns, or by draws that others made, no seeds are spoken of
    kinds = {model["differ_by"] for model in study["models"].values()}
    kind = kinds.pop() if len(kinds) == 1 else "seed"
    tasks = {name: card["task"] for name, card in cards.items()}
    return {
        "kind": runs.kind_of_models(study),
        "run": cells.by_kind(runs.run(cards, settings), kind),
        "data": runs.data(cards, study),
        "spelled": runs.methods_spelled(study),
        "weights": runs.compressed(tables.get("weights")),
        "measure": measure_of(tasks),
        "replicates": f"{kind}s",
        "by_itself": BY_ITSELF[kind],
        "demonstration": advice.is_demonstration(table),
        "finding": cells.by_kind(advice.finding(table, measure_of(tasks)), kind),
        "cells": cells.by_kind(first_table.shown(table, verdicts), kind),
        "believe": [
            # Of external models those of the datasets are among the differences
            *([] if "external_differences" in tables else runs.data_warnings(cards)),
            *runs.external_warnings(tables.get("external_differences")),
            *cells.by_kind(advice.believe(table), kind),
            *runs.differences(tables.get("run_differences")),
        ],
        "steps": [
            *fallback.fallback_steps(table, tables["fallback"], tables["tried_fallbacks"], blocked),
            *remedies.remedy_steps(tables.get("remedies"), table, blocked),
            *recommendations.next_steps(table, report.trainings_a_seed(study, methods), blocked),
        ],
        "remedies": remedies.rows_of_page(tables["remedies"]) if "remedies" in tables else [],
        "mends": MENDS,
        "single": bool((table["replicates"] == 1).all()),
        "confidence": {"words": MEANING, "more": [OF_GATE, OF_TEXTS]},
        "scale": SHORTLY,
        "texts": [texts | {"name": advice.where(texts["cell"], table)} for texts in shown],
        "groups": slices.worst_slices(
            tables["slices"], tables["slice_texts"], table, study["report"]["splits"]
        ),
        "why": causes.why(tables["causes"]) if "causes" in tables else [],
        "external": runs.external_models(tables.get("external_models")),
        "more": report.more_of_cells(table, tasks),
        "scores": scores.display_rows(
            with_levels(tables["effectiveness"], table), collapsed_groups(table)
        ),
        "sizes": report.sizes(table),
    }


def gate_words(path: str) -> dict:
    """Return the gate's verdict in one sentence, and that of each version, for the template."""
    gate = files.read_json(path)
    versions = [
        {
            "verdict": version["verdict"],
            "name": version_name(version),
            "rules": deciding_rules(version),
            "mended": passes_with(version),
        }
        for version in worst_first(gate["versions"])
    ]
    screen = Path(path).with_suffix(".txt")
    return {"first_line": first_line(gate), "versions": versions, "files": [screen, Path(path)]}


def gate_verdicts(path: str) -> dict[tuple, str]:
    """Return the gate's verdict on each version, by the columns of KEYS."""
    versions = files.read_json(path)["versions"]
    return {tuple(version[name] for name in KEYS): version["verdict"] for version in versions}


def measure_of(tasks: Mapping[str, str]) -> str:
    """Return what the score of all datasets is called, score if they have different ones."""
    names = {SCORES[task] for task in tasks.values()}
    return names.pop() if len(names) == 1 else "score"


def is_longer(method: dict) -> bool:
    """Return whether a method trains longer than the dense models."""
    return method.get("schedule") == "iterative"


def collapsed_groups(table: pd.DataFrame) -> set[tuple]:
    """Return the groups of models that have collapsed, by the columns that name them."""
    return set(table.loc[table["collapsed"], list(MODELS)].itertuples(index=False, name=None))


def write_provenance(study: dict, tables: list[str], path: str) -> None:
    """Write what the tables were made with, and the digest of each."""
    versions = dict(report.provenance(study)["versions"])
    content = {"versions": versions, "config": study, "tables": digests.listed(tables)}
    files.write_text(path, json.dumps(content, indent=1, ensure_ascii=False) + "\n")


def main(settings: dict, inputs: dict, html: str) -> None:
    study, folder = settings["study"], Path(html).parent
    cards = dict(zip(settings["datasets"], map(files.read_json, inputs["cards"]), strict=True))
    tables = {Path(path).stem: str(path) for path in inputs["tables"]}
    read = {name: test_rows(csv_tables.read_csv(tables[name])) for name in READ if name in tables}
    read["tried_fallbacks"] = pd.concat([csv_tables.read_csv(path) for path in inputs["tried"]])
    described = exhibits.read_columns(inputs["columns"])
    shown = show_figures(settings, inputs, tables)
    context = first_screen(settings, cards, read, gate_verdicts(inputs["gate"])) | {
        "claims": report.claims(read["scorecard"]) if "scorecard" in read else [],
        "figures": shown,
        "categories": list(dict.fromkeys(settings["categories"])),
        "tables": [
            exhibits.table(path, os.path.relpath(path, folder), described)
            for path in tables.values()
        ],
        "example_tables": described["example_tables"],
        "glossary": glossary.read_glossary(inputs["glossary"]),
        "gate": gate_words(inputs["gate"]),
        "relative": lambda path: os.path.relpath(path, folder),
        "provenance": report.provenance(study),
    }
    styles = [inputs["common_style"], inputs["style"]]
    files.write_text(html, render.render(inputs["template"], context, styles))
    logs.logger.info("%d figures, %d tables", len(shown), len(tables))


if "snakemake" in globals():
    with jobs.job(snakemake) as job:
        main(job.settings, job.inputs, job.outputs["html"])
        tables = job.inputs["tables"]
        write_provenance(job.settings["study"], tables, job.outputs["provenance"])
    if json.loads(snakemake.params.says_last):
        results = Path(job.outputs["html"]).parents[1]
        said = endings.found_line(results), endings.gate_line(results)
        print("\n".join([*said, endings.where_to_look(results)]))
