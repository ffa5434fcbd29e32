"""The figure of the first screen: what compression costs, and how many answers it changes."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import MaxNLocator
from matplotlib.transforms import Bbox

from pielab.analysis.cell_tables import exceeds_noise_floor
from pielab.cells import AS_GIVEN, read_level
from pielab.figures.counts import replicates_of
from pielab.figures.labels import Label, place_labels
from pielab.figures.levels import compressed, level_name
from pielab.figures.marks import COLLAPSED
from pielab.figures.panels import MARKERS, grid, labelled, legend, pairs_of, rows_of
from pielab.vocabulary import BY_ITSELF

MOST_NAMED = 8  # compressed cells of a panel with their level beside them
FEWEST_TO_CUT = 5  # compressed cells of a panel from which on far ones stand at the edge
FAR = 3  # times as far from 0 as the next cell
CUT_SHARE = 0.25  # of the cells, at most
SIZES = {1: (6.0, 2.3), 2: (4.6, 2.2), 3: (3.15, 2.6), 4: (4.6, 2.1)}  # inches, by pairs
X, Y, ENDS = "change", "excess", ["excess_low", "excess_high"]
OUTSIDE = "outside"  # cells that stand at the edge


def overview(pies: pd.DataFrame, colours: dict[str, tuple], measures: Mapping[str, str]) -> Figure:
    """Draw the excess of PIEs against the change of the score, a point a cell.

    Cells that are much farther away than the others, and collapsed ones beyond these, stand at
    the edge with their numbers. With one model on each side no excess is known: the PIEs
    themselves, with their interval over examples.

    Parameters
    ----------
    pies : DataFrame
        pies.csv of the test split, a row a cell, each with its primary baseline.
    colours : dict
        The colour of each method, in the order of their markers.
    measures : mapping
        What the score of each dataset is called.
    """
    single = pies[Y].isna().all() and (pies["replicates"] == 1).all()
    if single:
        pies = pies.assign(**_of_single(pies))
    per_cent = {name: 100 * pies[name] / pies["examples"] for name in (Y, *ENDS)}
    change = 100 * (pies["score_compressed"] - pies["score_baseline"])
    pies = pies.assign(**per_cent, **{X: change}).dropna(subset=[X, Y])
    pairs = pairs_of(pies)
    columns = {1: 1, 2: 2, 3: 3, 4: 2}.get(len(pairs), 4) if pairs else 1
    size = SIZES.get(max(1, len(pairs)), (2.7, 2.1))
    figure, panels = grid(max(1, -(-len(pairs) // columns)), columns, *size)
    for panel in panels.flat[len(pairs) :]:
        panel.set_visible(False)
    drawn = []
    for pair, panel in zip(pairs, panels.flat, strict=False):
        rows = rows_of(pies, pair)
        drawn.append((panel, _draw_pair(panel, rows, colours)))
        shown = f"{rows['examples'].iloc[0]:,} texts, {_members(rows)}"
        panel.set_title(f"{', '.join(pair)} ({shown})")
    names = {measures[dataset] for dataset, _ in pairs}
    score = names.pop() if len(names) == 1 else "Score"
    for panel in panels.flat[: len(pairs)][-columns:]:  # the lowest of each column
        panel.set_xlabel(f"{score} change (points)")
    for panel in panels[:, 0]:
        panel.set_ylabel(f"{'Changed' if single else 'Extra changed'} answers\n(% of texts)")
    legend(figure, _handles(pies) | labelled(panels.flat))
    if engine := figure.get_layout_engine():
        engine.execute(figure)  # room for labels is known in pixels only
    for panel, rows in drawn:
        if len(compressed(rows)) <= MOST_NAMED:
            _name_points(panel, rows, figure.dpi / 72)
    return figure


def _of_single(pies: pd.DataFrame) -> dict[str, pd.Series]:
    """Return the PIEs in place of the excess: one model on each side has no floor."""
    ends = {f"{Y}_{end}": pies[f"pie_share_{end}"] * pies["examples"] for end in ("low", "high")}
    return {Y: pies["pies"], **ends}


def _members(rows: pd.DataFrame) -> str:
    number = rows["replicates"].iloc[0]
    return "one model each" if number == 1 else f"{number} {replicates_of(rows)}"


def _draw_pair(panel: Axes, rows: pd.DataFrame, colours: dict[str, tuple]) -> pd.DataFrame:
    """Draw a panel and return its rows, with where each stands."""
    panel.axhline(0, color="0.5", lw=0.8, zorder=1)
    panel.axvline(0, color="0.5", lw=0.8, zorder=1)
    rows = rows.assign(**{OUTSIDE: _outside(rows)})
    limits = _limits(rows)
    within = [(low + 0.06 * (high - low), high - 0.06 * (high - low)) for low, high in limits]
    rows = rows.assign(
        at_x=rows[X].clip(*within[0]),
        at_y=rows[Y].clip(*within[1]),
        words=[_numbers(row) for row in rows.itertuples()],
    )
    rows[OUTSIDE] = (rows["at_x"] != rows[X]) | (rows["at_y"] != rows[Y])
    for index, (method, colour) in enumerate(colours.items()):
        of_method, marker = rows[rows["method"] == method], MARKERS[index % len(MARKERS)]
        for row in of_method.itertuples():
            _draw_cell(panel, row, colour, marker)
        if len(of_method):
            panel.plot([], [], marker, color=colour, label=method)
    for sure in rows[exceeds_noise_floor(rows) & ~rows[COLLAPSED]].itertuples():
        ring: dict[str, Any] = {"ms": 9, "mfc": "none", "mew": 0.9, "clip_on": False}
        panel.plot(sure.at_x, sure.at_y, "o", color="black", zorder=4, **ring)
    panel.set(xlim=limits[0], ylim=limits[1])
    panel.xaxis.set_major_locator(MaxNLocator(5))
    return rows


def _numbers(row: Any) -> str:
    """Return a cell's two numbers, for one that stands at the edge."""
    change, excess = (f"{getattr(row, name):+.1f}".replace("-", "−") for name in (X, Y))
    return f"{change} points, {excess} %"


