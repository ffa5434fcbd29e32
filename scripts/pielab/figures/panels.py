"""What figures are made of: panels by dataset and model, lines a method, one legend below all."""

import textwrap
from collections.abc import Iterable, Iterator, Sequence
from itertools import cycle
from typing import Any

import numpy as np
import pandas as pd
from matplotlib import pyplot as plt
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from pielab.figures.levels import compressed, level_axis, said
from pielab.figures.marks import COLLAPSED, draw_hollow
from pielab.figures.style import level_colours

MARKERS = "osD^vP<Xdh"
PANEL = (3.3, 2.3)  # inches, width and height
FLOOR = "{} (noise floor, half the seeds)"  # in legends, with the name of a baseline
DENSE = "dense"  # a method by name in scores.csv, drawn in black


def pairs_of(table: pd.DataFrame) -> list[tuple[str, str]]:
    """Return the datasets and models of a table, in its order."""
    pairs = table[["dataset", "model"]].drop_duplicates()
    return list(pairs.itertuples(index=False, name=None))


def rows_of(table: pd.DataFrame, pair: tuple[str, str]) -> pd.DataFrame:
    """Return the rows of a dataset and model."""
    return table[(table["dataset"] == pair[0]) & (table["model"] == pair[1])]


def pruned_rows_of(table: pd.DataFrame, pair: tuple[str, str]) -> pd.DataFrame:
    """Return the pruned cells of a dataset and model."""
    return compressed(rows_of(table, pair))


def levels_of(table: pd.DataFrame) -> list[float]:
    """Return the levels of a table's compressed cells, ascending."""
    return sorted(set(table["level"]) - {0})


def grid(
    rows: int, columns: int, width: float, height: float, **options: Any
) -> tuple[Figure, np.ndarray]:
    """Return a figure and its panels, Axes (rows, columns), of so many inches each."""
    size = (width * columns + 0.3, height * rows + 0.5)
    figure, panels = plt.subplots(
        rows, columns, figsize=size, squeeze=False, layout="constrained", **options
    )
    for panel in panels.flat:
        panel.set_axisbelow(True)
    return figure, panels


def pair_panels(
    table: pd.DataFrame,
    width: float = PANEL[0],
    height: float | Sequence[float] = PANEL[1],
    in_a_row: int = 2,
    **options: Any,
) -> tuple[Figure, dict[tuple[str, str], Axes]]:
    """Return a figure, and its titled panels by dataset and model.

    Of a height for each pair the greatest of a row counts; sizes in inches.
    """
    pairs = pairs_of(table)
    heights_of_pairs = np.broadcast_to(height, len(pairs))
    heights = [
        heights_of_pairs[start : start + in_a_row].max() for start in range(0, len(pairs), in_a_row)
    ]
    columns = min(in_a_row, len(pairs))
    figure, panels = grid(
        len(heights), columns, width, float(np.mean(heights)), height_ratios=heights, **options
    )
    for panel in panels.flat[len(pairs) :]:
        panel.set_visible(False)
    used = dict(zip(pairs, panels.flat, strict=False))
    for pair, panel in used.items():
        panel.set_title(", ".join(pair))
    return figure, used


def level_looks(table: pd.DataFrame) -> dict[float, dict[str, Any]]:
    """Return colour and marker of each level: darker the higher, and told apart without hue."""
    colours = level_colours(levels_of(table))
    return {
        level: {"color": colour, "marker": marker}
        for (level, colour), marker in zip(colours.items(), cycle(MARKERS), strict=False)
    }


def label_levels(panel: Axes, levels: Sequence[float]) -> None:
    """Name the x-axis and its places, one for each level."""
    panel.set_xticks(range(len(levels)), [said(level) for level in levels])
    panel.set_xlim(-0.5, len(levels) - 0.5)
    panel.set_xlabel(level_axis())


def label_whole_numbers(panel: Axes) -> None:
    """Put the labels of the x-axis at whole numbers only."""
    panel.xaxis.set_major_locator(MaxNLocator("auto", steps=[1, 2, 2.5, 5, 10], integer=True))


def method_rows(
    cells: pd.DataFrame, colours: dict[str, tuple], by: str = "level"
) -> Iterator[tuple[str, str, pd.DataFrame]]:
    """Yield marker, name and sorted cells of each method, those of `colours` in its order."""
    for index, method in enumerate(colours):
        rows = cells[cells["method"] == method].sort_values(by)
        if len(rows):
            yield MARKERS[index % len(MARKERS)], method, rows


