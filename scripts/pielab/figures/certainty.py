"""Figures of what seeds alone would do: noise floor, excess, tiers, seeds.

Means over methods are over pruned cells that work, of the collapsed ones where none does.

Tables are those of results/tables, of the test split.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.colors import to_rgb
from matplotlib.figure import Figure
from matplotlib.transforms import ScaledTranslation

from pielab.analysis.excess import surely_above_seeds
from pielab.figures.marks import draw_hollow, working
from pielab.figures.panels import (
    draw_baselines,
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
from pielab.vocabulary import TIER_FDR, TIERS

TIER_SHADES = dict(zip(TIERS, ("#b2182b", "#f4a582", "0.8"), strict=True))
PALE = 0.4  # how much of its colour a comparison has that takes longer training for pruning
UNMATCHED = "against dense"

CURVES = {
    "pies": "PIEs (% of test)",
    "excess": "Excess (% of test)",
    "overlap": "Overlap (Jaccard)",
}


def noise_floor(pies: pd.DataFrame, colours: dict[str, tuple]) -> Figure:
    """Draw the PIEs of half the models, beside those that halves of the baseline's models have.

    `pies` has a row for each baseline of a cell; a comparison that is not the one to quote is pale.
    """
    pies = pies.assign(
        half_pies=100 * pies["half_pies"] / pies["examples"],
        noise_floor=100 * pies["noise_floor"] / pies["examples"],
    )
    figure, panels = pair_panels(pies)
    for pair, panel in panels.items():
        rows = rows_of(pies, pair)
        draw_methods(panel, rows[rows["headline"]], "half_pies", colours)
        levels = levels_of(rows)
        for marker, method, cells in method_rows(rows[~rows["headline"]], colours):
            shade, heights = _pale(colours[method]), cells["half_pies"]
            places = np.array([levels.index(level) for level in cells["sparsity"]])
            panel.plot(places, heights, marker=marker, color=shade, zorder=1.5)
            hollow = cells["collapsed"].to_numpy()
            draw_hollow(panel, places[hollow], heights[hollow], marker, shade, zorder=1.5)
            panel.plot([], [], color=_pale("0.3"), label=UNMATCHED)
        draw_baselines(panel, rows, "noise_floor", colours, "{} (noise floor)")
        panel.set(ylabel="PIEs of half the models (%)")
        panel.set_ylim(bottom=0)
    legend(figure, labelled(panels.values()))
    return figure


def excess(pies: pd.DataFrame, colours: dict[str, tuple]) -> Figure:
    """Draw what pruning adds to the PIEs of seeds, with intervals; starred where it is sure.

    `pies` has a row for each baseline of a cell; a comparison that is not the one to quote is pale.
    """
    ends = ["excess", "excess_low", "excess_high"]
    pies = pies.assign(**{end: 100 * pies[end] / pies["examples"] for end in ends})
    levels = levels_of(pies)
    columns = [*levels, 0] if (pies["sparsity"] == 0).any() else levels
    figure, panels = pair_panels(pies)
    for pair, panel in panels.items():
        _draw_excess(panel, rows_of(pies, pair), columns, colours)
        if not rows_of(pies, pair)["headline"].all():
            panel.plot([], [], "o", color=_pale("0.3"), label=UNMATCHED)
        if surely_above_seeds(rows_of(pies, pair)).any():
            panel.plot([], [], "*", color="0.3", mew=0, label="surely above 0")
        panel.axhline(0, color="0.5", lw=0.8)
        names = [f"{level:g}" if level else "not pruned" for level in columns]
        panel.set_xticks(range(len(columns)), names)
        panel.set(xlabel="Sparsity (%)", ylabel="Excess PIEs (% of test)")
        panel.grid(False, axis="x")
    legend(figure, labelled(panels.values()))
    return figure


def _draw_excess(
    panel: Axes, cells: pd.DataFrame, columns: list[float], colours: dict[str, tuple]
) -> None:
    width = 0.75 / max(1, len(colours))
    for index, (marker, method, rows) in enumerate(method_rows(cells, colours)):
        shift = 0 if (rows["sparsity"] == 0).all() else (index + 0.5) * width - 0.375
        for is_headline, own in rows.groupby("headline"):
            shade = colours[method] if is_headline else _pale(colours[method])
            aside = shift if is_headline else shift - 0.4 * width
            places = np.array([columns.index(level) for level in own["sparsity"]]) + aside
            _draw_intervals(panel, places, own, shade, marker)
        panel.plot([], [], marker, color=colours[method], label=method)


def _pale(colour: Any) -> tuple:
    return tuple(1 - PALE * (1 - part) for part in to_rgb(colour))


def _draw_intervals(
    panel: Axes, places: np.ndarray, rows: pd.DataFrame, colour: tuple, marker: str
) -> None:
    panel.vlines(places, rows["excess_low"], rows["excess_high"], color=colour, lw=1)
    panel.plot(places, rows["excess"], marker, color=colour)
    hollow = rows["collapsed"].to_numpy()
    draw_hollow(panel, places[hollow], rows["excess"][hollow], marker, colour)
    sure = surely_above_seeds(rows).to_numpy()
    tops = rows["excess_high"].fillna(rows["excess"])[sure]
    above = panel.transData + ScaledTranslation(0, 4 / 72, panel.figure.dpi_scale_trans)
    panel.plot(places[sure], tops, "*", color=colour, ms=4, mew=0, transform=above)


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
            for level, rows in working(pruned_rows_of(seeds, pair)).groupby("sparsity"):
                means = rows.groupby("seeds")[column].mean()
                panel.plot(means.index, means, "o-", color=colours[level], label=f"{level:g}")
                if rows["collapsed"].any():
                    draw_hollow(panel, means.index, means, "o", colours[level])
            panel.set(xlabel="Seeds", ylabel=label)
            label_whole_numbers(panel)
            if column != "excess":
                panel.set_ylim(bottom=0)
        row[0].set_ylabel(f"{', '.join(pair)}\n{CURVES['pies']}")
    legend(figure, labelled(panels.flat), "Sparsity (%)")
    return figure
