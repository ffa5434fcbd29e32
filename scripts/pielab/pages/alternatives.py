"""Say in words what a figure shows: the least and the most of its compressed cells."""

from typing import NamedTuple

import pandas as pd

from pielab.analysis.cell_tables import LEVELS
from pielab.analysis.slice_table import primary_slices, worst
from pielab.causes.factors import ALL_METHODS, PIE
from pielab.figures.catalogue import FIGURES
from pielab.pages.cells import cell_name
from pielab.vocabulary import MODELS


class Quantity(NamedTuple):
    """What a figure is about: a column of one of its tables, and how it is said."""

    table: str
    column: str
    words: str
    form: str = "{:.3g}"
    is_count: bool = False  # said as a share of the examples
    only: tuple[str, object] | None = None  # a column and its value in the rows that count


QUANTITIES = {  # by the figure's name
    "overview": Quantity("pies", "excess", "Answers changed beyond seeds", "{:.1%}", is_count=True),
    "score_by_level": Quantity("scores", "score", "Score of compressed models"),
    "agreement": Quantity("agreement", "churn_same_seed", "Changed predictions", "{:.1%}"),
    "pie_share": Quantity("pies", "pie_share", "PIEs", "{:.1%}"),
    "score_on_pies": Quantity(
        "pies", "score_compressed_on_pies", "Score of compressed models on PIEs"
    ),
    "flips": Quantity("pies", "negative_flips", "Negative flips", "{:.1%}", is_count=True),
    "noise_floor": Quantity("pies", "half_pies", "PIEs of half the models", "{:.1%}", True),
    "excess": Quantity("pies", "excess", "Excess", "{:.1%}", is_count=True),
    "tiers": Quantity("pies", "certain", "PIEs that are a yes", "{:.1%}", is_count=True),
    "frontier": Quantity(
        "frontier", "negative_flip_excess", "Negative flips beyond seeds", "{:.1%}", is_count=True
    ),
    "fallback": Quantity(
        *("fallback", "flips_left", "Negative flips left by the recommended share", "{:.1%}"),
        only=("chosen", True),
    ),
    "few_seeds": Quantity(
        *("seeds", "precision_probability", "Average precision of few seeds' PIE probability")
    ),
    "vote_or_probability": Quantity("pies", "expected_pies", "Expected PIEs", "{:.1%}", True),
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
    "class_pie_rate": Quantity("classes", "pie_rate", "PIEs of a class", "{:.1%}"),
    "class_distribution": Quantity(
        "classes", "class_share_of_pies", "Share of a class among PIEs", "{:.1%}"
    ),
    "pie_overlap": Quantity("pie_overlap", "jaccard", "Overlap of two PIE sets"),
    "seed_curve": Quantity("seeds", "overlap", "Overlap of fewer seeds' PIEs with those of all"),
    "complexity_of_pies": Quantity(
        "complexity", "median_pies", "Median tokens of PIEs", only=("measure", "tokens")
    ),
    "paper_comparison": Quantity(
        *("paper_comparison", "difference_in_std", "Ours minus published in standard deviations")
    ),
}


def extremes(name: str, tables: dict[str, pd.DataFrame]) -> str:
    """Return what a figure shows, in words by dataset and model; empty if unknown.

    That is the least and the most of its quantity, or what its own sentence says.

    Parameters
    ----------
    tables : dict
        Tables of results/tables by their names, of the test split, those of cells with `level`.
    """
    if name in SENTENCES and name in tables:
        return SENTENCES[name](tables[name])
    quantity = QUANTITIES.get(name)
    if quantity is None or quantity.table not in tables:
        return ""
    rows = tables[quantity.table].query("is_compressed")
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
    said = rows.assign(value=rows[quantity.column] / examples).dropna(subset="value")
    if quantity.table == "scores":
        said = said.groupby([*MODELS, *LEVELS], sort=False, as_index=False)["value"].mean()
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
    own = table[(table["method"] == ALL_METHODS) & (table["outcome"] == PIE)]
    parts = []
    for (dataset, model), rows in own.groupby(["dataset", "model"], sort=False):
        clear = rows[(rows["adjusted_low"] > 1) | (rows["adjusted_high"] < 1)]
        named = [f"{row.factor_name} (odds times {row.adjusted:.2g})" for row in clear.itertuples()]
        parts.append(f"{dataset}, {model}: {', '.join(named) or 'none'}")
    return f"What goes with PIEs, others held fixed: {'; '.join(parts)}." if parts else ""


SENTENCES = {"scorecard": _verdicts, "persistence": _persistence, "layer_map": _layers}
SENTENCES |= {"slices": _slices, "causes": _causes}
