"""Figure of the data map: how sure models are of each text's label, and how much that varies."""

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from pielab.figures.panels import grid, labelled, legend, pairs_of, rows_of, without_panels
from pielab.figures.style import PIE_SHADE, PLAIN_SHADE

SIDE = 2.7  # inches, of a panel
AREA = 5.0  # of a marker, in points, times the square root of how many texts it stands for
OVER = {  # what the mean and the deviation are over: the words of a panel
    "models": "test texts, over models",
    "epochs": "training texts, over epochs",
}


def data_map(table: pd.DataFrame) -> Figure:
    """Draw where texts and PIEs are: a row a dataset and model, a panel a kind of map."""
    if table.empty:
        return without_panels("How sure models are is not known, so there is no map.")
    pairs = pairs_of(table)
    kinds = [kind for kind in OVER if (table["over"] == kind).any()]
    figure, panels = grid(len(pairs), len(kinds), SIDE, SIDE)
    for pair, row in zip(pairs, panels, strict=True):
        of_pair = rows_of(table, pair)
        for kind, panel in zip(kinds, row, strict=True):
            _draw(panel, of_pair[of_pair["over"] == kind])
            panel.set_title(f"{', '.join(pair)}: {OVER[kind]}")
        row[0].set_ylabel("Probability of the label, mean")
    legend(figure, labelled(panels.flat))
    return figure


def _draw(panel: Axes, cells: pd.DataFrame) -> None:
    """Draw the cells of a grid, larger the more texts, and above them those with PIEs."""
    for column, colour, marker in (("texts", PLAIN_SHADE, "o"), ("pies", PIE_SHADE, "D")):
        shown = cells[cells[column] > 0]
        panel.scatter(
            shown["variability"],
            shown["confidence"],
            s=AREA * np.sqrt(shown[column]) ** 1.3,
            color=colour,
            marker=marker,
            alpha=0.45 if column == "texts" else 0.9,
            lw=0,
            label="all texts" if column == "texts" else "PIEs",
        )
    words = (("easy", 0.01, 0.86), ("ambiguous", 0.4, 0.3), ("hard, or wrong label", 0.01, 0.12))
    for word, x, y in words:
        panel.text(x, y, word, fontsize=6.5, color="0.25")
    panel.set_xlabel("Its standard deviation")
    panel.set_xlim(0, 0.52)
    panel.set_ylim(0, 1)
