"""Figures of PIE sets across cells: which overlap, and in how many cells an example is a PIE."""

import numpy as np
import pandas as pd
from matplotlib.figure import Figure
from matplotlib.patches import Patch

from pielab.figures.marks import HATCH, name_hatched
from pielab.figures.panels import (
    grid,
    label_whole_numbers,
    labelled,
    legend,
    pair_panels,
    rows_of,
)


def pie_overlap(overlap: pd.DataFrame) -> Figure:
    """Draw the overlap of the PIE sets of all cells of a dataset as a heat map."""
    datasets = list(overlap["dataset"].unique())
    figure, panels = grid(len(datasets), 1, 5.2, 4.4)
    for panel, dataset in zip(panels[:, 0], datasets, strict=True):
        rows = overlap[overlap["dataset"] == dataset]
        cells = rows[["model", "method", "sparsity", "collapsed"]].drop_duplicates()
        jaccard = rows["jaccard"].to_numpy().reshape(len(cells), len(cells))
        mesh = panel.pcolormesh(jaccard, vmin=0, vmax=1, cmap="viridis")
        groups = cells.groupby(["model", "method"], sort=False).size()
        bounds = np.r_[0, groups.cumsum()]
        for bound in bounds[1:-1]:
            panel.axhline(bound, color="white", lw=0.6)
            panel.axvline(bound, color="white", lw=0.6)
        for place in np.flatnonzero(cells["collapsed"]):
            for span in (panel.axhspan, panel.axvspan):
                span(place, place + 1, fill=False, alpha=0.6, **HATCH)
        if cells["collapsed"].any():
            name_hatched(panel)
        middles, names = (bounds[:-1] + bounds[1:]) / 2, [" ".join(key) for key in groups.index]
        panel.set_xticks(middles, names, rotation=90)
        panel.set_yticks(middles, names)
        panel.set(title=dataset, aspect="equal")
        panel.invert_yaxis()
        panel.grid(False)
        figure.colorbar(mesh, ax=panel, label="Overlap of PIE sets (Jaccard)", shrink=0.7)
    legend(figure, labelled(panels.flat))
    return figure


def persistence(table: pd.DataFrame) -> Figure:
    """Draw in how many cells examples are PIEs, and what independent cells would give.

    Parameters
    ----------
    table : DataFrame
        persistence.csv of the cells that work; of a pair without any, of its collapsed cells.
    """
    figure, panels = pair_panels(table)
    for pair, panel in panels.items():
        rows = rows_of(table, pair)
        total = rows["examples"].sum()
        look = {} if rows["without_collapsed"].all() else HATCH
        shares = 100 * rows["examples"] / total
        panel.bar(rows["cells"], shares, color="C0", **look)
        if look:
            name_hatched(panel)
        expected = 100 * rows["expected"] / total
        panel.plot(rows["cells"], expected, "k.--", lw=0.8, label="if cells were independent")
        panel.set(xlabel=f"PIE in so many of {len(rows) - 1} cells", ylabel="Test examples (%)")
        label_whole_numbers(panel)
    legend(figure, {"examples": Patch(color="C0")} | labelled(panels.values()))
    return figure
