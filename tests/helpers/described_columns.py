"""Compare the tables of a finished study with what is said of their columns."""

from pathlib import Path

import pandas as pd
import yaml

from pielab.measures import columns_of

ASKED_FOR = {
    "layers",
    "kept_layers",
    "layer_map",
    "remedies",
    "run_differences",
    "tasks",
    "answers",
    "external_models",
    "external_differences",
}  # tables of studies whose config wants them
DESCRIPTIONS = Path(__file__).parents[2] / "resources/columns.yaml"


def mismatches(results):
    """Return what to write into, or to remove from, resources/columns.yaml, a line each.

    What measures declare is described by their modules.
    """
    known = yaml.safe_load(DESCRIPTIONS.read_text())
    found = {path.stem: columns(pd.read_csv(path)) for path in (results / "tables").glob("*.csv")}
    by_example = (pd.read_parquet(path) for path in (results / "pies").rglob("*.parquet"))
    example_columns = set().union(*map(columns, by_example))
    places = {
        f"tables: {name}": (
            own,
            known["tables"].get(name, {"columns": {}})["columns"] | declared(name, own),
        )
        for name, own in found.items()
    } | {"example_tables": (example_columns, columns_of("examples"))}
    messages = []
    for place, (own, described) in places.items():
        shared = set() if place == "example_tables" else set(known["shared"])
        messages += [
            f'resources/columns.yaml, under `{place}: columns`: write `{name}: [unit, "meaning"]`'
            for name in sorted(own - set(described) - shared)
        ]
        messages += [
            f"resources/columns.yaml, under `{place}: columns`: remove `{name}`, no table has it"
            for name in sorted(set(described) - own)
        ]
    messages += [
        f"resources/columns.yaml: remove `tables: {name}`"
        for name in known["tables"].keys() - found - ASKED_FOR
    ]
    unused = set(known["shared"]) - set().union(*found.values())
    return messages + [
        f"resources/columns.yaml, under `shared`: remove `{name}`" for name in unused
    ]


def columns(table):
    return set(table.columns)


def declared(name, own):
    """Return the columns that measures declare for a table; examples.csv has only some of them."""
    found = columns_of(name)
    return {one: found[one] for one in found if one in own} if name == "examples" else found
