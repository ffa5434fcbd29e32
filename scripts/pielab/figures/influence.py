"""Figures of influence.

Tables are those of results/tables. Means over methods are over pruned cells that work, of the
collapsed ones where none does; the control, which is not compressed, is left out.
"""

from itertools import cycle
from typing import Any

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter

from pielab.figures import palettes
from pielab.figures.levels import compressed, level_axis, said
from pielab.figures.marks import COLLAPSED, draw_hollow, titled, working
from pielab.figures.panels import (
    MARKERS,
    grid,
    label_levels,
    label_whole_numbers,
    labelled,
    legend,
    level_looks,
    levels_of,
    pair_panels,
    pairs_of,
    pruned_rows_of,
    rows_of,
)
from pielab.figures.style import darkened
from pielab.influence_measures import words


def influence_pies(bins: pd.DataFrame) -> Figure:
    """Draw the share of PIEs in each influence bin, a line a level, mean over methods."""
    return _draw_bins(bins.assign(pie_share=100 * bins["pie_share"]), "pie_share", "PIEs (%)")


def influence_loss(bins: pd.DataFrame) -> Figure:
    """Draw the loss change in each influence bin with its standard error, mean over methods."""
    return _draw_bins(bins, "loss_change", "Loss change (nats)", "loss_change_se")


def influence_loss_ratio(bins: pd.DataFrame) -> Figure:
    """Draw the mean compressed loss over the mean loss of the baseline in each influence bin."""
    words = "Loss, compressed / baseline"
    figure = _draw_bins(bins, "ratio_of_means", words, "ratio_of_means_se", 1)
    for panel in figure.axes:
        panel.set_yscale("log")  # bins that the baseline has learnt have ratios of thousands
        low, high = panel.get_ylim()
        panel.yaxis.set_major_formatter(FuncFormatter(_plain))
        panel.yaxis.set_minor_formatter(FuncFormatter(_plain) if high < 10 * low else "")
    return figure


def measure_of(table: pd.DataFrame) -> str:
    """Return what the measure is called that a table's rows are of."""
    return words(table["influence_measure"].iloc[0])


def _plain(value: float, _: int) -> str:
    return f"{value:,g}"


def _draw_bins(
    bins: pd.DataFrame, column: str, label: str, error: str | None = None, same: float = 0
) -> Figure:
    looks = level_looks(bins)
    figure, panels = pair_panels(bins)
    for pair, panel in panels.items():
        for level, rows in working(pruned_rows_of(bins, pair)).groupby("level"):
            means = rows.groupby("bin")[[column, *([error] if error else [])]].mean()
            look = looks[level]
            panel.plot(means.index, means[column], ms=3, label=said(level), **look)
            if rows[COLLAPSED].any():
                draw_hollow(panel, means.index, means[column], look["marker"], look["color"], ms=3)
            if error:
                ends = (means[column] + side * means[error] for side in (-1, 1))
                panel.fill_between(means.index, *ends, color=look["color"], alpha=0.2, lw=0)
        panel.set(xlabel=f"{measure_of(bins)} bin (right: most influential)", ylabel=label)
        label_whole_numbers(panel)
        if error:
            panel.axhline(same, color="0.5", lw=0.8)
        else:
            panel.set_ylim(bottom=0)
    legend(figure, labelled(panels.values()), level_axis())
    return figure


def influence_top(top: pd.DataFrame) -> Figure:
    """Draw the share of PIEs among the most influential against their share among all.

    A row a pair, a column a method, each marker with its interval.

    Parameters
    ----------
    top : DataFrame
        influence_top.csv.
    """
    pruned = compressed(top)
    pairs, methods = pairs_of(pruned), list(dict.fromkeys(pruned["method"]))
    width = max(1.4, 4.4 / len(methods))  # inches; a few panels leave room for words
    figure, panels = grid(len(pairs), len(methods), width, 1.8, sharey="row")
    for row, pair in zip(panels, pairs, strict=True):
        cells = rows_of(pruned, pair)
        for panel, method in zip(row, methods, strict=True):
            _draw_top(panel, cells[cells["method"] == method], levels_of(pruned))
            panel.set_title(titled(method, pruned))
        row[0].set_ylabel(f"{', '.join(pair)}\nPIEs (% of the examples)")
        row[0].set_ylim(bottom=0)
    legend(figure, labelled(panels.flat))
    return figure


def _draw_top(panel: Axes, cells: pd.DataFrame, levels: list[float]) -> None:
    """Draw the cells of a method: their most influential examples by how many these are."""
    percents = sorted(set(cells["top_percent"]))
    shades = [darkened(shade) for shade in palettes.color_palette("crest_r", len(percents))]
    step = 0.8 / max(1, len(percents))  # of a level's 1
    levels_at = cells["level"].map(levels.index)
    middles = levels_at - 0.4 + step * (cells["top_percent"].map(percents.index) + 0.5)
    for marker, percent, shade in zip(cycle(MARKERS), percents, shades, strict=False):
        rows = cells[cells["top_percent"] == percent]
        places, shares = middles[rows.index], 100 * rows["pie_share"]
        ends = 100 * rows["pie_share_low"], 100 * rows["pie_share_high"]
        panel.vlines(places, *ends, color=shade, lw=0.8)
        look: dict[str, Any] = {"ms": 3, "clip_on": False}
        name = f"top {percent:g} % by {measure_of(cells)}"
        panel.plot(places, shares, marker, color=shade, label=name, **look)
        hollow = rows[COLLAPSED]
        draw_hollow(panel, places[hollow], shares[hollow], marker, shade, **look)
    ends = middles - 0.45 * step, middles + 0.45 * step
    line: dict[str, Any] = {"color": "black", "ls": ":", "label": "all at the same vote margin"}
    panel.hlines(100 * cells["chance_matched"], *ends, **line)
    chance = (100 * cells["chance"]).groupby(levels_at).first()
    ends = chance.index - 0.44, chance.index + 0.44
    panel.hlines(chance, *ends, color="black", lw=1, label="all training examples (chance)")
    label_levels(panel, levels)
