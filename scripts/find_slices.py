"""Find the groups of test examples that compression hurts beyond the average in all comparisons."""

import numpy as np
import pandas as pd

from pielab import csv_tables, files, jobs, logs
from pielab.analysis.cell_tables import mark
from pielab.analysis.classes import truth_array
from pielab.pies.clusters import of_examples
from pielab.slices import search
from pielab.slices.conditions import conditions
from pielab.slices.limits import slice_limits
from pielab.slices.table import COLUMNS, adjusted, most_hurt, slice_texts, worst
from pielab.vocabulary import KEYS

SHOWN = 10  # slices of the study whose texts are kept


def group(settings: dict, paths: dict[str, str]) -> search.Candidates:
    """Return the groups of a dataset's test examples."""
    classes, examples = files.read_json(paths["card"])["classes"], read_labels(paths["frame"])
    truth = truth_array(examples, len(classes))
    named = pd.read_parquet(paths["named"]) if "named" in paths else pd.DataFrame()
    columns, clusters = named.drop(columns="example_id", errors="ignore"), of_examples(examples)
    return search.candidates(
        conditions(truth, classes, pd.read_parquet(paths["complexity"]), columns),
        search.search_half(examples["example_id"].tolist(), truth, clusters),
        settings["min_examples"],
        settings["max_columns"],
        clusters,
    )


def read_labels(path: str) -> pd.DataFrame:
    """Return the ids and labels of a split."""
    return pd.read_parquet(path).drop(columns=["text", "text_pair"])


def read_harm(path: str) -> tuple[np.ndarray, np.ndarray]:
    """Return the harm (examples, replicates), and whether each example is a negative flip."""
    negative = pd.read_parquet(path, columns=["flip"])["flip"] == "negative"
    return files.read_lists(path, "replicate_harm"), negative.to_numpy(dtype=bool, na_value=False)


def main(settings: dict, inputs: dict, outputs: dict[str, str]) -> None:
    datasets = paths_of(settings, inputs)
    groups: dict[str, search.Candidates] = {}
    tables: list[pd.DataFrame] = []
    bounds: list[pd.DataFrame] = []
    places = {}
    for cell, path in zip(settings["cells"], inputs["pies"], strict=True):
        dataset = cell["dataset"]
        if dataset not in groups:
            groups[dataset] = group(settings, datasets[dataset])
        harm, negative = read_harm(path)
        rows = search.find_slices(groups[dataset], harm, negative, np.random.default_rng(0))
        for found, part in ((tables, rows), (bounds, slice_limits(groups[dataset], harm))):
            found.append(pd.DataFrame([cell]).merge(part, how="cross"))
        places[tuple(cell[name] for name in KEYS)] = path
    table = adjusted(
        mark(pd.concat(tables, ignore_index=True), csv_tables.read_csv(inputs["cells"]))
    )
    files.write_frame(outputs["table"], table.drop(columns="candidate"))
    files.write_frame(outputs["limits"], pd.concat(bounds, ignore_index=True))
    texts = [pd.DataFrame(columns=COLUMNS)]
    for row in worst(table, SHOWN).to_dict("records"):
        path, paths = places[tuple(row[name] for name in KEYS)], datasets[row["dataset"]]
        examples = groups[row["dataset"]].examples_of(row["candidate"])
        texts.append(shown_texts(row, examples, path, paths))
    files.write_frame(outputs["texts"], pd.concat(texts[1:] or texts, ignore_index=True))
    logs.logger.info("%d slices, %d confirmed", len(table), table["confirmed"].sum())


def shown_texts(row: dict, examples: np.ndarray, path: str, paths: dict[str, str]) -> pd.DataFrame:
    """Return the examples of a slice that are shown."""
    harm, negative = read_harm(path)
    places = most_hurt(examples, harm.mean(axis=1, dtype=np.float64), negative)
    picked, texts = (files.read_rows(source, places) for source in (path, paths["frame"]))
    return slice_texts(row, picked, texts, files.read_json(paths["card"])["classes"])


def paths_of(settings: dict, inputs: dict[str, list[str]]) -> dict[str, dict[str, str]]:
    """Return the paths of what is known of each dataset, by its name."""
    names = settings["datasets"]
    paths: dict[str, dict[str, str]] = {name: {} for name in names}
    for kind, of in {
        **dict.fromkeys(("card", "frame", "complexity"), names),
        "named": settings["named"],
    }.items():
        for name, path in zip(of, inputs[kind], strict=True):
            paths[name][kind] = path
    return paths


if "snakemake" in globals():
    with jobs.job(snakemake) as job:
        main(job.settings, job.inputs, job.outputs)
