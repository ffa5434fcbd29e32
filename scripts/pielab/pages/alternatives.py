"""Describe what a figure shows: the least and the most of its compressed cells."""

import pandas as pd

from pielab.analysis.cell_tables import LEVELS
from pielab.causes.factors import ALL_METHODS, PIE
from pielab.figures.catalogue import FIGURES, Quantity
from pielab.pages.cells import cell_name
from pielab.slices.table import primary_slices, worst
from pielab.vocabulary import MODELS


def extremes(name: str, tables: dict[str, pd.DataFrame]) -> str:
    """Return what a figure shows, in words by dataset and model; empty if unknown.

    That is the least and the most of its quantity, or what its own sentence says.

    Parameters
    ----------
    tables : dict
        Tables of results/tables by their names, of the test split, those of cells with `level`.
    """
    table, quantity = FIGURES[name].tables[0], FIGURES[name].says
    if table not in tables:
        return ""
    if isinstance(quantity, str):
        return SENTENCES[quantity](tables[table])
    rows = tables[table].query("is_compressed")
    if quantity.only:
        rows = rows[rows[quantity.only[0]] == quantity.only[1]]
    if "primary" in rows and not FIGURES[name].both:
        rows = rows[rows["primary"].astype(bool)]  # an empty table has no types
    if "other_model" in rows:
        names = ("model", "method", "level", "baseline")
        rows = rows[
            (rows[list(names)] != rows[[f"other_{n}" for n in names]].to_numpy()).any(axis=1)
        ]
    examples = rows["examples"] if quantity.is_count else 1
    values = rows.assign(value=rows[quantity.column] / examples).dropna(subset="value")
    if table == "scores":
        values = values.groupby([*MODELS, *LEVELS], sort=False, as_index=False)["value"].mean()
    parts = [
        f"{dataset}, {model}: {_range(cells, quantity)}"
        for (dataset, model), cells in values.groupby(["dataset", "model"], sort=False)
    ]
    return f"{quantity.words}, least and most: {'; '.join(parts)}." if parts else ""


def _range(cells: pd.DataFrame, quantity: Quantity) -> str:
    rows = [cells.loc[index] for index in (cells["value"].idxmin(), cells["value"].idxmax())]
    values = [quantity.form.format(row["value"]).replace("%", " %") for row in rows]
    if values[0] == values[1]:
        return values[0]
    names = [cell_name(row) for row in rows]
    if "baseline" in cells and cells["baseline"].nunique() > 1:
        names = [f"{name} against {row['baseline']}" for name, row in zip(names, rows, strict=True)]
    return f"{values[0]} ({names[0]}) to {values[1]} ({names[1]})"


def _verdicts(scorecard: pd.DataFrame) -> str:
    counts = scorecard["verdict"].value_counts()
    return f"Verdicts: {', '.join(f'{number} {verdict}' for verdict, number in counts.items())}."


def _persistence(table: pd.DataFrame) -> str:
    parts = []
    for (dataset, model), rows in table.groupby(["dataset", "model"], sort=False):
        kept = rows[rows["without_collapsed"] == rows["without_collapsed"].max()]
        never = kept.loc[kept["cells"] == 0, "examples"].sum() / kept["examples"].sum()
        most = kept.loc[kept["examples"] > 0, "cells"].max()
        parts.append(f"{dataset}, {model}: {100 * never:.1f} % never, at most in {most} cells")
    return f"Texts that are PIEs: {'; '.join(parts)}."


def _layers(table: pd.DataFrame) -> str:
    means = table.groupby(["dataset", "model", "layer"], sort=False)["lightened"].mean()
    best = means.loc[means.groupby(["dataset", "model"], sort=False).idxmax()]
    parts = [
        f"{dataset}, {model}: {layer}, {share:+.2f}"
        for (dataset, model, layer), share in best.items()
    ]
    return (
        "The layer that, put back dense, mends the most, and by how much more of the models are "
        f"right on the negative flips: {'; '.join(parts)}."
    )


def _slices(table: pd.DataFrame) -> str:
    parts = []
    for (dataset, model), rows in primary_slices(table).groupby(["dataset", "model"], sort=False):
        first = worst(rows, 1).iloc[0]
        parts.append(
            f"{dataset}, {model}: {rows['confirmed'].sum()} of {len(rows)} groups confirmed, worst "
            f"{first['slice']} ({cell_name(first)}), {100 * first['excess']:+.1f} points"
        )
    return f"{'; '.join(parts)}." if parts else ""


def _causes(table: pd.DataFrame) -> str:
    of_pies = table[(table["method"] == ALL_METHODS) & (table["outcome"] == PIE)]
    parts = []
    for (dataset, model), rows in of_pies.groupby(["dataset", "model"], sort=False):
        clear = rows[(rows["adjusted_low"] > 1) | (rows["adjusted_high"] < 1)]
        named = [f"{row.factor_name} (odds times {row.adjusted:.2g})" for row in clear.itertuples()]
        parts.append(f"{dataset}, {model}: {', '.join(named) or 'none'}")
    return f"What goes with PIEs, others held fixed: {'; '.join(parts)}." if parts else ""


def _data_map(table: pd.DataFrame) -> str:
    of_models, parts = table[table["over"] == "models"], []
    for (dataset, model), rows in of_models.groupby(["dataset", "model"], sort=False):
        unsure = rows["confidence"].between(0.25, 0.75)
        shares = [
            f"{100 * some['pies'].sum() / max(1, some['texts'].sum()):.1f} %"
            for some in (rows[unsure], rows[~unsure])
        ]
        parts.append(f"{dataset}, {model}: {shares[0]}, of the others {shares[1]}")
    intro = "PIEs among the texts whose label has a mean probability of 25 to 75 %"
    return f"{intro}: {'; '.join(parts)}." if parts else ""


SENTENCES = {
    function.__name__.removeprefix("_"): function
    for function in (_verdicts, _persistence, _layers, _slices, _causes, _data_map)
}
