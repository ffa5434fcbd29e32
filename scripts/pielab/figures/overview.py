"""The figure of the first screen: what compression costs, and how many answers it changes."""

from typing import Any

import numpy as np
import pandas as pd
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch

from pielab.analysis.cell_tables import surely_above_seeds
from pielab.cells import AS_GIVEN, read_level
from pielab.figures.counts import units_of
from pielab.figures.levels import compressed, said
from pielab.figures.marks import COLLAPSED
from pielab.figures.panels import MARKERS, grid, labelled, legend, pairs_of, rows_of

FLOORS = ("0.82", "0.9")  # greys of the noise floors, the primary comparison in front
PALE = 0.4  # opacity of the other comparison
MOST_NAMED = 8  # points of a panel with their level beside them
SPOTS = [(points, side) for points in (3, -9, 12, -18) for side in (1, -1)]  # of labels, points
LETTER = (0.013, 0.09)  # width and height in parts of a panel, at 7 points
X, Y, ENDS = "change", "excess", ["excess_low", "excess_high"]


def overview(pies: pd.DataFrame, colours: dict[str, tuple]) -> Figure:
    """Draw the excess of PIEs against the change of the score, a point a cell and baseline.

    The band reaches down from 0 by as many PIEs as seeds alone make: in it a cell has no more of
    them. Working cells set the limits; collapsed ones beyond them stand at the edge. Of one model a
    side there is no such floor: the PIEs themselves, with their interval over examples.

    Parameters
    ----------
    pies : DataFrame
        pies.csv of the test split, with a row for each baseline of a cell.
    colours : dict
        The colour of each method, in the order of their markers.
    """
    single = pies[Y].isna().all() and (pies["units"] == 1).all()
    if single:
        pies = pies.assign(**_of_single(pies))
    per_cent = {name: 100 * pies[name] / pies["examples"] for name in (Y, *ENDS, "noise_floor")}
    change = 100 * (pies["score_compressed"] - pies["score_baseline"])
    pies = pies.assign(**per_cent, **{X: change}).dropna(subset=[X, Y])
    pairs = pairs_of(pies)
    columns = min(2 if len(pairs) <= 4 else 4, max(1, len(pairs)))
    size = (6.0, 2.2) if len(pairs) == 1 else (4.6, 2.0) if columns == 2 else (2.7, 2.0)
    figure, panels = grid(max(1, -(-len(pairs) // columns)), columns, *size)
    for panel in panels.flat[len(pairs) :]:
        panel.set_visible(False)
    for pair, panel in zip(pairs, panels.flat, strict=False):
        rows = rows_of(pies, pair)
        _draw_pair(panel, rows, colours)
        shown = f"{rows['examples'].iloc[0]:,} texts, {_members(rows)}"
        panel.set_title(f"{', '.join(pair)} ({shown})")
    for panel in panels.flat[: len(pairs)][-columns:]:  # the lowest of each column
        panel.set_xlabel("Score change (points)")
    beyond = "" if single else f"beyond {units_of(pies)} "
    for panel in panels[:, 0]:
        panel.set_ylabel(f"Answers changed\n{beyond}(% of texts)")
    handles = _handles(pies)
    if single:
        del handles[_floor(pies)]
    legend(figure, handles | labelled(panels.flat))
    return figure


def _of_single(pies: pd.DataFrame) -> dict[str, pd.Series | float]:
    """Return what stands for the excess of one model a side, of which no floor is known: PIEs."""
    ends = {f"{Y}_{end}": pies[f"pie_share_{end}"] * pies["examples"] for end in ("low", "high")}
    return {Y: pies["pies"], **ends, "noise_floor": 0.0}


def _floor(pies: pd.DataFrame) -> str:
    return f"what {units_of(pies)} make"


def _members(rows: pd.DataFrame) -> str:
    number = rows["units"].iloc[0]
    return "one model a side" if number == 1 else f"{number} {units_of(rows)}"


def _draw_pair(panel: Axes, rows: pd.DataFrame, colours: dict[str, tuple]) -> None:
    for is_primary, shade in ((False, FLOORS[1]), (True, FLOORS[0])):
        floors = rows.loc[rows["primary"] == is_primary, "noise_floor"]
        if len(floors):
            panel.axhspan(-floors.mean(), 0, color=shade, lw=0, zorder=0.5)
    panel.axhline(0, color="0.5", lw=0.8, zorder=1)
    panel.axvline(0, color="0.5", lw=0.8, zorder=1)
    limits = _limits(rows)
    within = [(low + 0.03 * (high - low), high - 0.03 * (high - low)) for low, high in limits]
    rows = rows.assign(**{X: rows[X].clip(*within[0]), Y: rows[Y].clip(*within[1])})
    named = compressed(rows)["primary"].sum() <= MOST_NAMED
    for index, (method, colour) in enumerate(colours.items()):
        own = rows[rows["method"] == method]
        for _, cell in own.groupby("level"):
            panel.plot(cell[X], cell[Y], color=colour, lw=0.6, alpha=0.5, zorder=1.5)
        for row in own.sort_values("primary").itertuples():
            _draw_cell(panel, row, colour, MARKERS[index % len(MARKERS)])
        if len(own):
            marker = MARKERS[index % len(MARKERS)]
            panel.plot([], [], marker, color=colour, label=method)
    for sure in rows[surely_above_seeds(rows) & ~rows[COLLAPSED]].itertuples():
        ring: dict[str, Any] = {"ms": 9 if named else 7, "mfc": "none", "mew": 0.9}
        panel.plot(getattr(sure, X), getattr(sure, Y), "o", color="black", zorder=4, **ring)
    panel.set(xlim=limits[0], ylim=limits[1])
    if named:
        _name_points(panel, compressed(rows[rows["primary"]]), limits)


def _name_points(panel: Axes, rows: pd.DataFrame, limits: list[tuple[float, float]]) -> None:
    """Write levels beside their points, each where it hides no other, as far as there is room."""
    taken: list[tuple[float, float, float]] = []  # left, bottom and width, in parts of the panel
    rows = rows[rows["level_text"] != read_level(AS_GIVEN).text]  # the legend says more
    for row in rows.sort_values("level", ascending=False).itertuples():
        words = said(row.level)
        x, y = ((getattr(row, name) - low) / (high - low)
                for name, (low, high) in zip((X, Y), limits, strict=True))  # fmt: skip
        width = LETTER[0] * (len(words) + 1)  # and what lies between
        for points, sign in SPOTS:
            box = (x if sign > 0 else x - width, y + points / 100, width)
            if not any(_meet(box, other) for other in taken):
                break
        else:
            continue  # no room
        taken.append(box)
        look: dict[str, Any] = {"textcoords": "offset points", "fontsize": 7}
        look |= {"xytext": (4 * sign, points), "ha": "left" if sign > 0 else "right"}
        panel.annotate(words, (getattr(row, X), getattr(row, Y)), **look)


def _meet(one: tuple[float, float, float], other: tuple[float, float, float]) -> bool:
    apart = one[0] + one[2] < other[0] or other[0] + other[2] < one[0]
    return not apart and abs(one[1] - other[1]) < LETTER[1]


def _draw_cell(panel: Axes, row: Any, colour: tuple, marker: str) -> None:
    look: dict[str, Any] = {"color": colour, "zorder": 3 if row.primary else 2}
    look |= {} if row.primary else {"alpha": PALE}
    if not row.collapsed:
        panel.vlines(getattr(row, X), *(getattr(row, end) for end in ENDS), lw=1, **look)
    face = "white" if row.collapsed else colour
    panel.plot(getattr(row, X), getattr(row, Y), marker, mfc=face, clip_on=False, **look)


def _limits(rows: pd.DataFrame) -> list[tuple[float, float]]:
    """Return the least and the most of both axes that the cells that work need, and 0."""
    kept = rows if rows[COLLAPSED].all() else rows[~rows[COLLAPSED]]
    needed = kept[[X]].to_numpy(), np.c_[kept[[Y, *ENDS]], -kept["noise_floor"]]
    limits = []
    for values in needed:
        low, high = min(0.0, np.nanmin(values)), max(0.0, np.nanmax(values))
        room = 0.08 * (high - low) or 1.0
        limits.append((float(low - room), float(high + room)))
    return limits


def _handles(pies: pd.DataFrame) -> dict[str, Artist]:
    """Return what the legend says beside the methods."""
    round_: dict[str, Any] = {"ls": "", "marker": "o", "color": "0.3"}
    handles: dict[str, Artist] = {}
    if not pies["primary"].all():
        handles["against trained as long"] = Line2D([], [], **round_)
        handles["against dense"] = Line2D([], [], **round_ | {"alpha": PALE})
    if (surely_above_seeds(pies) & ~pies[COLLAPSED]).any():
        ring = {"mfc": "none", "ms": 9, "color": "black"}
        handles["more than seeds (yes)"] = Line2D([], [], **round_ | ring)
    handles[_floor(pies)] = Patch(color=FLOORS[0])
    if pies[COLLAPSED].any():
        handles[COLLAPSED] = Line2D([], [], **round_ | {"mfc": "white"})
    return handles
