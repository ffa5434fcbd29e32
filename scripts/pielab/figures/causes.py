"""Figure of what makes texts break: how each factor goes with PIEs, negative flips and shifts."""

from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, LogLocator, NullFormatter

from pielab.causes.factors import ALL_METHODS, NEGATIVE_FLIP, OUTCOMES, PIE, SHIFT
from pielab.figures.panels import grid, labelled, legend, pairs_of, rows_of, without_panels
from pielab.figures.style import PIE_SHADE

WIDTH, LINE = 2.5, 0.17  # inches, of a panel and of a factor
LOOKS: dict[str, dict[str, Any]] = {  # a column: its label and look
    "alone": {"label": "alone", "color": "0.5", "marker": "o", "mfc": "white"},
    "adjusted": {"label": "others held fixed", "color": PIE_SHADE, "marker": "s"},
}
WIDEST = 32.0  # odds ratio at which panels end, and 1 over it: what is wider is cut
TITLES = {
    PIE: "Odds ratio of being a PIE",
    NEGATIVE_FLIP: "Odds ratio of a negative flip",
    SHIFT: "Difference of the shift",
}


def causes(table: pd.DataFrame) -> Figure:
    """Draw what goes with PIEs, negative flips and shifts of test texts, all methods together.

    A row is a dataset and model, a panel an outcome; both share their factors.
    """
    table = table[(table["method"] == ALL_METHODS) & (table["split"] == "test")]
    if table.empty:
        return without_panels("No compressed version works, so nothing is explained.")
    pairs = pairs_of(table)
    number = max(rows_of(table, pair)["factor"].nunique() for pair in pairs)
    figure, panels = grid(len(pairs), len(OUTCOMES), WIDTH, 0.8 + LINE * number)
    for pair, row in zip(pairs, panels, strict=True):
        of_pair = rows_of(table, pair)
        names = of_pair.drop_duplicates("factor").set_index("factor")["factor_name"]
        for outcome, panel in zip(OUTCOMES, row, strict=True):
            _draw(panel, of_pair[of_pair["outcome"] == outcome].set_index("factor"), names, outcome)
        for panel in row[1:]:
            panel.set_yticklabels([])
        row[0].set_title(", ".join(pair))
    legend(figure, labelled(panels.flat))
    return figure


def _draw(panel: Axes, rows: pd.DataFrame, names: pd.Series, outcome: str) -> None:
    """Draw the factors of an outcome, the first on top."""
    is_ratio = outcome != SHIFT
    rows = rows.reindex(names.index)
    for offset, (column, look) in zip((-0.18, 0.18), LOOKS.items(), strict=True):
        places = np.arange(len(names)) + offset
        ends = [rows[f"{column}_{end}"].astype(float) for end in ("low", "high")]
        middle = rows[column].astype(float)
        if is_ratio:
            ends = [end.clip(1 / WIDEST, WIDEST) for end in ends]
            middle = middle.clip(1 / WIDEST, WIDEST)
        panel.hlines(places, *ends, color=look["color"], lw=1)
        panel.plot(middle, places, ls="", ms=3.2, **look)
    panel.axvline(1 if is_ratio else 0, color="0.5", lw=0.8)
    if is_ratio:
        panel.set_xscale("log", base=2)
        panel.xaxis.set_major_locator(LogLocator(base=4, numticks=6))
        panel.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
        panel.xaxis.set_minor_formatter(NullFormatter())
        _keep_within(panel)
    panel.set_yticks(range(len(names)), names)
    panel.set_ylim(len(names) - 0.4, -0.6)
    panel.set_xlabel(TITLES[outcome])
    panel.grid(False, axis="y")


def _keep_within(panel: Axes) -> None:
    """Let a panel of odds ratios end where what is drawn does, and show 1/2 to 2 at least."""
    low, high = panel.get_xlim()
    panel.set_xlim(min(max(low, 0.9 / WIDEST), 0.5), max(min(high, 1.1 * WIDEST), 2))
