"""Figures of scores, PIEs, flips, overlaps and agreement."""

from collections.abc import Sequence

import matplotlib as mpl
import numpy as np
import pandas as pd
import seaborn as sns
from matplotlib import pyplot as plt
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from pielab.figures.certainty import _draw_methods
from pielab.figures.panels import (
    MARKERS,
    _label_levels,
    _panels,
    _shared_legend,
    grid,
    labelled,
    legend,
    pairs_of,
    panels,
    stacked_pies,
)


def score_by_sparsity(
    scores: pd.DataFrame, measures: dict[str, str], colours: dict[str, tuple]
) -> Figure:
    """Draw the score against sparsity, a panel for each dataset and model.

    Parameters
    ----------
    scores : DataFrame
        scores.csv: dataset, model, method, sparsity (percent), seed, score.
    measures : dict
        The name of the score of each dataset.
    """
    levels = sorted(set(scores["sparsity"]) - {0})
    stats = scores.groupby(["dataset", "model", "method", "sparsity"], sort=False)["score"]
    stats = stats.agg(["mean", "std"]).fillna(0).reset_index()
    figure, panels = _panels(stats)
    for (dataset, model), axes in panels.items():
        part = stats[(stats["dataset"] == dataset) & (stats["model"] == model)]
        for method, rows in part.groupby("method"):
            colour = colours.get(method, "black")
            if (rows["sparsity"] == 0).all():
                _draw_level(axes, rows.iloc[0], method, colour, len(levels))
            else:
                _draw_line(axes, rows, method, colour, levels, list(colours).index(method))
        _label_levels(axes, levels)
        axes.set_ylabel(f"{measures[dataset]} (test)")
    _shared_legend(figure, ["dense", *colours])
    return figure


def pie_share(pies: pd.DataFrame, colours: dict[str, tuple]) -> Figure:
    """Draw the share of examples that are PIEs against sparsity, a panel for each pair.

    `pies` is pies.csv; a method without a sparsity is a horizontal line.
    """
    levels = sorted(set(pies["sparsity"]) - {0})
    pies = pies.assign(mean=100 * pies["pie_share"], std=0.0)
    figure, panels = _panels(pies)
    for (dataset, model), axes in panels.items():
        part = pies[(pies["dataset"] == dataset) & (pies["model"] == model)]
        for method, rows in part.groupby("method"):
            if (rows["sparsity"] == 0).all():
                _draw_level(axes, rows.iloc[0], method, colours[method], len(levels))
            else:
                _draw_line(axes, rows, method, colours[method], levels, list(colours).index(method))
        _label_levels(axes, levels)
        axes.set_ylabel("PIEs (% of test examples)")
        axes.set_ylim(bottom=0)
    _shared_legend(figure, list(colours))
    return figure


def score_on_pies(
    pies: pd.DataFrame, measures: dict[str, str], colours: dict[str, tuple]
) -> Figure:
    """Draw dense and pruned score on all examples and on PIEs, a row a pair, a column a method."""
    levels = sorted(set(pies["sparsity"]) - {0})
    pairs = list(pies[["dataset", "model"]].drop_duplicates().itertuples(index=False, name=None))
    cells = pies.sort_values("sparsity").groupby(["dataset", "model", "method"])
    methods = [method for method in colours if (pies["method"] == method).any()]
    size = (1.5 + 1.15 * len(methods), 0.7 + 1.6 * len(pairs))
    figure, grid = plt.subplots(
        *(len(pairs), len(methods)),
        **dict(figsize=size, sharey="row", squeeze=False, layout="constrained"),
    )
    kinds = [("score_dense", "black", "-"), ("score_dense_on_pies", "black", "--")]
    for row, (dataset, model) in zip(grid, pairs, strict=True):
        for axes, method in zip(row, methods, strict=True):
            colour = colours[method]
            part = cells.get_group((dataset, model, method))
            unpruned = (part["sparsity"] == 0).all()
            ticks = [0] if unpruned else [levels.index(level) for level in part["sparsity"]]
            lines = [*kinds, ("score_pruned", colour, "-"), ("score_pruned_on_pies", colour, "--")]
            for column, shade, dash in lines:
                filled = shade if dash == "-" else "white"
                axes.plot(ticks, part[column], dash, color=shade, marker="o", mfc=filled)
            axes.set_title(method)
            _label_levels(axes, levels)
            axes.set_xlim(-0.4, len(levels) - 0.6)
            if unpruned:
                axes.set_xticks([0], ["0"])
                axes.set_xlim(-0.5, 0.5)
            axes.tick_params(labelbottom=True)
        row[0].set_ylabel(f"{dataset}, {model}\n{measures[dataset]} (test)")
    handles = [
        mpl.lines.Line2D([], [], color=shade, ls=dash, marker="o", label=label, mfc=fill)
        for shade, dash, fill, label in (
            ("black", "-", "black", "dense, all examples"),
            ("black", "--", "white", "dense, PIEs"),
            ("0.6", "-", "0.6", "pruned (method's colour), all examples"),
            ("0.6", "--", "white", "pruned (method's colour), PIEs"),
        )
    ]
    figure.legend(handles=handles, loc="outside lower center", ncols=2, frameon=False)
    return figure


