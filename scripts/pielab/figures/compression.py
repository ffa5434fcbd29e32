"""Figures of what compression costs and gives, and of the layers that made its flips."""

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from pielab.figures import palettes
from pielab.figures.marks import COLLAPSED, draw_hollow
from pielab.figures.panels import (
    PANEL,
    grid,
    label_whole_numbers,
    labelled,
    legend,
    method_rows,
    pair_panels,
    pairs_of,
    rows_of,
)

MOST = 100  # negative flips that are drawn
STEP = 1.8  # percent of the dense size by which methods of the same size stand apart
SHORT = {"encoder.encoder.": "", "attention.self.": ""}  # in layers' names on the map


def frontier(table: pd.DataFrame, colours: dict[str, tuple]) -> Figure:
    """Draw the excess of negative flips against size, a panel for each pair, a line a method.

    Parameters
    ----------
    table : DataFrame
        frontier.csv: dataset, model, method, collapsed, size_share, negative_flip_excess with its
        interval, examples.
    """
    figure, panels = pair_panels(table)
    for pair, panel in panels.items():
        cells = rows_of(table, pair)
        cells = cells.assign(place=_side_by_side(100 * cells["size_share"]))
        for marker, method, rows in method_rows(cells, colours, by="size_share"):
            _draw_method(panel, rows, marker, method, colours[method])
        panel.axhline(0, color="0.7", lw=0.8, zorder=0)
        panel.set_xlim(0, 105)
        panel.set_xlabel("Size (% of dense)")
        panel.set_ylabel("Excess negative flips\n(% of test)")
    legend(figure, labelled(panels.values()))
    return figure


def _draw_method(panel: Axes, rows: pd.DataFrame, marker: str, method: str, colour: tuple) -> None:
    sizes, columns = rows["place"].to_numpy(), ("", "_low", "_high")
    height, low, high = (
        (100 * rows[f"negative_flip_excess{end}"] / rows["examples"]).to_numpy() for end in columns
    )
    panel.plot(sizes, height, marker=marker, color=colour, label=method)
    panel.vlines(sizes, low, high, color=colour, lw=1)
    collapsed = rows[COLLAPSED].to_numpy(dtype=bool)
    draw_hollow(panel, sizes[collapsed], height[collapsed], marker, colour)


def _side_by_side(sizes: pd.Series) -> pd.Series:
    """Return sizes, percent, with those that are alike to half a percent a step apart."""
    alike = sizes.groupby(sizes.round())
    return sizes + STEP * (alike.cumcount() - (alike.transform("size") - 1) / 2)


def layer_map(table: pd.DataFrame) -> Figure:
    """Draw which layers, put back dense, mend which negative flips, a panel for each pair.

    Of each pair the cell with the most negative flips, and of these as many as can be seen.

    Parameters
    ----------
    table : DataFrame
        layer_map.csv: dataset, model, method, level, layer, flip, lightened.
    """
    pairs = pairs_of(table)
    cells = [_worst(rows_of(table, pair)) for pair in pairs]
    tallest = max(cell["layer"].nunique() for cell in cells)
    height = max(PANEL[1], 0.16 * tallest + 0.9)
    figure, panels = grid(len(pairs), 1, 2 * PANEL[0], height)
    bars = []
    for pair, cell, panel in zip(pairs, cells, panels[:, 0], strict=True):
        drawn = cell.pivot(index="layer", columns="flip", values="lightened")
        drawn = drawn.loc[list(dict.fromkeys(cell["layer"]))].to_numpy()
        order = np.argsort(-drawn[0], kind="stable")[:MOST]
        colours = palettes.color_map("vlag_r")
        bars.append(panel.pcolormesh(drawn[:, order], cmap=colours, vmin=-1, vmax=1))
        names = [_short(name) for name in dict.fromkeys(cell["layer"])]
        panel.set_yticks(np.arange(len(names)) + 0.5, names, fontsize=6)
        panel.invert_yaxis()
        panel.set_title(f"{', '.join(pair)}\n{cell['method'].iloc[0]}")
        label_whole_numbers(panel)
        panel.set_xlabel("Negative flips")
        panel.set_ylabel("Layer put back")
    figure.colorbar(bars[0], ax=panels, label="More models right (share)")
    return figure


def _worst(rows: pd.DataFrame) -> pd.DataFrame:
    """Return the rows of the cell with the most negative flips."""
    keys = ["method", "level"]
    flips = rows.groupby(keys, sort=False)["flip"].nunique()
    return rows.set_index(keys).loc[[flips.idxmax()]].reset_index()


def _short(name: str) -> str:
    for part, short in SHORT.items():
        name = name.replace(part, short)
    return name
