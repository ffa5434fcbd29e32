"""Figures of classes: their scores, and their PIEs against their frequency.

Means over methods are over pruned cells that work, of the collapsed ones where none does; the
control, which is not compressed, is left out.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from pielab.analysis.classes import frequency_ratios
from pielab.claims.effects import LEAST_RATIO
from pielab.figures.levels import level_axis, said
from pielab.figures.marks import COLLAPSED, HATCH, draw_hollow, name_hatched, working
from pielab.figures.panels import (
    add_note,
    labelled,
    legend,
    level_looks,
    pair_panels,
    pairs_of,
    pruned_rows_of,
    without_panels,
)

MOST_NAMED = 8  # classes whose names or numbers still fit into a panel


def class_score(classes: pd.DataFrame, measures: dict[str, str]) -> Figure:
    """Draw each class's score against level as a heat map, frequent classes at the top.

    Parameters
    ----------
    classes : DataFrame
        classes.csv.
    measures : dict
        The name of the score of each dataset.
    """
    numbers = [pruned_rows_of(classes, pair)["class"].nunique() for pair in pairs_of(classes)]
    heights = np.clip(0.7 + 0.13 * np.array(numbers), 1.5, 12)
    figure, panels = pair_panels(classes, 3.6, list(heights))
    for pair, panel in panels.items():
        part = working(pruned_rows_of(classes, pair))
        part = part.sort_values("train_examples", ascending=False, kind="stable")
        keys = dict(index="class", columns="level", sort=False)
        pruned = part.pivot_table(values="score_compressed", **keys, dropna=False).sort_index(
            axis=1
        )
        before = part.groupby("class", sort=False)["score_baseline"].mean()
        scores = np.column_stack([before, pruned.loc[before.index]])
        shown = panel.pcolormesh(scores, vmin=0, vmax=1, cmap="viridis")
        panel.invert_yaxis()
        counts = part.groupby("class", sort=False)["train_examples"].first()
        names = [f"{name} ({count:,})" for name, count in counts.items()]
        size = min(7, 650 / len(names))  # points
        panel.set_yticks(np.arange(len(names)) + 0.5, names, fontsize=size)
        levels = ["baseline", *(said(level) for level in pruned.columns)]
        panel.set_xticks(np.arange(len(levels)) + 0.5, levels)
        panel.grid(False)
        panel.set_xlabel(level_axis())
        _hatch_levels(panel, part, list(pruned.columns))
        multi_label = measures[pair[0]] != "Accuracy"
        name = "F1 of the class" if multi_label else "Accuracy on the class"
        figure.colorbar(shown, ax=panel, label=name)
        if len(names) <= MOST_NAMED:
            for (row, column), score in np.ndenumerate(scores):
                shade = "black" if score > 0.6 else "white"
                look: dict[str, Any] = {
                    "color": shade,
                    "ha": "center",
                    "va": "center",
                    "fontsize": 6,
                }
                panel.text(column + 0.5, row + 0.5, f"{score:.2f}", **look)
    legend(figure, labelled(panels.values()))
    return figure


def _hatch_levels(panel: Axes, cells: pd.DataFrame, levels: list[float]) -> None:
    """Hatch the columns of levels at which no cell works; the baseline is the first column."""
    for level in cells.loc[cells[COLLAPSED], "level"].unique():
        place = levels.index(level) + 1
        panel.axvspan(place, place + 1, fill=False, alpha=0.6, **HATCH | {"hatch": "//"})
        name_hatched(panel)


def _unbalanced(classes: pd.DataFrame) -> tuple[pd.DataFrame, str]:
    """Return the rows of datasets with rare and frequent classes, and which others are left out."""
    ratios = frequency_ratios(classes)
    even = ratios[ratios < LEAST_RATIO]
    words = "Left out, since all classes are about as frequent: " + ", ".join(even.index)
    return classes[~classes["dataset"].isin(even.index)], words if len(even) else ""


def _scatter(
    panel: Axes, x: Sequence, y: Sequence, level: float, look: dict[str, Any], is_collapsed: bool
) -> None:
    face, colour = "white" if is_collapsed else look["color"], look["color"]
    shape = {"marker": look["marker"], "facecolor": face, "edgecolor": colour}
    panel.scatter(x, y, s=16, label=said(level), **shape)
    if is_collapsed:
        draw_hollow(panel, [np.nan], [np.nan], look["marker"], colour)


def class_pie_rate(classes: pd.DataFrame) -> Figure:
    """Draw the share of PIEs of each class against its frequency, a marker a level.

    Of datasets with rare and frequent classes only.
    """
    classes, left_out = _unbalanced(classes)
    if classes.empty:
        return without_panels(left_out)
    looks = level_looks(classes)
    figure, panels = pair_panels(classes)
    has_names = False
    for pair, panel in panels.items():
        keys = ["train_examples", "class", "level"]
        part = working(pruned_rows_of(classes, pair))
        means = part.groupby(keys)["pie_rate"].mean().unstack("level")
        dead = set(part.loc[part[COLLAPSED], "level"])
        frequency, names = (means.index.get_level_values(key) for key in keys[:2])
        few = len(means) <= MOST_NAMED
        for level, rates in means.items():
            places = range(len(means)) if few else frequency
            _scatter(panel, places, 100 * rates, level, looks[level], level in dead)
        if few:
            has_names = True
            labels = [f"{name} ({count:,})" for name, count in zip(names, frequency, strict=True)]
            places = range(len(means))
            panel.set_xticks(places, labels, rotation=30, ha="right", rotation_mode="anchor")
            panel.margins(x=0.3)
        else:
            panel.set_xscale("log")
            panel.xaxis.set_major_formatter("{x:,.0f}")
            panel.xaxis.set_minor_formatter("")
        panel.set(xlabel="Training examples of the class", ylabel="PIEs (% of its test examples)")
        panel.set_ylim(bottom=0)
    if has_names:
        figure.set_figheight(figure.get_figheight() * 1.25)  # slanted names take room
    legend(figure, labelled(panels.values()), level_axis())
    add_note(figure, left_out)
    return figure


def class_distribution(classes: pd.DataFrame) -> Figure:
    """Draw each class's share of the PIEs against its share of all examples, a marker a level.

    With several labels the shares are of all labels. Only datasets with rare and frequent classes
    are drawn.
    """
    classes, left_out = _unbalanced(classes)
    if classes.empty:
        return without_panels(left_out)
    looks = level_looks(classes)
    figure, panels = pair_panels(classes)
    for pair, panel in panels.items():
        keys = ["class", "level"]
        part = working(pruned_rows_of(classes, pair))
        means = part.groupby(keys)[["example_share", "class_share_of_pies"]].mean() * 100
        dead = set(part.loc[part[COLLAPSED], "level"])
        for level, rows in means.groupby("level"):
            x, y = rows.to_numpy().T
            _scatter(panel, x, y, level, looks[level], level in dead)
        middle = means["example_share"].mean()
        panel.axline((middle, middle), slope=1, ls="--", color="0.5", lw=0.8, label="same share")
        panel.set(xlabel="Class among all test examples (%)", ylabel="Class among PIEs (%)")
    legend(figure, labelled(panels.values()), level_axis())
    add_note(figure, left_out)
    return figure
