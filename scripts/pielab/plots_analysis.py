"""Figures of influence, text complexity and flips.

Tables are those of results/tables. Means over methods are over pruned cells: the control, whose
sparsity is 0, is left out.
"""

from collections.abc import Sequence

import numpy as np
import pandas as pd
import seaborn as sns
from matplotlib import pyplot as plt
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from pielab import plots
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

FLIPS = {"good_flips": "good", "both_wrong": "both wrong", "bad_flips": "bad"}


def influence_pies(bins: pd.DataFrame) -> Figure:
    """Draw the share of PIEs in each influence bin, a line a sparsity, mean over methods."""
    return _draw_bins(bins.assign(pie_share=100 * bins["pie_share"]), "pie_share", "PIEs (%)")


def influence_loss(bins: pd.DataFrame) -> Figure:
    """Draw the loss change in each influence bin with its standard error, mean over methods."""
    return _draw_bins(bins, "loss_change", "Loss change (nats)", "loss_change_se")


def influence_loss_ratio(bins: pd.DataFrame) -> Figure:
    """Draw the mean pruned loss over the mean dense loss in each influence bin, as above."""
    return _draw_bins(bins, "ratio_of_means", "Loss, pruned / dense", "ratio_of_means_se", 1)


def _draw_bins(
    bins: pd.DataFrame, column: str, label: str, error: str | None = None, same: float = 0
) -> Figure:
    colours = level_colours(bins)
    figure, axes = panels(bins)
    for pair, one in axes.items():
        for level, rows in of_pair(bins, pair).groupby("sparsity"):
            means = rows.groupby("bin")[[column, *([error] if error else [])]].mean()
            one.plot(
                means.index, means[column], "o-", ms=3, color=colours[level], label=f"{level:g}"
            )
            if error:
                ends = (means[column] + side * means[error] for side in (-1, 1))
                one.fill_between(means.index, *ends, color=colours[level], alpha=0.2, lw=0)
        one.set(xlabel="EL2N bin (right: most influential)", ylabel=label)
        one.xaxis.get_major_locator().set_params(integer=True)
        if error:
            one.axhline(same, color="0.5", lw=0.8)
        else:
            one.set_ylim(bottom=0)
    legend(figure, labelled(axes.values()), "Sparsity (%)")
    return figure


def influence_top(top: pd.DataFrame) -> Figure:
    """Draw the share of PIEs among the most influential against their share among all.

    A thin line is a method's interval, a marker the mean over methods.

    Parameters
    ----------
    top : DataFrame
        influence_top.csv.
    """
    levels, percents = sorted(set(top["sparsity"]) - {0}), sorted(set(top["top_percent"]))
    shades = sns.color_palette("crest_r", len(percents))
    figure, axes = panels(top)
    for pair, one in axes.items():
        part = of_pair(top, pair)
        width = 0.8 / len(percents)  # of a level's 1
        for index, (percent, shade) in enumerate(zip(percents, shades, strict=True)):
            rows = part[part["top_percent"] == percent]
            ticks = rows["sparsity"].map(levels.index) - 0.4 + width * (index + 0.5)
            ranks = rows.groupby("sparsity").cumcount() + 0.5
            methods = rows.groupby("sparsity")["method"].transform("size")
            places = ticks + 0.7 * width * (ranks / methods - 0.5)
            ends = 100 * rows["pie_share_low"], 100 * rows["pie_share_high"]
            one.vlines(places, *ends, color=shade, alpha=0.5, lw=0.8)
            means = (100 * rows["pie_share"]).groupby(ticks).mean()
            matched = (100 * rows["chance_matched"]).groupby(ticks).mean()
            ends = matched.index - 0.45 * width, matched.index + 0.45 * width
            one.hlines(matched, *ends, color="black", ls=":", label="at the same vote margin")
            style = dict(ls="", ms=4.5, mec="white", mew=0.5, clip_on=False)
            marker = plots.MARKERS[index % len(plots.MARKERS)]
            one.plot(
                means.index, means, marker, color=shade, label=f"top {percent:g} % by EL2N", **style
            )
        chance = (100 * part["chance"]).groupby(part["sparsity"].map(levels.index)).mean()
        ends = chance.index - 0.44, chance.index + 0.44
        one.hlines(chance, *ends, color="black", label="all training examples (chance)")
        one.set_ylabel("PIEs (% of the examples)")
        one.set_xlim(-0.6, len(levels) - 0.4)
        one.set_ylim(bottom=0)
        label_levels(one, levels)
    legend(figure, labelled(axes.values()))
    return figure