def draw_methods(
    panel: Axes,
    cells: pd.DataFrame,
    column: str,
    colours: dict[str, tuple],
    band: tuple[str, str] | None = None,
) -> None:
    """Draw a line a method against level; what has none is a level, dense dashed, else dotted.

    Parameters
    ----------
    cells : DataFrame
        method, level, collapsed, `column`, and the columns of `band`, the ends of an
        interval.
    colours : dict
        The colour of each method, in the order of their markers.
    """
    levels = levels_of(cells)
    for marker, method, rows in method_rows(cells, colours):
        colour, heights = colours[method], rows[column].to_numpy()
        collapsed = rows[COLLAPSED].to_numpy()
        places: np.ndarray = np.array([levels.index(level) for level in rows["level"] if level])
        ends = [rows[name].to_numpy() for name in band or ()]
        look: dict[str, Any] = {"marker": marker}
        if len(places) < len(rows):
            places = np.array([-0.15, len(levels) - 0.85])
            heights, ends = np.repeat(heights[:1], 2), [np.repeat(end[:1], 2) for end in ends]
            look = {"ls": "--" if method == DENSE else ":", "lw": 1.6}
            collapsed = np.repeat(collapsed[:1], 2)
        panel.plot(places, heights, color=colour, label=method, **look)
        draw_hollow(panel, places[collapsed], heights[collapsed], marker, colour)
        if band:
            panel.fill_between(places, *ends, color=colour, alpha=0.13, lw=0)
    label_levels(panel, levels)


def draw_baselines(
    panel: Axes, cells: pd.DataFrame, column: str, colours: dict[str, tuple], label: str
) -> None:
    """Draw a level of each baseline, dashed, dense in black; `label` has a {} for its name."""
    levels = cells.groupby("baseline", sort=False)[column].mean().dropna()
    for baseline, value in levels.items():
        shade = colours.get(baseline, "black")
        panel.axhline(value, color=shade, ls="--", label=label.format(baseline))


def draw_floors(panel: Axes, cells: pd.DataFrame, colours: dict[str, tuple]) -> None:
    """Draw the noise floor of each baseline, in percent of the examples."""
    shares = cells.assign(floor=100 * cells["noise_floor"] / cells["examples"])
    draw_baselines(panel, shares, "floor", colours, FLOOR)


def labelled(panels: Iterable[Axes]) -> dict[str, Artist]:
    """Return what the panels have drawn by its label, each once."""
    handles: dict[str, Artist] = {}
    for panel in panels:
        drawn, labels = panel.get_legend_handles_labels()
        handles |= dict(zip(labels, drawn, strict=True))
    return handles


def legend(figure: Figure, handles: dict[str, Artist], title: str | None = None) -> None:
    """Put one legend below all panels, in as many columns as fit, collapsed cells last."""
    if not handles:
        return
    if COLLAPSED in handles:
        handles = {name: handles[name] for name in handles if name != COLLAPSED} | {
            COLLAPSED: handles[COLLAPSED]
        }
    width = 0.7 + 0.065 * max(map(len, handles))  # inches, at 8 points
    fitting = max(1, min(len(handles), int(figure.get_figwidth() / width)))
    lines = -(-len(handles) // fitting) + bool(title)
    figure.set_figheight(figure.get_figheight() + 0.16 * max(0, lines - 2))  # inches
    figure.legend(
        handles.values(),
        handles,
        title=title,
        loc="outside lower center",
        ncols=fitting,
        frameon=False,
    )


def add_note(figure: Figure, words: str) -> None:
    """Write words into the corner above all panels, after those that are there."""
    if not words:
        return
    before = figure.get_suptitle()
    width = int(figure.get_figwidth() / 0.052)  # letters of this size in a line
    note = textwrap.fill(f"{before}. {words}".lstrip(". "), width)
    lines = note.count("\n") - before.count("\n") + (not before)
    figure.set_figheight(figure.get_figheight() + 0.12 * lines)  # inches
    figure.suptitle(note, x=0.995, ha="right", fontsize=6.5, color="0.35")


def without_panels(words: str) -> Figure:
    """Return a figure that explains why there is nothing to draw."""
    figure, panels = grid(1, 1, PANEL[0], 0.4)
    panels[0, 0].set_axis_off()
    say(panels[0, 0], words)
    return figure


def say(panel: Axes, words: str) -> None:
    """Write words into the middle of a panel."""
    panel.text(
        0.5,
        0.5,
        textwrap.fill(words, 40),
        ha="center",
        va="center",
        color="0.35",
        transform=panel.transAxes,
        bbox={"fc": "white", "lw": 0},
    )
