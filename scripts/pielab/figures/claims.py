"""Figures of the scorecard and of the comparison with the published scores."""

import textwrap
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from pielab.figures.marks import COLLAPSED, draw_hollow
from pielab.figures.panels import (
    DENSE,
    MARKERS,
    grid,
    labelled,
    legend,
    pair_panels,
    pairs_of,
    rows_of,
)
from pielab.vocabulary import (
    INCONCLUSIVE,
    MODELS,
    NOT_REPRODUCED,
    ONLY_UNMATCHED,
    REPRODUCED,
    UNTESTABLE,
)

SHADES = {
    REPRODUCED: "#9ccbe8",
    NOT_REPRODUCED: "#f0b27a",
    INCONCLUSIVE: "0.9",
    UNTESTABLE: "0.97",
}


def scorecard(claims: pd.DataFrame) -> Figure:
    """Draw the verdict on each claim, with its effect and interval, a column a pair."""
    pairs, numbers = pairs_of(claims), sorted(claims["claim"].unique())
    figure, panels = grid(1, 1, 2.6 + 1.9 * len(pairs), 0.45 * len(numbers) + 0.6)
    panel = panels[0, 0]
    names = claims.drop_duplicates("claim").set_index("claim")
    for row in claims.itertuples():
        x, y = pairs.index((row.dataset, row.model)), numbers.index(row.claim)
        panel.add_patch(Rectangle((x, y), 1, 1, facecolor=SHADES[row.verdict], ec="white", lw=2))
        panel.annotate(_words(row), (x + 0.5, y + 0.5), ha="center", va="center")
    labels = [
        f"{number}. {names.loc[number, 'name']}\n{names.loc[number, 'effect_name']}"
        for number in numbers
    ]
    panel.set_yticks(np.arange(len(numbers)) + 0.5, labels)
    panel.set_xticks(np.arange(len(pairs)) + 0.5, ["\n".join(pair) for pair in pairs])
    panel.set(xlim=(0, len(pairs)), ylim=(len(numbers), 0))
    panel.xaxis.tick_top()
    panel.tick_params(length=0)
    panel.grid(False)
    panel.spines[:].set_visible(False)
    return figure


def _words(row: Any) -> str:
    """Return what stands in a field: the verdict, and the effect or why there is none."""
    if np.isnan(row.effect) or np.isnan(row.low):
        return "\n".join([row.verdict, *textwrap.wrap(str(row.note), 28)])
    only = " (only unmatched)" if str(row.note).startswith(ONLY_UNMATCHED) else ""
    return f"{row.verdict}{only}\n{row.effect:.3g} [{row.low:.3g}, {row.high:.3g}]"


def paper_comparison(
    comparison: pd.DataFrame, pies: pd.DataFrame, colours: dict[str, tuple]
) -> Figure:
    """Draw our score minus the published one, in published standard deviations.

    `pies` is pies.csv, one row a cell, and says which have collapsed.
    """
    shared = comparison[comparison["found"] == "both"]
    shared = shared.merge(pies[[*MODELS, COLLAPSED]], on=list(MODELS), how="left")
    levels, order = sorted(set(shared["sparsity"])), [*colours, DENSE]
    figure, panels = pair_panels(shared)
    for pair, panel in panels.items():
        for method, rows in rows_of(shared, pair).sort_values("sparsity").groupby("method"):
            places = [levels.index(level) for level in rows["sparsity"]]
            shade = colours.get(method, "black")
            marker = MARKERS[order.index(method) % len(MARKERS)]
            panel.plot(places, rows["difference_in_std"], marker=marker, color=shade, label=method)
            hollow = rows[COLLAPSED].eq(True).to_numpy()
            heights = rows["difference_in_std"][hollow]
            draw_hollow(panel, np.array(places)[hollow], heights, marker, shade)
        panel.axhline(0, color="0.5", lw=0.8)
        panel.axhspan(-2, 2, color="0.9", lw=0, zorder=0)
        names = [f"{level:g}" if level else DENSE for level in levels]
        panel.set_xticks(range(len(levels)), names)
        panel.set(xlabel="Sparsity (%)", ylabel="Ours - published (std)")
    handles = labelled(panels.values())
    legend(figure, {name: handles[name] for name in [*order, COLLAPSED] if name in handles})
    return figure
