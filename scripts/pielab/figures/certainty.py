"""Figures of what seeds alone would do: noise floor, excess, fewer seeds.

Means over methods are over pruned cells that work, of the collapsed ones where none does.

Tables are those of results/tables, of the test split.
"""

from itertools import product
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.colors import to_rgb
from matplotlib.figure import Figure
from matplotlib.transforms import ScaledTranslation

from pielab.analysis.cell_tables import exceeds_noise_floor
from pielab.figures.levels import compressed, level_axis, said
from pielab.figures.marks import draw_hollow, working
from pielab.figures.panels import (
    PANEL,
    draw_floors,
    draw_methods,
    grid,
    label_whole_numbers,
    labelled,
    legend,
    level_looks,
    levels_of,
    method_rows,
    pair_panels,
    pairs_of,
    pruned_rows_of,
    rows_of,
)

PALE = 0.4  # how much of its colour a comparison has that takes longer training for pruning
UNMATCHED = "against dense"
MOST_IN_HALF = 16  # places of markers that half a page's width has room for

CURVES = {
    "pies": "PIEs (% of test)",
    "excess": "Excess (% of test)",
    "overlap": "Overlap (Jaccard)",
}


def noise_floor(pies: pd.DataFrame, colours: dict[str, tuple]) -> Figure:
    """Draw the PIEs of half the models, beside those that halves of the baseline's models have.

    `pies` has a row for each baseline of a cell; a comparison that is not the primary one is pale.
    """
    pies = pies.assign(half_pies=100 * pies["half_pies"] / pies["examples"])
    figure, panels = pair_panels(pies)
    for pair, panel in panels.items():
        rows = rows_of(pies, pair)
        draw_methods(panel, rows[rows["primary"]], "half_pies", colours)
        levels = levels_of(rows)
        for marker, method, cells in method_rows(rows[~rows["primary"]], colours):
            shade, heights = _pale(colours[method]), cells["half_pies"]
            places = np.array([levels.index(level) for level in cells["level"]])
            panel.plot(places, heights, marker=marker, color=shade, zorder=1.5)
            hollow = cells["collapsed"].to_numpy()
            draw_hollow(panel, places[hollow], heights[hollow], marker, shade, zorder=1.5)
            panel.plot([], [], color=_pale("0.3"), label=UNMATCHED)
        draw_floors(panel, rows, colours)
        panel.set(ylabel="PIEs of half the models (%)")
        panel.set_ylim(bottom=0)
    legend(figure, labelled(panels.values()))
    return figure


def excess(pies: pd.DataFrame, colours: dict[str, tuple]) -> Figure:
    """Draw what pruning adds to the PIEs of seeds, with intervals; starred where it is sure.

    `pies` has a row for each baseline of a cell; a comparison that is not the primary one is pale.
    """
    ends = ["excess", "excess_low", "excess_high"]
    pies = pies.assign(**{end: 100 * pies[end] / pies["examples"] for end in ends})
    levels = levels_of(pies)
    columns = [*levels, 0] if (pies["level"] == 0).any() else levels
    crowded = len(colours) * len(columns) > MOST_IN_HALF
    width, in_a_row = (2 * PANEL[0], 1) if crowded else (PANEL[0], 2)
    figure, panels = pair_panels(pies, width, in_a_row=in_a_row)
    for pair, panel in panels.items():
        _draw_excess(panel, rows_of(pies, pair), columns, colours)
        if not rows_of(pies, pair)["primary"].all():
            panel.plot([], [], "o", color=_pale("0.3"), label=UNMATCHED)
        if exceeds_noise_floor(rows_of(pies, pair)).any():
            panel.plot([], [], "*", color="0.3", mew=0, label="above 0 (yes)")
        panel.axhline(0, color="0.5", lw=0.8)
        names = [said(level) if level else "not compressed" for level in columns]
        panel.set_xticks(range(len(columns)), names)
        panel.set_xticks(np.arange(1, len(columns)) - 0.5, minor=True)
        panel.tick_params(which="minor", length=0)
        panel.grid(axis="x", which="minor")
        panel.set_xlim(-0.5, len(columns) - 0.5)
        panel.margins(y=0.1)  # room for stars
        panel.set(xlabel=level_axis(), ylabel="Excess PIEs (% of test)")
        panel.grid(False, axis="x", which="major")
    legend(figure, labelled(panels.values()))
    return figure


def _draw_excess(
    panel: Axes, cells: pd.DataFrame, columns: list[float], colours: dict[str, tuple]
) -> None:
    """Draw the cells side by side within their level, the paler comparison left of the other."""
    pruned = compressed(cells)
    drawn = set(zip(pruned["method"], pruned["primary"], strict=True))
    slots = [slot for slot in product(colours, (False, True)) if slot in drawn]
    for marker, method, rows in method_rows(cells, colours):
        for is_primary, part in rows.groupby("primary"):
            shade = colours[method] if is_primary else _pale(colours[method])
            places = np.array([columns.index(level) for level in part["level"]], dtype=float)
            if (method, is_primary) in slots:
                places += 0.88 * ((slots.index((method, is_primary)) + 0.5) / len(slots) - 0.5)
            _draw_intervals(panel, places, part, shade, marker)
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
    sure = exceeds_noise_floor(rows).to_numpy()
    tops = rows["excess_high"].fillna(rows["excess"])[sure]
    above = panel.transData + ScaledTranslation(0, 4 / 72, panel.figure.dpi_scale_trans)
    panel.plot(places[sure], tops, "*", color=colour, ms=4, mew=0, transform=above)


def seed_curve(seeds: pd.DataFrame, pies: pd.DataFrame) -> Figure:
    """Draw what fewer seeds would have found, a line a level, mean over methods.

    Even numbers of seeds make ties, which odd ones do not: a line through both is a zigzag.
    """
    odd = seeds["seeds"] % 2 == 1
    seeds = seeds[odd] if odd.any() else seeds
    examples = pies.groupby("dataset")["examples"].first()
    per_cent = 100 / seeds["dataset"].map(examples)
    for column in ("pies", "excess"):
        for name in (column, f"{column}_sd"):
            seeds = seeds.assign(**{name: seeds[name] * per_cent})
    pairs, looks = pairs_of(seeds), level_looks(seeds)
    figure, panels = grid(len(pairs), len(CURVES), 2.3, 1.9)
    for row, pair in zip(panels, pairs, strict=True):
        for panel, (column, label) in zip(row, CURVES.items(), strict=True):
            for level, rows in working(pruned_rows_of(seeds, pair)).groupby("level"):
                _draw_curve(panel, rows, column, looks[level], said(level))
            panel.set(xlabel="Seeds", ylabel=label)
            label_whole_numbers(panel)
            if column != "excess":
                panel.set_ylim(bottom=0)
        row[0].set_ylabel(f"{', '.join(pair)}\n{CURVES['pies']}")
    legend(figure, labelled(panels.flat), level_axis())
    return figure


def _draw_curve(panel: Axes, rows: pd.DataFrame, column: str, look: dict, label: str) -> None:
    """Draw a line of means over methods, and the standard deviation over draws of seeds."""
    by_seeds = rows.groupby("seeds")
    means, spread = by_seeds[column].mean(), by_seeds[f"{column}_sd"].mean()
    panel.plot(means.index, means, label=label, **look)
    ends = means - spread, means + spread
    panel.fill_between(means.index, *ends, color=look["color"], alpha=0.13, lw=0)
    if rows["collapsed"].any():
        draw_hollow(panel, means.index, means, look["marker"], look["color"])