def _draw_cell(panel: Axes, row: Any, colour: tuple, marker: str) -> None:
    look: dict[str, Any] = {"color": colour, "zorder": 3}
    if not row.collapsed and not row.outside:
        panel.vlines(row.at_x, *(getattr(row, end) for end in ENDS), lw=1, **look)
    face = "white" if row.collapsed else colour
    panel.plot(row.at_x, row.at_y, marker, mfc=face, clip_on=False, **look)


def _outside(rows: pd.DataFrame) -> pd.Series:
    """Return which cells do not set the limits: collapsed ones, and the few that are far away."""
    outside = rows[COLLAPSED] & ~rows[COLLAPSED].all()
    cells = compressed(rows)
    if len(cells) < FEWEST_TO_CUT:
        return outside
    for column in (X, Y):
        far = cells.loc[~outside[cells.index], column].abs().sort_values()
        for index in far.index[: -1 - int(CUT_SHARE * len(cells)) : -1]:
            rest = far.drop(index)
            rest = rest[rest <= far[index]]
            if len(rest) and far[index] > FAR * max(rest.max(), 1):
                outside = outside | (rows.index == index)
                far = far.drop(index)
            else:
                break
    return outside


def _limits(rows: pd.DataFrame) -> list[tuple[float, float]]:
    """Return the least and the most of both axes that the cells inside need, and 0."""
    kept = rows[~rows[OUTSIDE]]
    limits = []
    for values in (kept[[X]].to_numpy(), kept[[Y, *ENDS]].to_numpy()):
        low, high = min(0.0, np.nanmin(values)), max(0.0, np.nanmax(values))
        room = 0.12 * (high - low) or 1.0
        limits.append((float(low - room), float(high + room)))
    return limits


def _name_points(panel: Axes, rows: pd.DataFrame, unit: float) -> None:
    """Write levels beside their points, and the numbers of those at the edge.

    `unit`: the pixels of a point.
    """
    avoid = []
    for row in rows.itertuples():
        x, y = panel.transData.transform((row.at_x, row.at_y))
        avoid.append(Bbox([(x - 5 * unit, y - 5 * unit), (x + 5 * unit, y + 5 * unit)]))
        if not row.collapsed and not row.outside and not np.isnan(getattr(row, ENDS[0])):
            ends = [panel.transData.transform((row.at_x, getattr(row, end)))[1] for end in ENDS]
            avoid.append(Bbox([(x - unit, ends[0]), (x + unit, ends[1])]))
    cells = compressed(rows).sort_values(OUTSIDE, ascending=False, kind="stable")
    labels = [_label(row) for row in cells.itertuples()]
    place_labels(panel, [label for label in labels if label.text], avoid)


def _label(row: Any) -> Label:
    # Of a level that is not known the legend says all there is
    level = "" if row.level_text == read_level(AS_GIVEN).text else level_name(row.level, row.method)
    words = f"{level}: {row.words}".lstrip(": ") if row.outside else level
    return Label(words, row.at_x, row.at_y)


def _handles(pies: pd.DataFrame) -> dict[str, Artist]:
    """Return what the legend has beside the methods."""
    round_: dict[str, Any] = {"ls": "", "marker": "o", "color": "0.3"}
    handles: dict[str, Artist] = {}
    if (exceeds_noise_floor(pies) & ~pies[COLLAPSED]).any():
        kinds = {kind.partition(" ")[0] for kind in pies["differ_by"]}
        by_itself = BY_ITSELF[kinds.pop()] if len(kinds) == 1 else "retraining"
        handles[f"more than {by_itself} (yes)"] = Line2D(
            [], [], **round_ | {"mfc": "none", "ms": 9, "color": "black"}
        )
    if pies[COLLAPSED].any():
        handles[COLLAPSED] = Line2D([], [], **round_ | {"mfc": "white"})
    return handles
