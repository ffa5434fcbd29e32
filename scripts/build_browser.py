"""Write the PIE browser: one page with the examples, their votes and flips in all cells."""

import json

import pandas as pd

from pielab import csv_tables, files, jobs, logs
from pielab.analysis import cell_tables
from pielab.pages import browser, render


def read_groups(data: dict, complexity: dict, influence: dict) -> browser.Groups:
    """Return the examples of each (dataset, split), from paths by it or by (dataset, model)."""
    groups = {}
    for (dataset, split), path in data.items():
        measures = pd.read_parquet(complexity[dataset, split])
        bins = [
            pd.read_parquet(path_of_bins)
            for (name, _), path_of_bins in influence.items()
            if name == dataset and split == "train"
        ]
        groups[dataset, split] = browser.join_examples(pd.read_parquet(path), measures, bins)
    return groups


def write_page(packed: dict, page: dict, html: str) -> None:
    styles = [page[name] for name in ("table_style", "common_style", "style")]
    scripts = [
        page[name]
        for name in ("table_script", "share_script", "compare_script", "answers_script", "script")
    ]
    context = {"notice": packed["notice"], "data": render.json_for_script(packed)}
    files.write_text(html, render.render(page["template"], context, styles, scripts))
    logs.logger.info(packed["notice"] or "All examples are shown")


def marked_cells(cells: list[dict], table: pd.DataFrame) -> list[dict]:
    """Return the cells with `collapsed`, as the table of cells says."""
    return cell_tables.mark(pd.DataFrame(cells).drop(columns="primary"), table).to_dict("records")


def main(
    settings: dict, cards: dict, pies: dict, groups: browser.Groups, page: dict, html: str
) -> None:
    packed = browser.pack(
        {name: files.read_json(path) for name, path in cards.items()},
        groups,
        marked_cells(settings["cells"], csv_tables.read_csv(page["cells"])),
        lambda cell, split, columns: pd.read_parquet(pies[cell, split], columns=columns),
        settings["max_examples"],
        pd.read_parquet(page["answers"]) if page.get("answers") else None,
    )
    write_page(packed, page, html)


if "snakemake" in globals():
    given, settings = snakemake.input, json.loads(snakemake.params.settings)
    datasets, splits, cells = settings["datasets"], settings["splits"], settings["cells"]
    keys = [(dataset, split) for split in splits for dataset in datasets]
    parts = [(cell, split) for split in splits for cell in range(len(cells))]
    pairs = dict.fromkeys((cell["dataset"], cell["model"]) for cell in cells)
    if not given.influence:
        pairs = {}
    with jobs.job(snakemake):
        cards, pies, data, complexity, influence = (
            dict(zip(names, given[name], strict=True))
            for names, name in (
                *((datasets, "cards"), (parts, "pies")),
                *((keys, "data"), (keys, "complexity"), (pairs, "influence")),
            )
        )
        groups = read_groups(data, complexity, influence)
        main(settings, cards, pies, groups, given, snakemake.output.html)
