"""Say in words what a figure shows: the least and the most of its pruned cells."""

from typing import NamedTuple

import pandas as pd


class Quantity(NamedTuple):
    """What a figure is about: a column of one of its tables, and how it is said."""

    table: str
    column: str
    words: str
    form: str = "{:.3g}"
    is_count: bool = False  # said as a share of the examples
    only: tuple[str, object] | None = None  # a column and its value in the rows that count


QUANTITIES = {  # by the figure's name
    "score_by_sparsity": Quantity("scores", "score", "Score of pruned models"),
    "agreement": Quantity("agreement", "churn_same_seed", "Changed predictions", "{:.1%}"),
    "pie_share": Quantity("pies", "pie_share", "PIEs", "{:.1%}"),
    "score_on_pies": Quantity("pies", "score_compressed_on_pies", "Score of pruned models on PIEs"),
    "flips": Quantity("pies", "bad_flips", "Bad flips", "{:.1%}", is_count=True),
    "noise_floor": Quantity("pies", "half_pies", "PIEs of half the models", "{:.1%}", True),
    "excess": Quantity("pies", "excess", "Excess", "{:.1%}", is_count=True),
    "tiers": Quantity("pies", "certain", "Certain PIEs", "{:.1%}", is_count=True),
    "influence_pies": Quantity("influence_bins", "pie_share", "PIEs of a bin", "{:.1%}"),
    "influence_loss": Quantity("influence_bins", "loss_change", "Loss change of a bin in nats"),
    "influence_loss_ratio": Quantity("influence_bins", "ratio_of_means", "Ratio of a bin's losses"),
    "influence_top": Quantity(
        *("influence_top", "pie_share", "PIEs in the top 10 %", "{:.1%}", False),
        ("top_percent", 10),
    ),
    "tokens_of_pies": Quantity(
        "complexity", "mean_pies", "Mean tokens of PIEs", only=("measure", "tokens")
    ),
    "complexity_effects": Quantity("complexity", "cliffs_delta", "Cliff's delta of a measure"),
    "class_score": Quantity("classes", "score_compressed", "Score of a class"),
}


def extremes(name: str, tables: dict[str, pd.DataFrame]) -> str:
    """Return the least and most that a figure shows by dataset and model; empty if unknown.

    Parameters
    ----------
    tables : dict
        Tables of results/tables by their names, of the test split.
    """
    quantity = QUANTITIES.get(name)
    if quantity is None or quantity.table not in tables:
        return ""
    rows = tables[quantity.table].query("sparsity > 0")
    if quantity.only:
        rows = rows[rows[quantity.only[0]] == quantity.only[1]]
    examples = rows["examples"] if quantity.is_count else 1
    said = rows.assign(value=rows[quantity.column] / examples).dropna(subset="value")
    if quantity.table == "scores":
        said = said.groupby(["dataset", "model", "method", "sparsity"], sort=False, as_index=False)
        said = said["value"].mean()
    parts = [
        f"{dataset}, {model}: {_range(cells, quantity)}"
        for (dataset, model), cells in said.groupby(["dataset", "model"], sort=False)
    ]
    return f"{quantity.words}, least and most: {'; '.join(parts)}." if parts else ""


def _range(cells: pd.DataFrame, quantity: Quantity) -> str:
    rows = [cells.loc[index] for index in (cells["value"].idxmin(), cells["value"].idxmax())]
    values = [quantity.form.format(row["value"]).replace("%", " %") for row in rows]
    if values[0] == values[1]:
        return values[0]
    names = [f"{row['method']} at {row['sparsity']:g} %" for row in rows]
    return f"{values[0]} ({names[0]}) to {values[1]} ({names[1]})"
