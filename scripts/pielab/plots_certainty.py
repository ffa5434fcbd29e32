"""Figures of what seeds alone would do: noise floor, excess, tiers, seeds, overlaps, agreement.

Tables are those of results/tables, of the test split.
"""

from collections.abc import Iterator, Sequence

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from pielab import plots
from pielab.certainty import FDR
from pielab.complexity import MEASURES
from pielab.panels import (
    grid,
    label_levels,
    labelled,
    legend,
    level_colours,
    of_pair,
    pairs_of,
    panels,
    stacked_pies,
)

TIERS = {"certain": "certain", "likely": "likely", "unsure": "cannot be told from seed noise"}
TIER_SHADES = {"certain": "#b2182b", "likely": "#f4a582", "unsure": "0.8"}
CURVES = {
    "pies": "PIEs (% of test)",
    "excess": "Excess (% of test)",
    "overlap": "Overlap (Jaccard)",
}
AGREEMENT = {  # a column: its label, and the column that the dense models have beside it
    "churn_same_seed": ("Churn (% of predictions)", "churn_dense"),
    "probability_loyalty": ("Probability loyalty", None),
    "kl_divergence": ("KL(dense || pruned) (nats)", None),
    "calibration_error_pruned": ("Calibration error (%)", "calibration_error_dense"),
}
EFFECTS = {  # a column: its label and colour
    "cliffs_delta": ("against all other examples", "0.4"),
    "matched": ("against matched examples", "C1"),
}
NEGLIGIBLE = 0.147  # Cliff's delta, Romano et al. 2006
PERCENT = ("churn_same_seed", "calibration_error_pruned")


def noise_floor(pies: pd.DataFrame, colours: dict[str, tuple]) -> Figure:
    """Draw the PIEs of half the models, beside those that halves of the dense models have."""
    pies = pies.assign(
        counterpart=100 * pies["counterpart"] / pies["examples"],
        noise_floor=100 * pies["noise_floor"] / pies["examples"],
    )
    figure, axes = panels(pies)
    for pair, one in axes.items():
        own = pies[(pies["dataset"] == pair[0]) & (pies["model"] == pair[1])]
        _draw_methods(one, own, "counterpart", colours)
        floor = own["noise_floor"].mean()
        one.axhline(floor, color="black", ls="--", label="dense against other dense")
        one.set(ylabel="PIEs of half the models (%)")
        one.set_ylim(bottom=0)
    legend(figure, labelled(axes.values()))
    return figure


def _draw_methods(axes: Axes, cells: pd.DataFrame, column: str, colours: dict[str, tuple]) -> None:
    """Draw a line a method against sparsity; what is not pruned is a dotted level."""
    levels = sorted(set(cells["sparsity"]) - {0})
    for marker, method, rows in _methods(cells, colours):
        if (rows["sparsity"] == 0).all():
            ends = np.array([-0.15, len(levels) - 0.85])
            level = rows[column].iloc[0]
            axes.plot(ends, [level, level], ":", color=colours[method], label=method)
        else:
            ticks = [levels.index(level) for level in rows["sparsity"]]
            axes.plot(ticks, rows[column], color=colours[method], marker=marker, label=method)
    label_levels(axes, levels)


def _methods(cells: pd.DataFrame, colours: dict) -> Iterator[tuple[str, str, pd.DataFrame]]:
    for index, method in enumerate(colours):
        rows = cells[cells["method"] == method].sort_values("sparsity")
        if len(rows):
            yield plots.MARKERS[index % len(plots.MARKERS)], method, rows


