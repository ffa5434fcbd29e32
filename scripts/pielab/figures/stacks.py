"""Figures of parts of the PIEs, stacked: kinds of flips, and how sure they are."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Patch

from pielab.figures import palettes
from pielab.figures.levels import compressed
from pielab.figures.marks import COLLAPSED, HATCH, name_hatched, titled
from pielab.figures.panels import (
    draw_floors,
    grid,
    label_levels,
    labelled,
    legend,
    levels_of,
    pairs_of,
    pruned_rows_of,
)
from pielab.stats.confidence import OF_TIER
from pielab.vocabulary import FLIPS, TIER_FDR, TIERS

FLIP_SHADES = {"positive": 2, "both wrong": 7, "negative": 3}  # places in the palette, upwards
TIER_SHADES = dict(zip(OF_TIER.values(), ("#b2182b", "#f4a582", "0.8"), strict=True))


def flips(
    pies: pd.DataFrame, methods: Sequence[str], palette: str, colours: dict[str, tuple]
) -> Figure:
    """Draw the kinds of flips as stacked shares of the test examples, those that there are.

    `colours` are those of the methods, of which one may have a noise floor.
    """
    shown = palettes.color_palette(palette, 8)
    shades = {flip: shown[place] for flip, place in FLIP_SHADES.items()}
    drawn = {flip: FLIPS[flip] for flip in shades if pies[FLIPS[flip]].any()}
    figure, panels, handles = _stack(pies, methods, drawn, shades)
    for (pair, method), panel in panels.items():
        cells = pruned_rows_of(pies, pair)
        draw_floors(panel, cells[cells["method"] == method], colours)
    return _finish(figure, panels, handles)


def tiers(pies: pd.DataFrame, methods: Sequence[str]) -> Figure:
    """Draw how sure the PIEs are as stacked shares of the test examples, a column a method.

    A tier that no number of changed votes could reach, with so few seeds, is left out.
    """
    *surer, noise = TIERS
    least = 2 * 0.5 ** pies["replicates"].max()  # p of a sign test, all seeds changing to one side
    reached = [tier for tier, q in zip(surer, TIER_FDR, strict=True) if least <= q]
    pies = pies.assign(**{noise: pies["pies"] - pies[reached].sum(axis=1)})
    parts = {OF_TIER[tier]: tier for tier in (*reached, noise)}
    figure, panels, handles = _stack(pies, methods, parts, TIER_SHADES)
    return _finish(figure, panels, handles)


def _stack(
    pies: pd.DataFrame, methods: Sequence[str], parts: dict[str, str], shades: dict
) -> tuple[Figure, dict[tuple[tuple[str, str], str], Axes], dict[str, Any]]:
    """Draw parts of the PIEs as stacked shares of the test examples, a column a method.

    Parameters
    ----------
    parts : dict
        The column that holds the count of each part, from the bottom up; `shades` its colour.

    Returns
    -------
    Figure, its panels by pair and method, and what the legend says of the parts.
    """
    pairs, levels = pairs_of(pies), levels_of(pies)
    pruned = set(compressed(pies)["method"])
    shown = [method for method in methods if method in pruned]
    figure, axes = grid(len(pairs), len(shown), 1.35, 1.8, sharey="row")
    panels = {}
    for row, pair in zip(axes, pairs, strict=True):
        cells = pruned_rows_of(pies, pair)
        for panel, method in zip(row, shown, strict=True):
            _draw_bars(panel, cells[cells["method"] == method], levels, parts, shades)
            panel.set_title(titled(method, pies))
            panels[pair, method] = panel
        row[0].set_ylabel(f"{', '.join(pair)}\nPIEs (% of test)")
    return figure, panels, {part: Patch(color=shades[part]) for part in parts}


def _finish(figure: Figure, panels: dict, handles: dict[str, Any]) -> Figure:
    """Return a figure with its legend, from 0 up once all is drawn that the axes must hold."""
    for panel in panels.values():
        panel.set_ylim(bottom=0)
    legend(figure, handles | labelled(panels.values()))
    return figure


def _draw_bars(
    panel: Axes, cells: pd.DataFrame, levels: list[float], parts: dict[str, str], shades: dict
) -> None:
    rows = cells.sort_values("level")
    places = [levels.index(level) for level in rows["level"]]
    base = np.zeros(len(rows))
    hatches = [HATCH["hatch"] if collapsed else "" for collapsed in rows[COLLAPSED]]
    look: dict[str, Any] = HATCH | {"hatch": hatches}
    for part, column in parts.items():
        share = (100 * rows[column] / rows["examples"]).to_numpy()
        panel.bar(places, share, 0.7, bottom=base, color=shades[part], **look)
        base = base + share
    if rows[COLLAPSED].any():
        name_hatched(panel)
    label_levels(panel, levels)