def complexity_of_pies(complexity: pd.DataFrame, drawn: Sequence[str]) -> Figure:
    """Draw the distributions of measures for PIEs and other test examples, by sparsity.

    A box's quantiles are means over methods.
    """
    tests = complexity[complexity["split"] == "test"]
    pairs, levels = pairs_of(tests), sorted(set(tests["sparsity"]) - {0})
    figure, axes = grid(len(pairs), len(drawn), 0.7 + 0.4 * len(levels), plots.PANEL[1])
    for row, pair in zip(axes, pairs, strict=True):
        part = of_pair(tests, pair)
        for one, measure in zip(row, drawn, strict=True):
            means = part[part["measure"] == measure].groupby("sparsity").mean(numeric_only=True)
            for shift, group, colour in ((-0.2, "pies", "C1"), (0.2, "others", "0.75")):
                _draw_boxes(one, means, levels, group, shift, colour)
            one.set_title(measure.replace("_", " "))
            one.set_xlim(-0.6, len(levels) - 0.4)
            label_levels(one, levels)
        row[0].set_ylabel(", ".join(pair))
    patches = [plt.Rectangle((0, 0), 1, 1, facecolor=colour) for colour in ("C1", "0.75")]
    legend(figure, dict(zip(["PIEs", "other examples"], patches, strict=True)))
    return figure


def _draw_boxes(
    axes: Axes, means: pd.DataFrame, levels: list[float], group: str, shift: float, colour: str
) -> None:
    names = {"whislo": "p05", "q1": "p25", "med": "median", "q3": "p75", "whishi": "p95"}
    columns = {key: f"{name}_{group}" for key, name in names.items()}
    known = means[list(columns.values())].dropna()
    boxes = [{key: row[name] for key, name in columns.items()} for _, row in known.iterrows()]
    axes.bxp(
        boxes,
        positions=[levels.index(level) + shift for level in known.index],
        **dict(widths=0.35, showfliers=False, patch_artist=True, manage_ticks=False),
        boxprops={"facecolor": colour, "lw": 0.6},
        medianprops={"color": "black"},
    )


def tokens_of_pies(complexity: pd.DataFrame, colours: dict[str, tuple]) -> Figure:
    """Draw the mean tokens of PIEs against sparsity: by method, over methods, and of all."""
    tests = complexity[(complexity["split"] == "test") & (complexity["measure"] == "tokens")]
    levels = sorted(set(tests["sparsity"]) - {0})
    figure, axes = panels(tests)
    for pair, one in axes.items():
        part = of_pair(tests, pair).sort_values("sparsity")
        for index, (method, colour) in enumerate(colours.items()):
            rows = part[part["method"] == method]
            if len(rows):
                ticks = [levels.index(level) for level in rows["sparsity"]]
                marker = plots.MARKERS[index % len(plots.MARKERS)]
                one.plot(ticks, rows["mean_pies"], color=colour, marker=marker, label=method)
        means = part.groupby("sparsity")["mean_pies"].mean().reindex(levels)
        one.plot(range(len(levels)), means, color="black", lw=2.2, label="mean over methods")
        one.axhline(part["mean_all"].iloc[0], color="black", ls="--", label="all examples")
        one.set_ylabel("Tokens (mean of PIEs)")
        label_levels(one, levels)
    legend(figure, labelled(axes.values()))
    return figure


def flips(pies: pd.DataFrame, methods: Sequence[str], palette: str) -> Figure:
    """Draw the kinds of flips as stacked shares of the test examples, a column a method."""
    shades = dict(zip(FLIPS, np.array(sns.color_palette(palette, 8))[[2, 7, 3]], strict=True))
    return stacked_pies(pies, methods, FLIPS, shades)