def excess(pies: pd.DataFrame, colours: dict[str, tuple]) -> Figure:
    """Draw what pruning adds to the PIEs of seeds, with intervals; filled where it is sure."""
    ends = ["excess", "excess_low", "excess_high"]
    pies = pies.assign(**{end: 100 * pies[end] / pies["examples"] for end in ends})
    levels = sorted(set(pies["sparsity"]) - {0})
    places = [*levels, 0] if (pies["sparsity"] == 0).any() else levels
    figure, axes = panels(pies)
    for pair, one in axes.items():
        own = pies[(pies["dataset"] == pair[0]) & (pies["model"] == pair[1])]
        width = 0.7 / max(1, len(colours))
        for index, (marker, method, rows) in enumerate(_methods(own, colours)):
            shift = 0 if (rows["sparsity"] == 0).all() else (index + 0.5) * width - 0.35
            ticks = np.array([places.index(level) for level in rows["sparsity"]]) + shift
            _draw_intervals(one, ticks, rows, colours[method], marker, method)
        one.axhline(0, color="0.5", lw=0.8)
        names = [f"{level:g}" if level else "not pruned" for level in places]
        one.set_xticks(range(len(places)), names)
        one.set(xlabel="Sparsity (%)", ylabel="Excess PIEs (% of test)")
        one.grid(False, axis="x")
    legend(figure, labelled(axes.values()))
    return figure


def _draw_intervals(
    axes: Axes, ticks: np.ndarray, rows: pd.DataFrame, colour: tuple, marker: str, label: str
) -> None:
    axes.vlines(ticks, rows["excess_low"], rows["excess_high"], color=colour, lw=1)
    sure = (rows["q"] <= FDR).to_numpy()
    for chosen, face in ((sure, colour), (~sure, "white")):
        axes.plot(ticks[chosen], rows["excess"][chosen], marker, color=colour, mfc=face)
    axes.plot([], [], marker, color=colour, label=label)


def tiers(pies: pd.DataFrame, methods: Sequence[str]) -> Figure:
    """Draw how sure the PIEs are as stacked shares of the test examples, a column a method."""
    unsure = pies["pies"] - pies["certain"] - pies["likely"]
    return stacked_pies(pies.assign(unsure=unsure), methods, TIERS, TIER_SHADES)


def seed_curve(seeds: pd.DataFrame, pies: pd.DataFrame) -> Figure:
    """Draw what fewer seeds would have found, a line a sparsity, mean over methods."""
    examples = pies.groupby("dataset")["examples"].first()
    per_cent = 100 / seeds["dataset"].map(examples)
    seeds = seeds.assign(pies=seeds["pies"] * per_cent, excess=seeds["excess"] * per_cent)
    pairs = pairs_of(seeds)
    colours = level_colours(seeds)
    figure, axes = grid(len(pairs), len(CURVES), 2.3, 1.9)
    for row, pair in zip(axes, pairs, strict=True):
        for one, (column, label) in zip(row, CURVES.items(), strict=True):
            for level, rows in of_pair(seeds, pair).groupby("sparsity"):
                means = rows.groupby("seeds")[column].mean()
                one.plot(means.index, means, "o-", color=colours[level], label=f"{level:g}")
            one.set(xlabel="Seeds", ylabel=label)
            one.xaxis.get_major_locator().set_params(integer=True)
            if column != "excess":
                one.set_ylim(bottom=0)
        row[0].set_ylabel(f"{', '.join(pair)}\n{CURVES['pies']}")
    legend(figure, labelled(axes.flat), "Sparsity (%)")
    return figure


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


def complexity_effects(complexity: pd.DataFrame) -> Figure:
    """Draw the effects of PIEs' text complexity, against all others and against matched ones.

    Points are means over pruned cells, lines go from the smallest to the largest cell.
    """
    tests = complexity[(complexity["split"] == "test") & complexity["measure"].isin(MEASURES)]
    figure, axes = panels(tests, height=0.7 + 0.22 * len(MEASURES))
    places = pd.Series(range(len(MEASURES)), index=MEASURES)
    for pair, one in axes.items():
        cells = of_pair(tests, pair).groupby("measure")
        one.axvspan(-NEGLIGIBLE, NEGLIGIBLE, color="0.93", lw=0)
        one.axvline(0, color="0.5", lw=0.8)
        for shift, column in zip((-0.17, 0.17), EFFECTS, strict=True):
            label, colour = EFFECTS[column]
            found = cells[column].agg(["mean", "min", "max"]).reindex(MEASURES)
            y = places + shift
            one.hlines(y, found["min"], found["max"], color=colour, lw=1)
            one.plot(found["mean"], y, "o", color=colour, label=label)
        one.set_yticks(places, [name.replace("_", " ") for name in MEASURES])
        one.invert_yaxis()
        one.set_xlabel("Cliff's delta (right: PIEs have more)")
        one.grid(False, axis="y")
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
