"""Figures of what seeds alone would do: noise floor, excess, tiers, seeds.

Tables are those of results/tables, of the test split.
"""

from collections.abc import Sequence

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from pielab.figures.panels import (
    draw_methods,
    grid,
    label_whole_numbers,
    labelled,
    legend,
    level_colours,
    levels_of,
    method_rows,
    pair_panels,
    pairs_of,
    pruned_rows_of,
    rows_of,
    stacked_pies,
)
from pielab.vocabulary import FDR, TIER_FDR, TIERS

TIER_SHADES = dict(zip(TIERS, ("#b2182b", "#f4a582", "0.8"), strict=True))


CURVES = {
    "pies": "PIEs (% of test)",
    "excess": "Excess (% of test)",
    "overlap": "Overlap (Jaccard)",
}


def noise_floor(pies: pd.DataFrame, colours: dict[str, tuple]) -> Figure:
    """Draw the PIEs of half the models, beside those that halves of the dense models have."""
    pies = pies.assign(
        half_pies=100 * pies["half_pies"] / pies["examples"],
        noise_floor=100 * pies["noise_floor"] / pies["examples"],
    )
    figure, panels = pair_panels(pies)
    for pair, panel in panels.items():
        rows = rows_of(pies, pair)
        draw_methods(panel, rows, "half_pies", colours)
        floor = rows["noise_floor"].mean()
        panel.axhline(floor, color="black", ls="--", label="dense against other dense")
        panel.set(ylabel="PIEs of half the models (%)")
        panel.set_ylim(bottom=0)
    legend(figure, labelled(panels.values()))
    return figure


def excess(pies: pd.DataFrame, colours: dict[str, tuple]) -> Figure:
    """Draw what pruning adds to the PIEs of seeds, with intervals; filled where it is sure."""
    ends = ["excess", "excess_low", "excess_high"]
    pies = pies.assign(**{end: 100 * pies[end] / pies["examples"] for end in ends})
    levels = levels_of(pies)
    columns = [*levels, 0] if (pies["sparsity"] == 0).any() else levels
    figure, panels = pair_panels(pies)
    for pair, panel in panels.items():
        width = 0.7 / max(1, len(colours))
        for index, (marker, method, rows) in enumerate(method_rows(rows_of(pies, pair), colours)):
            shift = 0 if (rows["sparsity"] == 0).all() else (index + 0.5) * width - 0.35
            places = np.array([columns.index(level) for level in rows["sparsity"]]) + shift
            _draw_intervals(panel, places, rows, colours[method], marker)
            panel.plot([], [], marker, color=colours[method], label=method)
        panel.axhline(0, color="0.5", lw=0.8)
        names = [f"{level:g}" if level else "not pruned" for level in columns]
        panel.set_xticks(range(len(columns)), names)
        panel.set(xlabel="Sparsity (%)", ylabel="Excess PIEs (% of test)")
        panel.grid(False, axis="x")
    legend(figure, labelled(panels.values()))
    return figure


def _draw_intervals(
    panel: Axes, places: np.ndarray, rows: pd.DataFrame, colour: tuple, marker: str
) -> None:
    panel.vlines(places, rows["excess_low"], rows["excess_high"], color=colour, lw=1)
    sure = (rows["q"] <= FDR).to_numpy()
    for chosen, face in ((sure, colour), (~sure, "white")):
        panel.plot(places[chosen], rows["excess"][chosen], marker, color=colour, mfc=face)


def tiers(pies: pd.DataFrame, methods: Sequence[str]) -> Figure:
    """Draw how sure the PIEs are as stacked shares of the test examples, a column a method.

    A tier that no number of changed votes could reach, with so few seeds, is left out.
    """
    *surer, noise = TIERS
    least = 2 * 0.5 ** pies["seeds"].max()  # p of a sign test, all seeds changing to one side
    reached = [tier for tier, q in zip(surer, TIER_FDR, strict=True) if least <= q]
    pies = pies.assign(**{noise: pies["pies"] - pies[reached].sum(axis=1)})
    return stacked_pies(pies, methods, {tier: tier for tier in (*reached, noise)}, TIER_SHADES)


def seed_curve(seeds: pd.DataFrame, pies: pd.DataFrame) -> Figure:
    """Draw what fewer seeds would have found, a line a sparsity, mean over methods.

    Even numbers of seeds make ties, which odd ones do not: a line through both is a zigzag.
    """
    odd = seeds["seeds"] % 2 == 1
    seeds = seeds[odd] if odd.any() else seeds
    examples = pies.groupby("dataset")["examples"].first()
    per_cent = 100 / seeds["dataset"].map(examples)
    seeds = seeds.assign(pies=seeds["pies"] * per_cent, excess=seeds["excess"] * per_cent)
    pairs = pairs_of(seeds)
    colours = level_colours(seeds)
    figure, panels = grid(len(pairs), len(CURVES), 2.3, 1.9)
    for row, pair in zip(panels, pairs, strict=True):
        for panel, (column, label) in zip(row, CURVES.items(), strict=True):
            for level, rows in pruned_rows_of(seeds, pair).groupby("sparsity"):
                means = rows.groupby("seeds")[column].mean()
                panel.plot(means.index, means, "o-", color=colours[level], label=f"{level:g}")
            panel.set(xlabel="Seeds", ylabel=label)
            label_whole_numbers(panel)
            if column != "excess":
                panel.set_ylim(bottom=0)
        row[0].set_ylabel(f"{', '.join(pair)}\n{CURVES['pies']}")
    legend(figure, labelled(panels.flat), "Sparsity (%)")
    return figure
