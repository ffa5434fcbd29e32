"""How cells look and are named: collapsed ones are hollow markers or hatched areas."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from numpy.typing import ArrayLike

COLLAPSED = "collapsed"  # in legends, and the column of tables
CONSTANT: dict[str, Any] = {"color": "0.5", "ls": "-.", "lw": 0.8}  # the line of its score
HATCH: dict[str, Any] = {"hatch": "/////", "ec": "white", "lw": 0}


def working(
    cells: pd.DataFrame, within: Sequence[str] = ("dataset", "model", "level")
) -> pd.DataFrame:
    """Return the cells that work; of those that are equal `within` all, if none works."""
    none_works = cells.groupby(list(within))[COLLAPSED].transform("all")
    return cells[~cells[COLLAPSED] | none_works]


def titled(method: str, cells: pd.DataFrame) -> str:
    """Return a method with what it is compared with, which goes unsaid if it is one for all."""
    (baseline,) = cells.loc[cells["method"] == method, "baseline"].unique()
    return f"{method}\nagainst {baseline}" if cells["baseline"].nunique() > 1 else method


def draw_hollow(
    panel: Axes, places: ArrayLike, heights: ArrayLike, marker: str, colour: Any, **look: Any
) -> None:
    """Draw markers of collapsed cells, on those that may be there, and name them in the legend."""
    if np.size(places):
        panel.plot(places, heights, marker, color=colour, mfc="white", **{"ms": 5} | look)
        panel.plot([], [], "o", color="0.4", mfc="white", label=COLLAPSED)


def name_hatched(panel: Axes) -> None:
    """Name the hatched areas of a panel in the legend."""
    panel.fill_between([], [], [], facecolor="0.6", label=COLLAPSED, **HATCH)
