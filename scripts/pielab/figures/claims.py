"""Figures of the scorecard and of the comparison with the published scores."""

import textwrap

import numpy as np
import pandas as pd
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from pielab.figures.panels import MARKERS, grid, labelled, legend, pairs_of, panels
from pielab.vocabulary import INCONCLUSIVE, NOT_REPRODUCED, ONLY_UNMATCHED, REPRODUCED

SHADES = {REPRODUCED: "#9ccbe8", NOT_REPRODUCED: "#f0b27a", INCONCLUSIVE: "0.9"}


def scorecard(claims: pd.DataFrame) -> Figure:
    """Draw the verdict on each claim, with its effect and interval, a column a pair."""
    pairs, numbers = pairs_of(claims), sorted(claims["claim"].unique())
    figure, axes = grid(1, 1, 2.6 + 1.9 * len(pairs), 0.45 * len(numbers) + 0.6)
    (one,) = axes[0]
    names = claims.drop_duplicates("claim").set_index("claim")
    for row in claims.itertuples():
        x, y = pairs.index((row.dataset, row.model)), numbers.index(row.claim)
        one.add_patch(Rectangle((x, y), 1, 1, facecolor=SHADES[row.verdict], ec="white", lw=2))
        one.annotate(_words(row), (x + 0.5, y + 0.5), ha="center", va="center")
    labels = [
        f"{number}. {names.loc[number, 'name']}\n{names.loc[number, 'effect_name']}"
        for number in numbers
    ]
    one.set_yticks(np.arange(len(numbers)) + 0.5, labels)
    one.set_xticks(np.arange(len(pairs)) + 0.5, ["\n".join(pair) for pair in pairs])
    one.set(xlim=(0, len(pairs)), ylim=(len(numbers), 0))
    one.xaxis.tick_top()
    one.tick_params(length=0)
    one.grid(False)
    one.spines[:].set_visible(False)
    return figure


def _words(row) -> str:
    """Return what stands in a field: the verdict, and the effect or why there is none."""
    if np.isnan(row.effect):
        return "\n".join([row.verdict, *textwrap.wrap(str(row.note), 28)])
    only = " (only unmatched)" if str(row.note).startswith(ONLY_UNMATCHED) else ""
    return f"{row.verdict}{only}\n{row.effect:.3g} [{row.low:.3g}, {row.high:.3g}]"


def paper_comparison(comparison: pd.DataFrame, colours: dict[str, tuple]) -> Figure:
    """Draw our score minus the published one, in published standard deviations."""
    shared = comparison[comparison["found"] == "both"]
    levels, order = sorted(set(shared["sparsity"])), [*colours, "dense"]
    figure, axes = panels(shared)
    for (dataset, model), one in axes.items():
        part = shared[(shared["dataset"] == dataset) & (shared["model"] == model)]
        for method, rows in part.sort_values("sparsity").groupby("method"):
            ticks = [levels.index(level) for level in rows["sparsity"]]
            shade = colours.get(method, "black")
            marker = MARKERS[order.index(method) % len(MARKERS)]
            one.plot(ticks, rows["difference_in_std"], marker=marker, color=shade, label=method)
        one.axhline(0, color="0.5", lw=0.8)
        one.axhspan(-2, 2, color="0.9", lw=0, zorder=0)
        one.set_xticks(range(len(levels)), [f"{level:g}" if level else "dense" for level in levels])
        one.set(xlabel="Sparsity (%)", ylabel="Ours - published (std)")
    found = labelled(axes.values())
    legend(figure, {name: found[name] for name in order if name in found})
    return figure
