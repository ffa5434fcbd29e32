"""Figures of PIE sets across cells: which overlap, and in how many cells an example is a PIE."""

from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Patch

from pielab.figures.levels import level_name
from pielab.figures.marks import HATCH, name_hatched
from pielab.figures.panels import grid, label_whole_numbers, labelled, legend, pair_panels, rows_of
from pielab.figures.style import PLAIN_SHADE

LINE: dict[str, Any] = {"color": "white", "lw": 0.7}  # between the methods of a model

MOST_NAMED = 32  # cells that have a name each; of more, each method has one


def pie_overlap(overlap: pd.DataFrame) -> Figure:
    """Draw the overlap of the PIE sets of all cells of a dataset as a heat map.

    Black lines are between models, white ones between methods, and ticks stand at both.
    """
    datasets = list(overlap["dataset"].unique())
    most = overlap.groupby("dataset").size().max() ** 0.5  # cells
    side = float(np.clip((0.16 if most <= MOST_NAMED else 0.075) * most, 3.2, 8))  # inches
    figure, panels = grid(len(datasets), 1, side + 2, side + 1.2)
    for panel, dataset in zip(panels[:, 0], datasets, strict=True):
        rows = overlap[overlap["dataset"] == dataset]
        cells = rows[["model", "method", "level", "collapsed"]].drop_duplicates()
        jaccard = rows["jaccard"].to_numpy().reshape(len(cells), len(cells))
        mesh = panel.pcolormesh(jaccard, vmin=0, vmax=1, cmap="viridis")
        for place in np.flatnonzero(cells["collapsed"]):
            for span in (panel.axhspan, panel.axvspan):
                span(place, place + 1, fill=False, alpha=0.6, **HATCH)
        if cells["collapsed"].any():
            name_hatched(panel)
        _name_cells(panel, cells)
        panel.set(title=dataset, aspect="equal")
        panel.invert_yaxis()
        panel.grid(False)
        figure.colorbar(mesh, ax=panel, label="Overlap of PIE sets (Jaccard)", shrink=0.7)
    legend(figure, labelled(panels.flat))
    return figure


def _name_cells(panel: Axes, cells: pd.DataFrame) -> None:
    """Draw lines and ticks between the models and methods of cells, and name what lies between."""
    ends_of_models = set(cells.groupby("model", sort=False).size().cumsum())
    ends = [0, *cells.groupby(["model", "method"], sort=False).size().cumsum()]
    for end in ends[1:-1]:
        look = {"color": "black", "lw": 1.4} if end in ends_of_models else LINE
        panel.axhline(end, **look)
        panel.axvline(end, **look)
    names = cells["model"] + " " + cells["method"]
    if len(cells) > MOST_NAMED:
        middles, names = (np.array(ends[1:]) + ends[:-1]) / 2, names.iloc[ends[:-1]]
    else:
        middles = np.arange(len(cells)) + 0.5
        names += [
            f" {level_name(row.level, row.method)}" if row.level else ""
            for row in cells.itertuples()
        ]
    for axis, slant in ((panel.xaxis, {"rotation": 90}), (panel.yaxis, {})):
        axis.set_ticks(ends, [""] * len(ends))
        axis.set_ticks(middles, names, minor=True, fontsize=7, **slant)
    panel.tick_params(which="major", length=8)
    panel.tick_params(which="minor", length=0, pad=9)


def persistence(table: pd.DataFrame) -> Figure:
    """Draw in how many cells examples are PIEs, and what independent cells would give.

    Parameters
    ----------
    table : DataFrame
        persistence.csv of the cells that work; of a pair without any, of its collapsed cells.
    """
    figure, panels = pair_panels(table, sharey=True)
    for pair, panel in panels.items():
        rows = rows_of(table, pair)
        total = rows["examples"].sum()
        look = {} if rows["without_collapsed"].all() else HATCH
        shares = 100 * rows["examples"] / total
        panel.bar(rows["cells"], shares, color=PLAIN_SHADE, **look)
        if look:
            name_hatched(panel)
        expected = 100 * rows["expected"] / total
        panel.plot(rows["cells"], expected, "k.--", lw=0.8, label="if cells were independent")
        panel.tick_params(labelleft=True)
        panel.set(xlabel=f"PIE in so many of {len(rows) - 1} cells", ylabel="Test examples (%)")
        label_whole_numbers(panel)
    legend(figure, {"examples": Patch(color=PLAIN_SHADE)} | labelled(panels.values()))
    return figure
