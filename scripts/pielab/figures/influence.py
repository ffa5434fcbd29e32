"""Figures of influence.

Tables are those of results/tables. Means over methods are over pruned cells that work, of the
collapsed ones where none does; the control, whose sparsity is 0, is left out.
"""

import pandas as pd
import seaborn as sns
from matplotlib.figure import Figure

from pielab.figures.marks import COLLAPSED, draw_hollow, working
from pielab.figures.panels import (
    MARKERS,
    label_levels,
    label_whole_numbers,
    labelled,
    legend,
    level_colours,
    levels_of,
    pair_panels,
    pruned_rows_of,
)


def influence_pies(bins: pd.DataFrame) -> Figure:
    """Draw the share of PIEs in each influence bin, a line a sparsity, mean over methods."""
    return _draw_bins(bins.assign(pie_share=100 * bins["pie_share"]), "pie_share", "PIEs (%)")


def influence_loss(bins: pd.DataFrame) -> Figure:
    """Draw the loss change in each influence bin with its standard error, mean over methods."""
    return _draw_bins(bins, "loss_change", "Loss change (nats)", "loss_change_se")


def influence_loss_ratio(bins: pd.DataFrame) -> Figure:
    """Draw the mean pruned loss over the mean loss of the baseline in each influence bin."""
    figure = _draw_bins(bins, "ratio_of_means", "Loss, pruned / baseline", "ratio_of_means_se", 1)
    for panel in figure.axes:
        panel.set_yscale("log")  # bins that the baseline has learnt have ratios of thousands
    return figure


def _draw_bins(
    bins: pd.DataFrame, column: str, label: str, error: str | None = None, same: float = 0
) -> Figure:
    colours = level_colours(bins)
    figure, panels = pair_panels(bins)
    for pair, panel in panels.items():
        for level, rows in working(pruned_rows_of(bins, pair)).groupby("sparsity"):
            means = rows.groupby("bin")[[column, *([error] if error else [])]].mean()
            panel.plot(
                means.index, means[column], "o-", ms=3, color=colours[level], label=f"{level:g}"
            )
            if rows[COLLAPSED].any():
                draw_hollow(panel, means.index, means[column], "o", colours[level], ms=3)
            if error:
                ends = (means[column] + side * means[error] for side in (-1, 1))
                panel.fill_between(means.index, *ends, color=colours[level], alpha=0.2, lw=0)
        panel.set(xlabel="EL2N bin (right: most influential)", ylabel=label)
        label_whole_numbers(panel)
        if error:
            panel.axhline(same, color="0.5", lw=0.8)
        else:
            panel.set_ylim(bottom=0)
    legend(figure, labelled(panels.values()), "Sparsity (%)")
    return figure


def influence_top(top: pd.DataFrame) -> Figure:
    """Draw the share of PIEs among the most influential against their share among all.

    A marker is a method, in the config's order, with its interval.

    Parameters
    ----------
    top : DataFrame
        influence_top.csv.
    """
    levels, percents = levels_of(top), sorted(set(top["top_percent"]))
    shades = sns.color_palette("crest_r", len(percents))
    figure, panels = pair_panels(top)
    for pair, panel in panels.items():
        part = pruned_rows_of(top, pair)
        width = 0.8 / len(percents)  # of a level's 1
        for index, (percent, shade) in enumerate(zip(percents, shades, strict=True)):
            rows = part[part["top_percent"] == percent]
            ticks = rows["sparsity"].map(levels.index) - 0.4 + width * (index + 0.5)
            ranks = rows.groupby("sparsity").cumcount() + 0.5
            methods = rows.groupby("sparsity")["method"].transform("size")
            places = ticks + 0.7 * width * (ranks / methods - 0.5)
            ends = 100 * rows["pie_share_low"], 100 * rows["pie_share_high"]
            panel.vlines(places, *ends, color=shade, alpha=0.6, lw=0.8)
            matched = (100 * working(rows)["chance_matched"]).groupby(ticks).mean()
            ends = matched.index - 0.45 * width, matched.index + 0.45 * width
            panel.hlines(matched, *ends, color="black", ls=":", label="at the same vote margin")
            panel.plot(
                *(places, 100 * rows["pie_share"], MARKERS[index % len(MARKERS)]),
                color=shade,
                ms=3,
                clip_on=False,
                label=f"top {percent:g} % by EL2N",
            )
            hollow = places[rows[COLLAPSED]], 100 * rows.loc[rows[COLLAPSED], "pie_share"]
            draw_hollow(panel, *hollow, MARKERS[index % len(MARKERS)], shade, ms=3, clip_on=False)
        chance = (100 * working(part)["chance"]).groupby(part["sparsity"].map(levels.index)).mean()
        ends = chance.index - 0.44, chance.index + 0.44
        panel.hlines(chance, *ends, color="black", label="all training examples (chance)")
        panel.set_ylabel("PIEs (% of the examples)")
        panel.set_xlim(-0.6, len(levels) - 0.4)
        panel.set_ylim(bottom=0)
        label_levels(panel, levels)
    legend(figure, labelled(panels.values()))
    return figure
