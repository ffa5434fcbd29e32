"""Figure of the comparison with the published scores."""

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from pielab.figures.levels import level_axis, said
from pielab.figures.marks import COLLAPSED, draw_hollow
from pielab.figures.panels import (
    DENSE,
    MARKERS,
    labelled,
    legend,
    pair_panels,
    rows_of,
    without_panels,
)
from pielab.vocabulary import MODELS


def paper_comparison(
    comparison: pd.DataFrame, pies: pd.DataFrame, colours: dict[str, tuple]
) -> Figure:
    """Draw our score minus the published one, in published standard deviations.

    `pies` is pies.csv, one row a cell, and says which have collapsed.
    """
    shared = comparison[comparison["found"] == "both"]
    shared = shared.merge(pies[[*MODELS, COLLAPSED]], on=list(MODELS), how="left")
    if shared.empty:
        return without_panels("No cell of this study has a published score.")
    levels, order = sorted(set(shared["level"])), [*colours, DENSE]
    figure, panels = pair_panels(shared)
    for pair, panel in panels.items():
        for method, rows in rows_of(shared, pair).sort_values("level").groupby("method"):
            places = [levels.index(level) for level in rows["level"]]
            shade = colours.get(method, "black")
            marker = MARKERS[order.index(method) % len(MARKERS)]
            panel.plot(places, rows["difference_in_std"], marker=marker, color=shade, label=method)
            hollow = rows[COLLAPSED].eq(True).to_numpy()
            heights = rows["difference_in_std"][hollow]
            draw_hollow(panel, np.array(places)[hollow], heights, marker, shade)
        panel.axhline(0, color="0.5", lw=0.8)
        panel.axhspan(-2, 2, color="0.9", lw=0, zorder=0)
        names = [said(level) if level else DENSE for level in levels]
        panel.set_xticks(range(len(levels)), names)
        panel.set(xlabel=level_axis(), ylabel="Ours - published (std)")
    handles = labelled(panels.values())
    legend(figure, {name: handles[name] for name in [*order, COLLAPSED] if name in handles})
    return figure
