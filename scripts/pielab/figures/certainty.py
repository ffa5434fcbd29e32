"""Figures of what seeds alone would do: noise floor, excess, tiers, seeds.

Tables are those of results/tables, of the test split.
"""

from collections.abc import Iterator, Sequence

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from pielab.figures.panels import (
    MARKERS,
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
from pielab.vocabulary import FDR

TIERS = {"certain": "certain", "likely": "likely", "unsure": "cannot be told from seed noise"}


TIER_SHADES = {"certain": "#b2182b", "likely": "#f4a582", "unsure": "0.8"}


CURVES = {
    "pies": "PIEs (% of test)",
    "excess": "Excess (% of test)",
    "overlap": "Overlap (Jaccard)",
}


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
            yield MARKERS[index % len(MARKERS)], method, rows


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
