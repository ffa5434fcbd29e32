"""Write the PIE browser: one page with the examples, their votes and flips in all cells."""

from itertools import product
from typing import NamedTuple

import pandas as pd

from pielab import csv_tables, files, jobs, logs
from pielab.analysis import cell_tables
from pielab.pages import browser, reasons, render
from pielab.vocabulary import KEYS


class Given(NamedTuple):
    """Paths of what is known of texts: by (dataset, split), of influence by (dataset, model)."""

    data: dict
    complexity: dict
    factors: dict
    influence: dict
    doubts: dict  # factors of test texts by (dataset, model), with how many models doubt the label
    training: dict  # by dataset
    seeds: dict  # models of each (dataset, model)


def read_groups(given: Given, classes: dict[str, list]) -> tuple[browser.Groups, dict]:
    """Return the examples of each (dataset, split), and why they are unusual for the page."""
    groups, known, training = {}, {}, {}
    for dataset, path in given.training.items():
        frame = pd.read_parquet(path)
        names = browser.joined_labels(frame, classes[dataset])
        training[dataset] = frame, pd.Series(names, index=frame["example_id"], dtype=object)
    for (dataset, split), path in given.data.items():
        frame, measures = pd.read_parquet(path), pd.read_parquet(given.complexity[dataset, split])
        bins = [
            pd.read_parquet(path_of_bins)
            for (name, _), path_of_bins in given.influence.items()
            if name == dataset and split == "train"
        ]
        rows = browser.join_examples(frame, measures, bins)
        factors, of_training = pd.read_parquet(given.factors[dataset, split]), training[dataset][1]
        labels = browser.joined_labels(frame, classes[dataset])
        doubts = read_doubts(given, dataset) if split == "test" else {}
        found = reasons.of_texts(factors, measures, labels, of_training, doubts)
        near = pd.Series(reasons.near_rows(factors, of_training), dtype=object, index=rows.index)
        groups[dataset, split] = rows.join(reasons.columns(found)).assign(near=near)
        known[f"{dataset}/{split}"] = found
    return groups, {"factors": reasons.described(known), "training": training}


def read_doubts(given: Given, dataset: str) -> dict:
    """Return by model the share of its models that doubt each test text's label, and how many."""
    found = {}
    for (name, model), path in given.doubts.items():
        if name == dataset:
            table = pd.read_parquet(path)
            if "doubted" in table:
                found[model] = table["doubted"].to_numpy(), given.seeds[name, model]
    return found


def with_training(packed: dict, training: dict) -> dict:
    """Return the page's content with the training texts that are near one of its texts."""
    near: dict[str, set] = {dataset: set() for dataset in training}
    rows = iter(packed["examples"].get("near", []))
    for group in packed["groups"]:
        name = packed["datasets"][group["dataset"]]["name"]
        for _ in range(group["size"]):
            near[name].update(next(rows, []))
    return packed | {
        "training": {
            dataset: reasons.training_texts(near[dataset], frame, labels)
            for dataset, (frame, labels) in training.items()
        }
    }


def write_page(packed: dict, page: dict, html: str) -> None:
    styles = [page[name] for name in ("table_style", "common_style", "style")]
    scripts = [
        page[name]
        for name in ("table_script", "share_script", "compare_script", "answers_script", "script")
    ]
    context = packed["words"] | {"notice": packed["notice"], "data": render.json_for_script(packed)}
    files.write_text(html, render.render(page["template"], context, styles, scripts))
    logs.logger.info(packed["notice"] or "All examples are shown")


def marked_cells(cells: list[dict], table: pd.DataFrame) -> list[dict]:
    """Return the cells with `collapsed` and `differ_by` of the table of cells."""
    marked = cell_tables.mark(pd.DataFrame(cells).drop(columns="primary"), table)
    differ_by = table.drop_duplicates(list(KEYS))[[*KEYS, "differ_by"]]
    return marked.merge(differ_by, on=list(KEYS), how="left").to_dict("records")


def given_files(settings: dict, inputs: dict) -> Given:
    """Return the paths of what is known of texts; a job has them in the order of its settings."""
    datasets, cells = settings["datasets"], settings["cells"]
    keys = [(dataset, split) for split in settings["splits"] for dataset in datasets]
    pairs = list(dict.fromkeys((cell["dataset"], cell["model"]) for cell in cells))
    of_texts = {"data": keys, "complexity": keys, "factors": keys, "training": datasets}
    of_models = {"influence": pairs, "doubts": pairs}
    paths = {
        name: dict(zip(named, inputs[name], strict=True)) if inputs[name] else {}
        for name, named in (of_texts | of_models).items()
    }
    return Given(**paths, seeds={(cell["dataset"], cell["model"]): cell["seeds"] for cell in cells})


def main(settings: dict, inputs: dict, html: str) -> None:
    cards, given = map(files.read_json, inputs["cards"]), given_files(settings, inputs)
    described = dict(zip(settings["datasets"], cards, strict=True))
    parts = product(settings["splits"], range(len(settings["cells"])))
    pies = dict(zip(parts, inputs["pies"], strict=True))
    classes = {name: card["classes"] for name, card in described.items()}
    groups, known = read_groups(given, classes)
    packed = browser.pack(
        described,
        groups,
        marked_cells(settings["cells"], csv_tables.read_csv(inputs["cells"])),
        lambda cell, split, columns: pd.read_parquet(pies[split, cell], columns=columns),
        settings["max_examples"],
        pd.read_parquet(inputs["answers"]) if inputs.get("answers") else None,
    )
    packed = with_training(packed | {"factors": known["factors"]}, known["training"])
    write_page(packed, inputs, html)


if "snakemake" in globals():
    with jobs.job(snakemake) as job:
        main(job.settings, job.inputs, **job.outputs)
