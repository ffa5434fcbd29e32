"""Figures of PIE probabilities beside votes: what few seeds know, and where the two disagree.

Tables are those of results/tables, of the test split but for influence.
"""

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from pielab.figures.marks import COLLAPSED, draw_hollow
from pielab.figures.panels import (
    grid,
    label_whole_numbers,
    labelled,
    legend,
    pair_panels,
    pairs_of,
    pruned_rows_of,
    rows_of,
)
from pielab.measures.held_out import JUDGES

SCORES = {"precision": "Average precision", "brier": "Brier score"}
FORECASTS = {"votes": ("0.35", "s--", "vote's PIEs"), "probability": ("C0", "o-", "probability")}
WHAT = {"cells": ("C0", "o"), "classes": ("C1", "s"), "influence bins": ("C2", "^")}


def few_seeds(seeds: pd.DataFrame) -> Figure:
    """Draw how well so many seeds foresee the PIEs of the others, by votes and by probability.

    A line is the mean over pruned cells that work, its band from the worst cell to the best.
    """
    pairs = pairs_of(seeds)
    figure, panels = grid(len(pairs), len(SCORES), 3.3, 1.9)
    for row, pair in zip(panels, pairs, strict=True):
        cells = pruned_rows_of(seeds, pair)
        known = cells[cells["precision_votes"].notna()]
        known = known if known[COLLAPSED].all() else known[~known[COLLAPSED]]
        for panel, score in zip(row, SCORES, strict=True):
            _draw_forecasts(panel, known, score)
            if known.empty:
                _say_why_none(panel, int(cells["seeds"].max()) if len(cells) else 0)
            panel.set(xlabel="Seeds", ylabel=SCORES[score], ylim=(0, None))
        row[0].set_ylabel(f"{', '.join(pair)}\n{row[0].get_ylabel()}")
    legend(figure, labelled(panels.flat))
    return figure


def _draw_forecasts(panel: Axes, cells: pd.DataFrame, score: str) -> None:
    for name, (colour, look, label) in FORECASTS.items():
        groups = cells.groupby("seeds")[f"{score}_{name}"]
        means = groups.mean()
        if len(means):
            panel.plot(means.index, means, look, color=colour, label=label)
            panel.fill_between(means.index, groups.min(), groups.max(), color=colour, alpha=0.13)
            label_whole_numbers(panel)
            if cells[COLLAPSED].all():
                draw_hollow(panel, means.index, means, look[0], colour)


def _say_why_none(panel: Axes, seeds: int) -> None:
    words = f"{seeds} seeds leave too few\nto judge 3 of them:\n{3 + JUDGES} are needed"
    panel.text(0.5, 0.5, words, ha="center", va="center", transform=panel.transAxes)
    panel.set(xticks=[], yticks=[])


def vote_or_probability(pies: pd.DataFrame, classes: pd.DataFrame, bins: pd.DataFrame) -> Figure:
    """Draw the share of PIEs of cells, classes and influence bins, by vote and by probability.

    What lies off the diagonal depends on how PIEs are told.
    """
    figure, panels = pair_panels(pies)
    for pair, panel in panels.items():
        shares = {
            "influence bins": (bins, "pie_share", "pie_share_by_probability"),
            "classes": (classes, "pie_rate", "pie_rate_by_probability"),
            "cells": (_with_share(pies), "pie_share", "expected_share"),
        }
        for name, (table, vote, probability) in shares.items():
            rows = pruned_rows_of(table, pair)
            _draw_shares(panel, rows, vote, probability, name)
        top = max(panel.get_xlim()[1], panel.get_ylim()[1])
        panel.plot([0, top], [0, top], color="0.5", lw=0.8, zorder=1)
        panel.set(xlim=(-0.04 * top, 1.04 * top), ylim=(-0.04 * top, 1.04 * top))
        panel.set(xlabel="PIEs by vote (%)", ylabel="PIEs by probability (%)")
        if rows_of(pies, pair)["expected_pies"].isna().all():
            words = "one seed says nothing\nof how models differ"
            panel.text(0.5, 0.5, words, ha="center", va="center", transform=panel.transAxes)
    legend(figure, labelled(panels.values()))
    return figure


def _with_share(pies: pd.DataFrame) -> pd.DataFrame:
    return pies.assign(expected_share=pies["expected_pies"] / pies["examples"])


def _draw_shares(panel: Axes, rows: pd.DataFrame, vote: str, probability: str, name: str) -> None:
    colour, marker = WHAT[name]
    places, heights = (100 * rows[column].to_numpy() for column in (vote, probability))
    hollow = rows[COLLAPSED].to_numpy(dtype=bool)
    size = 5 if name == "cells" else 3
    panel.plot(places[~hollow], heights[~hollow], marker, color=colour, ms=size, label=name)
    if np.isfinite(heights[hollow]).any():
        draw_hollow(panel, places[hollow], heights[hollow], marker, colour, ms=size)
