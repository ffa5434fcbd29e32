"""Find the groups of test examples that compression hurts beyond the average in all comparisons."""

import json

import numpy as np
import pandas as pd

from pielab import files, logs
from pielab.analysis import slice_table, slices
from pielab.analysis.classes import truth_array
from pielab.analysis.collapse import mark
from pielab.analysis.slice_columns import conditions
from pielab.analysis.slice_texts import COLUMNS, slice_texts
from pielab.vocabulary import KEYS

SHOWN = 10  # slices of the study whose texts are kept


def group(settings: dict, paths: dict[str, str], pies: pd.DataFrame) -> slices.Candidates:
    """Return the groups of a dataset's test examples, which any of its tables of PIEs names."""
    classes = files.read_json(paths["card"])["classes"]
    truth = truth_array(pies, len(classes))
    named = pd.read_parquet(paths["named"]) if "named" in paths else pd.DataFrame()
    columns = named.drop(columns="example_id", errors="ignore")
    return slices.candidates(
        conditions(truth, classes, pd.read_parquet(paths["complexity"]), columns),
        slices.search_half(pies["example_id"].tolist(), truth),
        settings["min_examples"],
        settings["max_columns"],
    )


def main(
    settings: dict,
    datasets: dict[str, dict[str, str]],
    found: list[str],
    cells: str,
    outputs: dict[str, str],
) -> None:
    groups: dict[str, slices.Candidates] = {}
    tables, places = [], {}
    for cell, path in zip(settings["cells"], found, strict=True):
        dataset, pies = cell["dataset"], pd.read_parquet(path)
        if dataset not in groups:
            groups[dataset] = group(settings, datasets[dataset], pies)
        bad = (pies["flip"] == "bad").to_numpy(dtype=bool)
        harm = files.read_lists(path, "unit_harm")
        rows = slices.find_slices(groups[dataset], harm, bad, np.random.default_rng(0))
        tables.append(pd.DataFrame([cell]).merge(rows, how="cross"))
        places[tuple(cell[name] for name in KEYS)] = path
    table = slice_table.adjusted(mark(pd.concat(tables, ignore_index=True), pd.read_csv(cells)))
    files.write_frame(outputs["table"], table.drop(columns="candidate"))
    worst = slice_table.worst(table, SHOWN).to_dict("records")
    texts = [pd.DataFrame(columns=COLUMNS)]
    for row in worst:
        paths, pies = datasets[row["dataset"]], places[tuple(row[name] for name in KEYS)]
        own = pd.read_parquet(pies)[groups[row["dataset"]].members(row["candidate"])]
        classes = files.read_json(paths["card"])["classes"]
        texts.append(slice_texts(row, own, pd.read_parquet(paths["frame"]), classes))
    files.write_frame(outputs["texts"], pd.concat(texts[1:] or texts, ignore_index=True))
    logs.logger.info("%d slices, %d confirmed", len(table), table["confirmed"].sum())


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
    inputs, settings = snakemake.input, json.loads(snakemake.params.settings)
    with logs.job(snakemake.log[0]):
        kinds = {name: list(inputs[name]) for name in ("card", "frame", "complexity", "named")}
        main(
            settings,
            paths_of(settings, kinds),
            list(inputs.pies),
            inputs.cells,
            dict(snakemake.output.items()),
        )