def _draw_line(
    axes: Axes, rows: pd.DataFrame, method: str, colour: tuple, levels: list, index: int
) -> None:
    rows = rows.sort_values("sparsity")
    ticks = [levels.index(level) for level in rows["sparsity"]]
    marker = MARKERS[index % len(MARKERS)]
    axes.plot(ticks, rows["mean"], color=colour, marker=marker, label=method)
    low, high = rows["mean"] - rows["std"], rows["mean"] + rows["std"]
    axes.fill_between(ticks, low, high, color=colour, alpha=0.15, lw=0)


def _draw_level(axes: Axes, row: pd.Series, method: str, colour: tuple, width: int) -> None:
    """Draw what has no sparsity: dense dashed, control dotted."""
    ends = np.array([-0.15, width - 0.85])
    dash = "--" if method == "dense" else ":"
    axes.plot(ends, [row["mean"]] * 2, ls=dash, lw=1.6, color=colour, label=method)
    low, high = row["mean"] - row["std"], row["mean"] + row["std"]
    axes.fill_between(ends, low, high, color=colour, alpha=0.1, lw=0)


FLIPS = {"good_flips": "good", "both_wrong": "both wrong", "bad_flips": "bad"}


def flips(pies: pd.DataFrame, methods: Sequence[str], palette: str) -> Figure:
    """Draw the kinds of flips as stacked shares of the test examples, a column a method."""
    shades = dict(zip(FLIPS, np.array(sns.color_palette(palette, 8))[[2, 7, 3]], strict=True))
    return stacked_pies(pies, methods, FLIPS, shades)


AGREEMENT = {  # a column: its label, and the column that the dense models have beside it
    "churn_same_seed": ("Churn (% of predictions)", "churn_dense"),
    "probability_loyalty": ("Probability loyalty", None),
    "kl_divergence": ("KL(dense || pruned) (nats)", None),
    "calibration_error_pruned": ("Calibration error (%)", "calibration_error_dense"),
}


PERCENT = ("churn_same_seed", "calibration_error_pruned")


def pie_overlap(overlap: pd.DataFrame) -> Figure:
    """Draw the overlap of the PIE sets of all cells of a dataset as a heat map."""
    datasets = list(overlap["dataset"].unique())
    figure, axes = grid(len(datasets), 1, 5.2, 4.4)
    for one, dataset in zip(axes[:, 0], datasets, strict=True):
        part = overlap[overlap["dataset"] == dataset]
        cells = part[["model", "method", "sparsity"]].drop_duplicates()
        jaccard = part["jaccard"].to_numpy().reshape(len(cells), len(cells))
        shown = one.pcolormesh(jaccard, vmin=0, vmax=1, cmap="viridis")
        groups = cells.groupby(["model", "method"], sort=False).size()
        bounds = np.r_[0, groups.cumsum()]
        for bound in bounds[1:-1]:
            one.axhline(bound, color="white", lw=0.6)
            one.axvline(bound, color="white", lw=0.6)
        middles, names = (bounds[:-1] + bounds[1:]) / 2, [" ".join(key) for key in groups.index]
        one.set_xticks(middles, names, rotation=90)
        one.set_yticks(middles, names)
        one.set(title=dataset, aspect="equal")
        one.invert_yaxis()
        one.grid(False)
        figure.colorbar(shown, ax=one, label="Overlap of PIE sets (Jaccard)", shrink=0.7)
    return figure


def persistence(table: pd.DataFrame) -> Figure:
    """Draw in how many cells examples are PIEs, and what independent cells would give."""
    figure, axes = panels(table)
    for (dataset, model), one in axes.items():
        rows = table[(table["dataset"] == dataset) & (table["model"] == model)]
        total = rows["examples"].sum()
        one.bar(rows["cells"], 100 * rows["examples"] / total, color="C0", label="examples")
        expected = 100 * rows["expected"] / total
        one.plot(rows["cells"], expected, "k.--", lw=0.8, label="if cells were independent")
        one.set(xlabel=f"PIE in so many of {len(rows) - 1} cells", ylabel="Test examples (%)")
        one.xaxis.get_major_locator().set_params(integer=True)
    legend(figure, labelled(axes.values()))
    return figure


def agreement(table: pd.DataFrame, colours: dict[str, tuple]) -> Figure:
    """Draw churn, loyalty, divergence and calibration against sparsity, a row a pair."""
    scale = {
        name: 100 * table[name] for column in PERCENT for name in (column, AGREEMENT[column][1])
    }
    table, pairs = table.assign(**scale), pairs_of(table)
    figure, axes = grid(len(pairs), len(AGREEMENT), 1.9, 1.9)
    for row, (dataset, model) in zip(axes, pairs, strict=True):
        own = table[(table["dataset"] == dataset) & (table["model"] == model)]
        for one, (column, (label, beside)) in zip(row, AGREEMENT.items(), strict=True):
            _draw_methods(one, own, column, colours)
            if beside:
                one.axhline(own[beside].mean(), color="black", ls="--", label="dense")
            one.set_ylabel(label)
        row[0].set_ylabel(f"{dataset}, {model}\n{AGREEMENT['churn_same_seed'][0]}")
    legend(figure, labelled(axes.flat))
    return figure
