"""Figure of the scores on PIEs: slopes from the baseline to each method."""

from typing import Any

import numpy as np
import pandas as pd
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from pielab.figures.levels import compressed
from pielab.figures.marks import COLLAPSED, CONSTANT, draw_hollow, titled
from pielab.figures.panels import grid, label_levels, labelled, legend, levels_of, pairs_of, rows_of

HALF = 0.28  # of a slope's width, where levels are 1 apart
ALL, ON_PIES = "all examples: baseline to method", "PIEs (method's colour): baseline to method"
LOOKS: dict[str, dict[str, Any]] = {
    ALL: {"marker": "o", "color": "0.45", "ls": "-"},
    ON_PIES: {"marker": "s", "ls": "-"},
}
COLUMNS = {ALL: "score_{}", ON_PIES: "score_{}_on_pies"}


def score_on_pies(
    pies: pd.DataFrame, measures: dict[str, str], colours: dict[str, tuple]
) -> Figure:
    """Draw slopes from the baseline's score to the method's, on all examples and on PIEs.

    A row a pair, a column a method, a slope a level; intervals are those on PIEs.
    """
    levels, pairs = levels_of(pies), pairs_of(pies)
    methods = [method for method in colours if (pies["method"] == method).any()]
    size = 1.15 + 1.2 / len(methods), 1.6 + 0.2 / len(pairs)  # a few panels leave room for words
    figure, panels = grid(len(pairs), len(methods), *size, sharey="row")
    for row, pair in zip(panels, pairs, strict=True):
        cells = rows_of(pies, pair)
        for panel, method in zip(row, methods, strict=True):
            rows = cells[cells["method"] == method].sort_values("level")
            shown = levels if len(compressed(rows)) else [0]
            for cell in rows.to_dict("records"):
                _draw_slopes(panel, shown.index(cell["level"]), cell, colours[method])
            panel.axhline(cells["constant_score"].iloc[0], **CONSTANT, label="best constant answer")
            panel.set_title(titled(method, pies))
            label_levels(panel, shown)
            panel.tick_params(labelbottom=True)
        row[0].set_ylabel(f"{', '.join(pair)}\n{measures[pair[0]]} (test)")
    handles: dict[str, Artist] = {
        label: Line2D([0], [0], **{"color": "black"} | look) for label, look in LOOKS.items()
    }
    handles["95 % interval on PIEs"] = Line2D([0], [0], color="black", lw=0.8)
    legend(figure, handles | labelled(panels.flat))
    return figure


def _draw_slopes(panel: Axes, place: int, cell: dict[str, Any], colour: tuple) -> None:
    ends = np.array([place - HALF, place + HALF])
    for label, column in COLUMNS.items():
        look = {"color": colour} | LOOKS[label]
        names = [column.format(side) for side in ("baseline", "compressed")]
        scores = np.array([cell[name] for name in names])
        panel.plot(ends, scores, ms=3.2, **look)
        if cell[COLLAPSED]:
            draw_hollow(panel, ends, scores, look["marker"], look["color"], ms=3.2)
        if label == ON_PIES:
            low, high = ([cell[f"{name}_{end}"] for name in names] for end in ("low", "high"))
            panel.vlines(ends, low, high, color=colour, lw=0.8)
